// Package oracletest reads Sigma rules slowly and plainly, from the specification alone. It is what the compiled matcher is
// held against in tests, and shares no code with it.
package oracletest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// object is a JSON object whose members stand in the order of the text.
type object []member

type member struct {
	key   string
	value any
}

// decode reads one JSON text. Values are object, []any, string, json.Number, bool and nil.
func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := decodeValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return v, nil
}

func decodeValue(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		o := object{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := decodeValue(d)
			if err != nil {
				return nil, err
			}
			o = o.with(key.(string), v)
		}
		_, err := d.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := decodeValue(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	return t, nil
}

// with sets a member. Of equal keys the last one counts, at the place of the first, as Elasticsearch gets the record.
func (o object) with(key string, v any) object {
	for i := range o {
		if o[i].key == key {
			o[i].value = v
			return o
		}
	}
	return append(o, member{key, v})
}

// compact is the JSON text of a value: members in the record's order, no spaces, nothing escaped that need not be.
func compact(v any) string {
	var b strings.Builder
	writeCompact(&b, v)
	return b.String()
}

func writeCompact(b *strings.Builder, v any) {
	switch v := v.(type) {
	case object:
		b.WriteByte('{')
		for i, m := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quoted(m.key) + ":")
			writeCompact(b, m.value)
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			writeCompact(b, e)
		}
		b.WriteByte(']')
	case string:
		b.WriteString(quoted(v))
	case json.Number:
		b.WriteString(v.String())
	case bool:
		b.WriteString(textOf(v))
	default:
		b.WriteString("null")
	}
}

func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// lookup finds the values at a path, null among them. An array on the way means any of its elements.
func lookup(v any, path []string, same func(a, b string) bool) []any {
	if len(path) == 0 {
		return []any{v}
	}
	switch v := v.(type) {
	case []any:
		var found []any
		for _, e := range v {
			found = append(found, lookup(e, path, same)...)
		}
		return found
	case object:
		for n := len(path); n > 0; n-- { // the longest key first: keys may hold dots themselves
			key := strings.Join(path[:n], ".")
			for _, m := range v { // the first that leads on, where keys differ in case alone
				if !same(m.key, key) {
					continue
				}
				if found := lookup(m.value, path[n:], same); len(found) > 0 {
					return found
				}
			}
		}
	}
	return nil
}

// scalars are what a value can be compared with: itself, an object's or array's JSON text, and whatever an array holds.
func scalars(v any) []any {
	switch v := v.(type) {
	case object:
		return []any{compact(v)}
	case []any:
		all := []any{compact(v)}
		for _, e := range v {
			all = append(all, scalars(e)...)
		}
		return all
	}
	return []any{v}
}

// leaves lists the texts of all values in a record, not of its keys.
func leaves(v any) []string {
	switch v := v.(type) {
	case object:
		var all []string
		for _, m := range v {
			all = append(all, leaves(m.value)...)
		}
		return all
	case []any:
		var all []string
		for _, e := range v {
			all = append(all, leaves(e)...)
		}
		return all
	case nil:
		return nil
	}
	return []string{textOf(v)}
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

// isAny reports whether one of the values is as asked.
func isAny(values []any, is func(any) bool) bool { return slices.ContainsFunc(values, is) }
