package strict

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// TooDeep is what is wrong with a file that nests beyond what means anything.
const TooDeep = "is nested too deeply"

// YAML returns the root of the one document in a file, nil for an empty one. The parser takes memory with the square of the depth: what nests
// deeper than the caller says is refused before.
func YAML(name string, data []byte, depth int) (ast.Node, *Error) {
	if !utf8.Valid(data) {
		return nil, &Error{name, 1, "", "is not UTF-8"}
	}
	if line := deepLine(data, depth); line > 0 {
		return nil, &Error{name, line, "", TooDeep}
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
			return nil, &Error{name, LineOf(doc.Body), "", "has more than one YAML document"}
		default:
			root = doc.Body
		}
	}
	return root, nil
}

// LineOf returns the line of a node, 1 where the parser gives none.
func LineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return max(t.Position.Line, 1)
	}
	return 1
}

// deepLine returns the first line that nests too deeply, 0 when none does. It counts brackets and dashes as they stand, in quotes too, which is
// too strict for no file that means anything.
func deepLine(data []byte, most int) int {
	depth, number := 0, 0
	for line := range bytes.Lines(data) {
		number++
		if bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("#")) {
			continue
		}
		for _, c := range line {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(depth-1, 0)
			}
			if depth > most {
				return number
			}
		}
		if bytes.Count(line, []byte("- "))+bytes.Count(line, []byte("? ")) > most {
			return number
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
	if text := syntax.GetMessage(); !strings.ContainsAny(text, "\"`\n") { // quotes announce a value
		e.Problem += ": " + text
	}
	return e
}
