package config

import (
	"reflect"
	"strings"
)

// field is one key of a mapping, as the struct tags say it.
type field struct {
	key      string
	def      string
	doc      string
	enum     []string
	min, max string
	need     bool   // must be there, and not empty
	unused   bool   // accepted, without effect in this version
	file     string // "file" or "dir": what the value must name on this machine
	index    []int  // in the struct; nil when it has no place there
}

// fieldsOf reads the tags of a struct type.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		key, ok := tag.Lookup("key")
		if t.Field(i).Anonymous {
			fields = append(fields, inner(t.Field(i).Type, i)...)
		}
		if !ok {
			continue
		}
		f := field{key: key, def: tag.Get("default"), doc: tag.Get("doc"), min: tag.Get("min"), max: tag.Get("max"),
			need: tag.Get("need") != "", unused: tag.Get("unused") != "", file: tag.Get("file"), index: []int{i}}
		if enum := tag.Get("enum"); enum != "" {
			f.enum = strings.Split(enum, "|")
		}
		fields = append(fields, f)
	}
	return fields
}

// inner returns the keys of a struct that stands in the ith place of another, whose keys they are.
func inner(t reflect.Type, i int) []field {
	fields := fieldsOf(t)
	for j := range fields {
		fields[j].index = append([]int{i}, fields[j].index...)
	}
	return fields
}

// visit calls see for each key below v that holds a value of its own, inputs left out.
func visit(v reflect.Value, path string, see func(path string, f field, v reflect.Value)) {
	for _, f := range fieldsOf(v.Type()) {
		at := join(path, f.key)
		switch value := v.FieldByIndex(f.index); {
		case value.Type() == inputList, isMappings(value.Type()):
		case value.Kind() == reflect.Struct:
			visit(value, at, see)
		default:
			see(at, f, value)
		}
	}
}

var inputList = reflect.TypeFor[[]Input]()

// isMappings reports whether a type is a list of mappings that all have the same keys.
func isMappings(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct
}

// setDefaults fills a struct from its default tags.
func setDefaults(into any) {
	visit(reflect.ValueOf(into).Elem(), "", func(path string, f field, v reflect.Value) {
		if f.def == "" {
			return
		}
		if problem := setText(v, f, f.def); problem != "" {
			panic("default of " + path + ": " + problem) // a tag of this package is wrong: the tests see it
		}
	})
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Key documents one key of the configuration.
type Key struct {
	Path    string // such as "outputs.file.path"; keys of inputs have their type in it: "inputs[file].path"
	Type    string // what a value looks like
	Default string // "" for none
	Doc     string // one or two sentences
}

// Keys returns every key in the order of the documentation.
func Keys() []Key {
	keys := keysOf(reflect.TypeFor[Config](), "")
	for _, t := range inputTypes {
		keys = append(keys, keysOf(reflect.TypeOf(t.make()).Elem(), "inputs["+t.name+"]")...)
	}
	return keys
}

func keysOf(t reflect.Type, path string) []Key {
	var keys []Key
	for _, f := range fieldsOf(t) {
		at, ft := join(path, f.key), t.FieldByIndex(f.index).Type
		switch {
		case ft == inputList:
			keys = append(keys, Key{at, "list", "", f.doc}, inputTypeKey(at))
		case isMappings(ft):
			keys = append(keys, Key{at, "list", "", f.doc})
			keys = append(keys, keysOf(ft.Elem(), at+"[]")...)
		case ft.Kind() == reflect.Struct:
			keys = append(keys, keysOf(ft, at)...)
		default:
			keys = append(keys, Key{at, typeName(ft, f), f.def, docOf(f)})
		}
	}
	return keys
}

func inputTypeKey(path string) Key {
	return Key{path + "[].type", strings.Join(inputNames(), " | "), "", "What kind of input it is; decides which other keys it has."}
}

func docOf(f field) string {
	if f.unused {
		return f.doc + " Accepted, without effect in this version."
	}
	return f.doc
}

// Unused returns the keys of the file that this version accepts but does not act on, so that nobody relies on them.
func (c *Config) Unused() []string {
	var unused []string
	visit(reflect.ValueOf(c).Elem(), "", func(path string, f field, _ reflect.Value) {
		if f.unused && c.Named(path) {
			unused = append(unused, path)
		}
	})
	return unused
}
