package config

import (
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idwatch/idwatch/agent/strict"
)

// inputType reads the key type of an input; nil when it is missing or bad.
func (d *decoder) inputType(m ast.MapNode, path string) func() Input {
	for pairs := m.MapRange(); pairs.Next(); {
		key, ok := pairs.Key().(*ast.StringNode)
		switch {
		case !ok || !isPlainKey(key.Value):
			continue
		case key.Value == "type":
			return d.namedInput(pairs.Value(), path+".type")
		case strict.Nearest(key.Value, []string{"type"}) != "":
			d.fail(key, join(path, key.Value), "unknown key (did you mean type?)")
			return nil
		}
	}
	d.fail(m.(ast.Node), path+".type", "is missing"+strict.OneOf("", inputNames()))
	return nil
}

func (d *decoder) namedInput(node ast.Node, path string) func() Input {
	name, problem := d.text(node, reflect.String)
	var create func() Input
	if problem == "" {
		create, problem = findInput(name)
	}
	if problem != "" {
		d.fail(node, path, problem)
	}
	return create
}

// text returns a scalar as text with its variables replaced, or what is wrong with it.
func (d *decoder) text(node ast.Node, kind reflect.Kind) (text, problem string) {
	want := "want one value, got "
	if kind == reflect.String || kind == reflect.Slice {
		want = "want text, got "
	}
	switch n := node.(type) {
	case *ast.StringNode:
		return expand(n.Value, d.env)
	case *ast.LiteralNode:
		return expand(strings.TrimSuffix(n.Value.Value, "\n"), d.env)
	case *ast.NullNode:
		return "", "has no value"
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		if kind == reflect.String || kind == reflect.Slice {
			return "", want + kindOf(node) + " (put it in quotes)"
		}
		return node.GetToken().Value, ""
	}
	return "", want + kindOf(node)
}

// kindOf says what a node is, in the words of an error.
func kindOf(node ast.Node) string {
	switch node.Type() {
	case ast.MappingType, ast.MappingValueType:
		return "a mapping"
	case ast.SequenceType:
		return "a list"
	case ast.StringType, ast.LiteralType:
		return "text"
	case ast.IntegerType, ast.FloatType, ast.InfinityType, ast.NanType:
		return "a number"
	case ast.BoolType:
		return "true or false"
	case ast.NullType:
		return "nothing"
	case ast.AnchorType, ast.AliasType, ast.MergeKeyType:
		return "a YAML anchor or alias, which are not supported here"
	case ast.TagType:
		return "a YAML tag, which are not supported here"
	}
	return "something else"
}

// isPlainKey reports whether a key looks like those of the schema, so that errors may show it.
func isPlainKey(key string) bool {
	for _, c := range []byte(key) {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return key != "" && len(key) <= 40
}

func keyNames(fields []field) []string {
	var names []string
	for _, f := range fields {
		names = append(names, f.key)
	}
	return names
}
