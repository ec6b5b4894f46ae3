package elastic

import (
	"embed"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// templates holds what setup installs, as people read it; its README says what the keys mean.
//
//go:embed templates/*.yaml
var templates embed.FS

// sheet is one file of templates: fields by type.
type sheet struct {
	Description string                         `yaml:"description"`
	Module      string                         `yaml:"module"`
	Fields      map[string][]string            `yaml:"fields"`
	Joined      map[string]map[string][]string `yaml:"joined"`
	Dynamic     []dynamic                      `yaml:"dynamic"`
}

// dynamic gives a type to fields that no sheet lists.
type dynamic struct {
	Path string `yaml:"path"` // pattern of the whole name
	Name string `yaml:"name"` // pattern of its last part
	Of   string `yaml:"of"`   // what the JSON value is
	As   string `yaml:"as"`
}

func readSheet(name string) (*sheet, error) {
	text, err := templates.ReadFile("templates/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	s := &sheet{}
	if err := yaml.UnmarshalWithOptions(text, s, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read template %s: %w", name, err)
	}
	return s, nil
}

// object is a JSON object on its way to Elasticsearch.
type object = map[string]any

// ignoreAbove is Elasticsearch's usual bound on keywords in characters, and the one for texts that matter as a whole.
// A term of Lucene has 32766 bytes at most; a longer one would cost the document.
const (
	ignoreAbove     = 1024
	ignoreAboveLong = 8191
)

// typeOf makes the mapping of a type as the sheets name it, out of what the server knows.
func (a *abilities) typeOf(name string) object {
	text := "text"
	if a.MatchOnlyText {
		text = "match_only_text"
	}
	words := object{"text": object{"type": text}}
	switch name {
	case "keyword":
		return object{"type": "keyword", "ignore_above": ignoreAbove}
	case "keyword-long":
		return object{"type": "keyword", "ignore_above": ignoreAboveLong}
	case "keyword-text":
		return object{"type": "keyword", "ignore_above": ignoreAbove, "fields": words}
	case "keyword-long-text":
		return object{"type": "keyword", "ignore_above": ignoreAboveLong, "fields": words}
	case "keyword-unindexed":
		return object{"type": "keyword", "index": false, "doc_values": false}
	case "unread":
		return object{"type": "object", "enabled": false}
	case "match_only_text":
		return object{"type": text}
	case "flattened":
		if !a.Flattened {
			return a.typeOf("unread")
		}
		return object{"type": "flattened", "ignore_above": ignoreAboveLong}
	}
	return object{"type": name}
}

// constant makes the mapping of a field that is the same in all documents of a stream.
func (a *abilities) constant(value string) object {
	if !a.ConstantKeyword {
		return a.typeOf("keyword")
	}
	m := object{"type": "constant_keyword"}
	if value != "" {
		m["value"] = value
	}
	return m
}

// mappings makes the mappings of a sheet.
func (s *sheet) mappings(a *abilities) object {
	properties := object{}
	for kind, names := range s.Fields {
		for _, name := range expandAll(names) {
			place(properties, name, a.typeOf(kind))
		}
	}
	for name, fields := range s.Joined {
		place(properties, name, a.joined(fields))
	}
	m := object{"properties": properties}
	if len(s.Dynamic) > 0 {
		m["dynamic_templates"] = s.dynamicTemplates(a)
	}
	return m
}

// joined makes an object whose members have dots in their names. A server that cannot keep them finds their types out.
func (a *abilities) joined(fields map[string][]string) object {
	if !a.Subobjects {
		return object{"type": "object", "properties": object{"flattened": a.typeOf("flattened")}}
	}
	properties := object{}
	for kind, names := range fields {
		for _, name := range expandAll(names) {
			properties[name] = a.typeOf(kind)
		}
	}
	return object{"type": "object", "subobjects": false, "properties": properties}
}

func (s *sheet) dynamicTemplates(a *abilities) []object {
	var list []object
	for _, d := range s.Dynamic {
		rule := object{"match_mapping_type": d.Of, "mapping": a.typeOf(d.As)}
		name := d.Of
		if d.Name != "" {
			name, rule["match"] = d.Name, d.Name
		}
		if d.Path != "" {
			name, rule["path_match"] = d.Path, d.Path
		}
		list = append(list, object{"idwatch " + name + " as " + d.As: rule})
	}
	return list
}

// place puts a field where its name says, making the objects on the way.
func place(properties object, name string, mapping object) {
	for {
		first, rest, nested := strings.Cut(name, ".")
		if !nested {
			properties[first] = mapping
			return
		}
		inner, ok := properties[first].(object)
		if !ok {
			inner = object{"properties": object{}}
			properties[first] = inner
		}
		properties, name = inner["properties"].(object), rest
	}
}

// expandAll writes out all names of a list.
func expandAll(names []string) (all []string) {
	for _, name := range names {
		all = append(all, expand(name)...)
	}
	return all
}

// expand writes out a.{b,c} as a.b and a.c.
func expand(name string) []string {
	before, rest, ok := strings.Cut(name, "{")
	if !ok {
		return []string{name}
	}
	choices, after, _ := strings.Cut(rest, "}")
	var all []string
	for _, choice := range strings.Split(choices, ",") {
		for _, tail := range expand(after) {
			all = append(all, before+choice+tail)
		}
	}
	return all
}
