package elastic

import (
	"fmt"
	"strings"
	"time"
)

const (
	namePrefix      = "idwatch-"
	customComponent = "idwatch@custom"
	policyName      = "idwatch"
	managedBy       = "idwatch"

	// priority stands above the template "logs" that comes with Elasticsearch (100) and below those of integrations (200).
	priority = 150

	// maxFields is how many fields a stream may have: what CloudTrail and Entra add by themselves has no other bound.
	maxFields = 2000
)

// piece is one thing to install.
type piece struct {
	folder string // where --output puts it
	name   string
	path   string // of the request that installs it
	body   object
}

// plan makes all that is to be installed for the data streams, in order: what others refer to comes first.
func plan(datasets []string, a *abilities, retention time.Duration) ([]piece, error) {
	var pieces []piece
	if a.ILM {
		pieces = append(pieces, piece{"ilm-policy", policyName, "/_ilm/policy/" + policyName, policy(retention)})
	}
	pieces = append(pieces, component("settings", object{
		"template": object{"settings": settings(a)},
		"_meta":    meta("Settings of all data streams of idwatch"),
	}))
	for _, name := range []string{"ecs", "idwatch"} {
		s, err := readSheet(name)
		if err != nil {
			return nil, err
		}
		mappings := s.mappings(a)
		mappings["date_detection"] = false // a text that looks like a date today may not do so tomorrow
		pieces = append(pieces, component(name, object{"template": object{"mappings": mappings}, "_meta": meta(s.Description)}))
	}
	for _, dataset := range datasets {
		stream, err := stream(dataset, a, retention)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, stream...)
	}
	return pieces, nil
}

// stream makes the component of a data stream's own fields, and the index template.
func stream(dataset string, a *abilities, retention time.Duration) ([]piece, error) {
	s, err := readSheet(dataset)
	if err != nil {
		return nil, err
	}
	mappings := s.mappings(a)
	for name, value := range map[string]string{
		"data_stream.type": "logs", "data_stream.dataset": dataset, "data_stream.namespace": "",
		"event.dataset": dataset, "event.module": s.Module,
	} {
		place(mappings["properties"].(object), name, a.constant(value))
	}
	own := component(dataset, object{"template": object{"mappings": mappings}, "_meta": meta(s.Description)})
	body := object{
		"index_patterns": []string{"logs-" + dataset + "-*"},
		"priority":       priority,
		"data_stream":    object{},
		"composed_of":    components(dataset, a),
		"_meta":          meta("Data stream " + dataset),
	}
	if a.MissingOK {
		body["ignore_missing_component_templates"] = []string{customComponent}
	}
	if a.Lifecycle && !a.ILM {
		body["template"] = object{"lifecycle": object{"data_retention": days(retention)}}
	}
	name := namePrefix + "logs-" + dataset
	return []piece{own, {"index-template", name, "/_index_template/" + name, body}}, nil
}

// components are put together in this order: of dynamic templates the first that fits counts, of all else the last.
func components(dataset string, a *abilities) []string {
	list := []string{namePrefix + "settings", namePrefix + dataset, namePrefix + "idwatch", namePrefix + "ecs"}
	if a.MissingOK {
		list = append(list, customComponent)
	}
	return list
}

func component(name string, body object) piece {
	name = namePrefix + name
	return piece{"component-template", name, "/_component_template/" + name, body}
}

func settings(a *abilities) object {
	s := object{
		"index.mapping.ignore_malformed":   true,
		"index.mapping.total_fields.limit": maxFields,
	}
	if a.IgnoreBeyond {
		s["index.mapping.total_fields.ignore_dynamic_beyond_limit"] = true
	}
	if a.ILM {
		s["index.lifecycle.name"] = policyName
	}
	return s
}

func policy(retention time.Duration) object {
	return object{"policy": object{
		"_meta": meta("Life of the data streams of idwatch"),
		"phases": object{
			"hot": object{"actions": object{
				"rollover": object{"max_primary_shard_size": "50gb", "max_age": "30d"},
			}},
			"delete": object{"min_age": days(retention), "actions": object{"delete": object{}}},
		},
	}}
}

func meta(description string) object {
	return object{"managed_by": managedBy, "description": description}
}

func days(d time.Duration) string { return fmt.Sprintf("%dd", max(1, int(d/(24*time.Hour)))) }

// matches reports whether an index pattern, in which * stands for anything, fits a name.
func matches(pattern, name string) bool {
	before, after, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, before)
	for ; ok; rest = rest[1:] {
		if matches(after, rest) {
			return true
		}
		if rest == "" {
			return false
		}
	}
	return false
}
