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
	// Aliases says at which paths of a record a field of the rules stands beside its own name; may be nil.
	Aliases func(field string) []string

	searches   map[string]func(record any) bool
	names      []string
	conditions []condition
	document   yaml.MapSlice
}

// Parse reads the detection of a rule from a generic YAML document.
func (r *Rule) Parse(document yaml.MapSlice) error {
	r.document = document
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
	path := strings.Split(field, ".")
	if found := lookup(record, path, func(a, b string) bool { return a == b }); len(found) > 0 {
		return found
	}
	if found := lookup(record, path, strings.EqualFold); len(found) > 0 {
		return found
	}
	if r.Aliases == nil {
		return nil
	}
	var found []any
	for _, other := range r.Aliases(field) {
		found = append(found, lookup(record, strings.Split(other, "."), strings.EqualFold)...)
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
