package oracletest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// Places are tables of aliases: where records have fields that rules call by another name. The user's manual describes their form.
type Places struct{ tables []yaml.MapSlice }

// ParsePlaces reads tables of aliases as generic YAML.
func ParsePlaces(text []byte) (*Places, error) {
	p := &Places{}
	return p, yaml.UnmarshalWithOptions(text, &p.tables, yaml.UseOrderedMap())
}

// texts reads one text or a list of them.
func textsOf(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		var all []string
		for _, e := range v {
			all = append(all, fmt.Sprint(e))
		}
		return all
	}
	return []string{fmt.Sprint(v)}
}

// find returns what stands for a field of a log source, and what a star in its name stands for.
func (p *Places) find(product, service, field string) (found any, star string) {
	if p == nil {
		return nil, ""
	}
	for _, t := range p.tables {
		services := textsOf(at(t, "service"))
		if at(t, "product") != product || len(services) > 0 && !containsText(services, service) {
			continue
		}
		fields, _ := at(t, "fields").(yaml.MapSlice)
		for _, f := range fields {
			name := fmt.Sprint(f.Key)
			if strings.EqualFold(name, field) {
				return f.Value, ""
			}
			if prefix, ok := strings.CutSuffix(name, "*"); ok && len(field) > len(prefix) && strings.EqualFold(field[:len(prefix)], prefix) {
				return f.Value, field[len(prefix):]
			}
		}
	}
	return nil, ""
}

func containsText(texts []string, text string) bool {
	for _, t := range texts {
		if t == text {
			return true
		}
	}
	return false
}

// lookPlaces lists the values at the places of an alias, and reports whether they go before the record's own field.
func (r *Rule) lookPlaces(record any, found any, star string) (values []any, instead bool) {
	every := false
	if m, ok := found.(yaml.MapSlice); ok && at(m, "any") != nil {
		every, instead, found = true, at(m, "instead") == true, at(m, "any")
	}
	places, isList := found.([]any)
	if !isList {
		places = []any{found}
	}
	for _, place := range places {
		some := r.lookPlace(record, place, star)
		if !isAny(some, func(v any) bool { return v != nil }) {
			continue
		}
		values = append(values, some...)
		if !every {
			break
		}
	}
	return values, instead
}

// lookPlace lists the values at one place, called as rules call them.
func (r *Rule) lookPlace(record, place any, star string) []any {
	m, isMap := place.(yaml.MapSlice)
	if !isMap {
		m = yaml.MapSlice{{Key: "path", Value: place}}
	}
	starred := func(key string) string { return strings.Replace(fmt.Sprint(at(m, key)), "*", star, 1) }
	var values []any
	switch {
	case at(m, "value") != nil:
		return []any{fmt.Sprint(at(m, "value"))}
	case at(m, "ecs") != nil:
		return nil // of the event's document, which there is none of here
	case at(m, "list") != nil:
		for _, v := range spread(r.own(record, starred("list"))) {
			pair, ok := v.(object)
			if !ok || !strings.EqualFold(textOf(first(pair, fmt.Sprint(at(m, "key")))), starred("is")) {
				continue
			}
			for _, one := range pair {
				if one.key == at(m, "member") {
					values = append(values, one.value)
				}
			}
		}
	default:
		values = r.own(record, starred("path"))
	}
	var named []any
	for _, v := range values {
		for _, s := range spread([]any{v}) {
			named = append(named, calledByRules(m, s))
		}
	}
	if len(named) == 0 && at(m, "absent") != nil {
		named = []any{fmt.Sprint(at(m, "absent"))}
	}
	return named
}

func first(o object, key string) any {
	for _, m := range o {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// spread lists values and what arrays among them hold.
func spread(values []any) []any {
	var all []any
	for _, v := range values {
		if list, ok := v.([]any); ok {
			all = append(all, spread(list)...)
		}
		all = append(all, v)
	}
	return all
}

// calledByRules makes of a record's value what rules call it.
func calledByRules(m yaml.MapSlice, v any) any {
	text := ""
	switch s := v.(type) {
	case string:
		text = s
	case bool, json.Number:
		text = textOf(s)
	default:
		return v
	}
	if n := len(text); at(m, "unquote") == true && n >= 2 && text[0] == '"' && text[n-1] == '"' {
		text = text[1 : n-1]
		v = text
	}
	if cut, ok := at(m, "cut").(string); ok {
		if before, _, found := strings.Cut(text, cut); found {
			text, v = before, any(before)
		}
	}
	if names, ok := at(m, "values").(yaml.MapSlice); ok {
		for _, n := range names {
			if strings.EqualFold(fmt.Sprint(n.Key), text) {
				return fmt.Sprint(n.Value)
			}
		}
	}
	if others := at(m, "others"); others != nil {
		return fmt.Sprint(others)
	}
	return v
}

// putAliased sets a value at the first place that an alias of the field names, called as records call it.
func (g *Generator) putAliased(o object, field string, path []string, v any) object {
	found, star := g.rule.Places.find(g.rule.product, g.rule.service, field)
	if m, ok := found.(yaml.MapSlice); ok && at(m, "any") != nil {
		found = at(m, "any")
	}
	if list, ok := found.([]any); ok && len(list) > 0 {
		found = list[g.IntN(len(list))]
	}
	place, isMap := found.(yaml.MapSlice)
	if text, ok := found.(string); ok {
		place, isMap = yaml.MapSlice{{Key: "path", Value: text}}, true
	}
	if !g.Aliased || !isMap || at(place, "path") == nil {
		return g.put(o, path, v)
	}
	names, _ := at(place, "values").(yaml.MapSlice)
	for _, n := range names {
		if text, ok := v.(string); ok && strings.EqualFold(fmt.Sprint(n.Value), text) {
			v = fmt.Sprint(n.Key)
		}
	}
	where := strings.Replace(fmt.Sprint(at(place, "path")), "*", star, 1)
	return g.put(o, strings.Split(where, "."), v)
}
