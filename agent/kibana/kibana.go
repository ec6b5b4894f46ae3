// Package kibana makes and installs what analysts look at in Kibana: data views, saved searches, dashboards, and the rule that
// raises our alerts in Kibana Security.
package kibana

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// object is a JSON object on its way to Kibana.
type object = map[string]any

// reference says which saved object another one uses.
type reference struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

// savedObject is one line of what Kibana imports.
// https://www.elastic.co/docs/api/doc/kibana/operation/operation-post-saved-objects-import
type savedObject struct {
	ID         string      `json:"id"`
	Type       string      `json:"type"`
	Attributes object      `json:"attributes"`
	References []reference `json:"references"`
	// Core and Version name the form of the object: Kibana brings an older one up to date and refuses a newer one.
	Core    string `json:"coreMigrationVersion"`
	Version string `json:"typeMigrationVersion"`
}

// The forms of Kibana 8.9, which every later 8 and 9 reads.
const coreForm = "8.8.0"

var forms = map[string]string{"index-pattern": "8.0.0", "search": "8.0.0", "dashboard": "8.9.0"}

// idPrefix keeps our objects apart from all others, and makes a second installation replace the first.
const idPrefix = "idwatch-"

func newObject(kind, id string, attributes object, references []reference) savedObject {
	if references == nil {
		references = []reference{}
	}
	return savedObject{ID: idPrefix + id, Type: kind, Attributes: attributes, References: references, Core: coreForm, Version: forms[kind]}
}

// savedObjects are all of them, those that others refer to first.
func savedObjects() ([]savedObject, error) {
	views, err := Views()
	if err != nil {
		return nil, err
	}
	searches, err := Searches()
	if err != nil {
		return nil, err
	}
	dashboards, err := Dashboards()
	if err != nil {
		return nil, err
	}
	var all []savedObject
	for _, v := range views {
		all = append(all, newObject("index-pattern", v.ID, object{
			"title": v.Title, "name": v.Name, "timeFieldName": "@timestamp", "allowNoIndex": true,
		}, nil))
	}
	for _, s := range searches {
		all = append(all, s.object())
	}
	for _, d := range dashboards {
		o, err := d.object()
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", d.ID, err)
		}
		all = append(all, o)
	}
	return all, nil
}

// SavedObjects is the file that Kibana imports: one object a line.
func SavedObjects() ([]byte, error) {
	all, err := savedObjects()
	if err != nil {
		return nil, err
	}
	return lines(all)
}

// lines writes each item as one line of JSON.
func lines[T any](items []T) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for _, item := range items {
		if err := enc.Encode(item); err != nil {
			return nil, fmt.Errorf("write saved objects: %w", err)
		}
	}
	return out.Bytes(), nil
}

// text is JSON within JSON, as saved objects keep much of themselves.
func text(v any) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // only maps, lists and texts come here
	}
	return string(bytes.TrimSpace(out.Bytes()))
}

// kql is a query in Kibana's own language.
func kql(query string) object { return object{"language": "kuery", "query": query} }

// object makes the saved search.
func (s *Search) object() savedObject {
	const index = "kibanaSavedObjectMeta.searchSourceJSON.index"
	return newObject("search", s.ID, object{
		"title": s.Title, "description": s.Description, "columns": s.Columns, "sort": [][]string{{"@timestamp", "desc"}},
		"grid": object{}, "hideChart": false, "isTextBasedQuery": false, "timeRestore": false, "version": 1,
		"kibanaSavedObjectMeta": object{"searchSourceJSON": text(object{"query": kql(s.Query), "filter": []any{}, "indexRefName": index})},
	}, []reference{{idPrefix + s.View, index, "index-pattern"}})
}
