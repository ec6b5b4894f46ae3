package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"github.com/idwatch/idwatch/agent/strict"
)

// decoder walks the tree of a YAML document along the schema and collects what is wrong with it. It goes no deeper
// than the schema, and YAML's anchors, aliases, merges and tags are refused, so nothing can multiply.
type decoder struct {
	file  string
	env   lookup
	lines map[string]int // key path to line, of every key and list element seen
	errs  Errors
}

func (d *decoder) fail(node ast.Node, path, problem string) {
	d.errs = append(d.errs, Error{File: d.file, Line: strict.LineOf(node), Key: path, Problem: problem})
}

// mapping fills a struct from a mapping; a key without a value is a mapping with no keys.
func (d *decoder) mapping(node ast.Node, path string, fields []field, into reflect.Value) {
	if m, ok := node.(ast.MapNode); ok {
		for pairs := m.MapRange(); pairs.Next(); {
			d.pair(pairs.Key(), pairs.Value(), path, into, fields)
		}
	} else if node.Type() != ast.NullType {
		d.fail(node, path, "want a mapping of keys, got "+kindOf(node))
		return
	}
	for _, f := range fields {
		if at := join(path, f.key); f.need && d.lines[at] == 0 {
			d.errs = append(d.errs, Error{File: d.file, Line: max(d.lines[path], 1), Key: at, Problem: "is missing"})
		}
	}
}

// pair reads one key and its value; odd, repeated and unknown keys are errors.
func (d *decoder) pair(key ast.MapKeyNode, value ast.Node, path string, into reflect.Value, fields []field) {
	s, ok := key.(*ast.StringNode)
	if !ok || !isPlainKey(s.Value) {
		d.fail(key, path, "has a key that is not a plain word")
		return
	}
	at := join(path, s.Value)
	if first := d.lines[at]; first > 0 {
		d.fail(key, at, fmt.Sprintf("is there twice, first in line %d", first))
		return
	}
	d.lines[at] = strict.LineOf(key)
	i := slices.IndexFunc(fields, func(f field) bool { return f.key == s.Value })
	switch {
	case i < 0:
		d.fail(key, at, "unknown key"+hint(s.Value, keyNames(fields)))
	case fields[i].index != nil:
		d.value(value, at, fields[i], into.FieldByIndex(fields[i].index))
	}
}

// value reads the value of a known key into its place.
func (d *decoder) value(node ast.Node, path string, f field, into reflect.Value) {
	list, isList := node.(*ast.SequenceNode)
	switch {
	case into.Type() == inputList:
		d.inputs(node, path, into.Addr().Interface().(*[]Input))
	case isMappings(into.Type()):
		d.mappings(node, path, into)
	case into.Kind() == reflect.Struct:
		d.mapping(node, path, fieldsOf(into.Type()), into)
	case into.Kind() == reflect.Slice && isList:
		d.texts(list, path, f, into.Addr().Interface().(*[]string))
	default:
		d.scalar(node, path, f, into)
	}
}

// scalar reads one value that is not a list or mapping.
func (d *decoder) scalar(node ast.Node, path string, f field, into reflect.Value) {
	text, problem := d.text(node, into.Kind())
	if problem == "" {
		problem = setText(into, f, text)
	}
	if problem != "" {
		d.fail(node, path, problem)
	}
}

// texts reads a list of texts.
func (d *decoder) texts(list *ast.SequenceNode, path string, f field, into *[]string) {
	if len(list.Values) == 0 && f.need {
		d.fail(list, path, "is an empty list")
	}
	f.need = true // an element may not be empty, whatever the list
	for i, element := range list.Values {
		var text string
		at := path + "[" + strconv.Itoa(i) + "]"
		d.lines[at] = strict.LineOf(element)
		d.scalar(element, at, f, reflect.ValueOf(&text).Elem())
		*into = append(*into, text)
	}
}

// mappings reads a list of mappings that all have the same keys.
func (d *decoder) mappings(node ast.Node, path string, into reflect.Value) {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		if node.Type() != ast.NullType {
			d.fail(node, path, "want a list, got "+kindOf(node))
		}
		return
	}
	for i, element := range list.Values {
		at := path + "[" + strconv.Itoa(i) + "]"
		d.lines[at] = strict.LineOf(element)
		one := reflect.New(into.Type().Elem())
		setDefaults(one.Interface())
		d.mapping(element, at, fieldsOf(one.Elem().Type()), one.Elem())
		into.Set(reflect.Append(into, one.Elem()))
	}
}

// inputs reads the list of inputs, each by its type.
func (d *decoder) inputs(node ast.Node, path string, into *[]Input) {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		if node.Type() != ast.NullType {
			d.fail(node, path, "want a list of inputs, got "+kindOf(node))
		}
		return
	}
	for i, element := range list.Values {
		at := path + "[" + strconv.Itoa(i) + "]"
		d.lines[at] = strict.LineOf(element)
		if in := d.input(element, at); in != nil {
			*into = append(*into, in)
		}
	}
}

// input reads one input; nil when its type is missing or bad.
func (d *decoder) input(node ast.Node, path string) Input {
	m, ok := node.(ast.MapNode)
	if !ok {
		d.fail(node, path, "want a mapping with the key type, got "+kindOf(node))
		return nil
	}
	create := d.inputType(m, path)
	if create == nil {
		return nil
	}
	in := create()
	setDefaults(in)
	into := reflect.ValueOf(in).Elem()
	typeKey := field{key: "type"} // read already
	d.mapping(node, path, append(fieldsOf(into.Type()), typeKey), into)
	return in
}
