package context

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idwatch/idwatch/agent/strict"
)

func readYAML(name string, data []byte) (*node, *Error) {
	if len(data) > maxYAML {
		return nil, &Error{File: name, Line: 1, Problem: "is larger than 4MiB: write it as JSON"}
	}
	root, problem := strict.YAML(name, data, maxDepth)
	if root == nil || problem != nil {
		return nil, problem
	}
	return fromYAML(root, 0), nil
}

// fromYAML makes a node of the parser's.
func fromYAML(y ast.Node, depth int) *node {
	n := &node{line: strict.LineOf(y)}
	if depth > maxDepth {
		n.kind = refused
		return n
	}
	switch y := y.(type) {
	case *ast.NullNode:
		n.kind = nothing
	case *ast.StringNode:
		n.kind, n.text = text, y.Value
	case *ast.LiteralNode:
		n.kind, n.text = text, strings.TrimSuffix(y.Value.Value, "\n")
	case *ast.IntegerNode, *ast.FloatNode:
		n.kind, n.text = number, y.GetToken().Value
	case *ast.BoolNode:
		n.kind, n.text = boolean, y.GetToken().Value
	case *ast.SequenceNode:
		n.kind = list
		for _, item := range y.Values {
			n.items = append(n.items, fromYAML(item, depth+1))
		}
	case ast.MapNode:
		n.kind = mapping
		for m := y.MapRange(); m.Next(); {
			n.pairs = append(n.pairs, pair{keyOf(m.Key()), strict.LineOf(m.Key()), fromYAML(m.Value(), depth+1)})
		}
	default:
		n.kind = refused
	}
	return n
}

// keyOf is the text of a key, "" for one that is none.
func keyOf(key ast.MapKeyNode) string {
	if s, ok := key.(*ast.StringNode); ok {
		return s.Value
	}
	return ""
}
