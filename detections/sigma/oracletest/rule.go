package oracletest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// Rule is a Sigma rule, read but not prepared in any way.
type Rule struct {
	// Placeholders are the values of %name%.
	Placeholders map[string][]string
	// Places says where records have fields that rules call by another name; may be nil.
	Places *Places

	product, service string // of the log source
	searches         map[string]func(record any) bool
	names            []string
	conditions       []condition
	document         yaml.MapSlice
}

// Parse reads the detection of a rule from a generic YAML document.
func (r *Rule) Parse(document yaml.MapSlice) error {
	r.document = document
	if source, ok := at(document, "logsource").(yaml.MapSlice); ok {
		r.product, r.service = strings.Join(textsOf(at(source, "product")), ""), strings.Join(textsOf(at(source, "service")), "")
	}
	detection, ok := at(document, "detection").(yaml.MapSlice)
	if !ok {
		return fmt.Errorf("detection: is missing")
	}
	r.searches = map[string]func(any) bool{}
	for _, m := range detection {
		id := fmt.Sprint(m.Key)
		if id == "condition" || id == "timeframe" {
			continue
		}
		search, err := r.search(m.Value)
		if err != nil {
			return fmt.Errorf("detection.%s: %w", id, err)
		}
		r.searches[id] = search
		r.names = append(r.names, id)
	}
	texts, isList := at(detection, "condition").([]any)
	if !isList {
		texts = []any{at(detection, "condition")}
	}
	for _, text := range texts {
		c, err := parseCondition(fmt.Sprint(text), r.names)
		if err != nil {
			return err
		}
		r.conditions = append(r.conditions, c)
	}
	return nil
}

func at(m yaml.MapSlice, key string) any {
	for _, i := range m {
		if i.Key == key {
			return i.Value
		}
	}
	return nil
}

// search reads what stands under a search identifier: a map is AND, a list is OR, texts in a list are keywords.
func (r *Rule) search(v any) (func(any) bool, error) {
	switch v := v.(type) {
	case yaml.MapSlice:
		var items []*item
		for _, m := range v {
			i, err := r.parseItem(fmt.Sprint(m.Key), m.Value)
			if err != nil {
				return nil, err
			}
			items = append(items, i)
		}
		return func(record any) bool {
			return !slices.ContainsFunc(items, func(i *item) bool { return !i.match(record) })
		}, nil
	case []any:
		var parts []func(any) bool
		for _, e := range v {
			part, err := r.search(e)
			if err != nil {
				return nil, err
			}
			parts = append(parts, part)
		}
		return func(record any) bool {
			return slices.ContainsFunc(parts, func(p func(any) bool) bool { return p(record) })
		}, nil
	}
	i, err := r.parseItem("", v)
	if err != nil {
		return nil, err
	}
	return i.match, nil
}

// find lists what a record holds at a field: by its exact name, else without regard to case, else by alias.
func (r *Rule) find(record any, field string) []any {
	alias, star := r.Places.find(r.product, r.service, field)
	var others []any
	if alias != nil {
		var instead bool
		if others, instead = r.lookPlaces(record, alias, star); instead && len(others) > 0 {
			return others
		}
	}
	if found := r.own(record, field); len(found) > 0 {
		return found
	}
	return others
}

// own lists what a record holds at a path of its own. Entra's records from Graph have at the top what others have below properties.
func (r *Rule) own(record any, field string) []any {
	path := strings.Split(field, ".")
	found := lookup(record, path, func(a, b string) bool { return a == b })
	if len(found) == 0 {
		found = lookup(record, path, strings.EqualFold)
	}
	o, _ := record.(object)
	wrapped := false
	for _, m := range o {
		wrapped = wrapped || m.key == "properties"
	}
	if len(found) == 0 && path[0] == "properties" && len(path) > 1 && r.product == "azure" && !wrapped {
		return r.own(record, strings.Join(path[1:], "."))
	}
	return found
}

// Match reports whether a record, one JSON text, meets the rule.
func (r *Rule) Match(text []byte) (bool, error) {
	record, err := decode(text)
	if err != nil {
		return false, err
	}
	return r.meets(record), nil
}

func (r *Rule) meets(record any) bool {
	met := func(id string) bool { return r.searches[id](record) }
	return slices.ContainsFunc(r.conditions, func(c condition) bool { return c(met) })
}

// Documents reads the YAML documents of a file as generic values, with the order of their keys.
func Documents(text []byte) ([]yaml.MapSlice, error) {
	var all []yaml.MapSlice
	for part := range strings.SplitSeq("\n"+string(text), "\n---") {
		var document yaml.MapSlice
		if err := yaml.UnmarshalWithOptions([]byte(part), &document, yaml.UseOrderedMap()); err != nil {
			return nil, err
		}
		if len(document) > 0 {
			all = append(all, document)
		}
	}
	return all, nil
}
