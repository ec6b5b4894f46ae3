package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// YAML returns the configuration as a file with every key in it. Parse reads it back as the same configuration.
func (c *Config) YAML() []byte {
	e := &encoder{}
	e.mapping(reflect.ValueOf(c).Elem(), "", func(path string) bool {
		switch path {
		case "outputs.elasticsearch":
			return c.ToElasticsearch()
		case "outputs.file":
			return c.Outputs.File.named
		}
		return true
	})
	return e.Bytes()
}

// encoder writes what decoder reads, two spaces for each level.
type encoder struct{ bytes.Buffer }

// mapping writes the keys of a struct; in says whether a nested mapping is there at all.
func (e *encoder) mapping(v reflect.Value, path string, in func(path string) bool) {
	for _, f := range fieldsOf(v.Type()) {
		at, value := join(path, f.key), v.FieldByIndex(f.index)
		indent := strings.Repeat("  ", strings.Count(at, "."))
		switch {
		case value.Type() == inputList:
			e.inputs(value.Interface().([]Input))
		case isMappings(value.Type()):
			e.mappings(indent, f.key, value)
		case value.Kind() != reflect.Struct:
			fmt.Fprintf(e, "%s%s: %s\n", indent, f.key, scalarYAML(value))
		case in(at):
			fmt.Fprintf(e, "%s%s:\n", indent, f.key)
			e.mapping(value, at, in)
		}
	}
}

func (e *encoder) inputs(inputs []Input) {
	e.WriteString("inputs:\n")
	for _, in := range inputs {
		fmt.Fprintf(e, "  - type: %s\n", in.Type())
		visit(reflect.ValueOf(in).Elem(), "", func(key string, f field, v reflect.Value) {
			if f.enum != nil && v.IsZero() {
				return // none of the words: the key is not there
			}
			fmt.Fprintf(e, "    %s: %s\n", key, scalarYAML(v))
		})
	}
}

// mappings writes a list of mappings that all have the same keys.
func (e *encoder) mappings(indent, key string, list reflect.Value) {
	if list.Len() == 0 {
		fmt.Fprintf(e, "%s%s: []\n", indent, key)
		return
	}
	fmt.Fprintf(e, "%s%s:\n", indent, key)
	for i := range list.Len() {
		mark := "- "
		for _, f := range fieldsOf(list.Type().Elem()) {
			fmt.Fprintf(e, "%s  %s%s: %s\n", indent, mark, f.key, scalarYAML(list.Index(i).FieldByIndex(f.index)))
			mark = "  "
		}
	}
}

// scalarYAML writes text as JSON, which YAML reads the same and where nothing needs a second thought about quotes.
func scalarYAML(v reflect.Value) string {
	switch value := v.Interface().(type) {
	case string:
		return quote(value)
	case []string:
		quoted := make([]string, len(value))
		for i, s := range value {
			quoted[i] = quote(s)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	}
	return textOf(v)
}

func quote(text string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(escape(text)); err != nil {
		return `""` // unreachable: a string can always be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}
