package context

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

func readYAML(name string, data []byte) (*node, *Error) {
	if len(data) > maxYAML {
		return nil, &Error{name, 1, "", "is larger than 4MiB: write it as JSON"}
	}
	if !utf8.Valid(data) {
		return nil, &Error{name, 1, "", "is not UTF-8"}
	}
	if line := deepLine(data); line > 0 {
		return nil, &Error{name, line, "", errTooDeep.Error()}
	}
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntaxError(name, err)
	}
	var root ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.CommentType:
		case root != nil:
			return nil, &Error{name, lineOf(doc.Body), "", "has more than one YAML document"}
		default:
			root = doc.Body
		}
	}
	if root == nil {
		return nil, nil
	}
	return fromYAML(root, 0), nil
}

// deepLine returns the first line that nests too deeply, 0 when none does: the parser takes memory with the square of
// the depth. Brackets and dashes are counted as they stand, in quotes too, which is too strict for no file that means
// anything.
func deepLine(data []byte) int {
	depth, line := 0, 0
	for text := range bytes.Lines(data) {
		line++
		if bytes.HasPrefix(bytes.TrimLeft(text, " "), []byte("#")) {
			continue
		}
		for _, c := range text {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(depth-1, 0)
			}
			if depth > maxDepth {
				return line
			}
		}
		if bytes.Count(text, []byte("- "))+bytes.Count(text, []byte("? ")) > maxDepth {
			return line
		}
	}
	return 0
}

// syntaxError keeps line and meaning of a YAML error. Its own text shows the lines around it, with their values.
func syntaxError(name string, err error) *Error {
	e := &Error{name, 1, "", "is not YAML"}
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		return e
	}
	if t := syntax.GetToken(); t != nil && t.Position != nil {
		e.Line = max(t.Position.Line, 1)
	}
	if said := syntax.GetMessage(); !strings.ContainsAny(said, "\"`\n") { // quotes announce a value
		e.Problem += ": " + said
	}
	return e
}

// fromYAML makes a node of the parser's.
func fromYAML(y ast.Node, depth int) *node {
	n := &node{line: lineOf(y)}
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
			n.pairs = append(n.pairs, pair{keyOf(m.Key()), lineOf(m.Key()), fromYAML(m.Value(), depth+1)})
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

// lineOf returns the line of a node, 1 where the parser gives none.
func lineOf(y ast.Node) int {
	if t := y.GetToken(); t != nil && t.Position != nil {
		return max(t.Position.Line, 1)
	}
	return 1
}
