package sigma

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Kind tells what a YAML value is.
type Kind uint8

// The kinds of YAML values.
const (
	Null Kind = iota
	Text
	Number // Text is its decimal notation
	Bool   // Text is "true" or "false"
	List
	Map
	odd // what rules cannot hold: anchors, aliases, tags; Text says which
)

// Node is a YAML value with its line. A nil node stands for a key that is not there.
type Node struct {
	Kind  Kind
	Text  string
	Line  int
	Items []*Node // of a list
	Pairs []Pair  // of a map, in the order of the file
}

// Pair is an entry of a map.
type Pair struct {
	Key   string
	Line  int
	Value *Node
}

// Get returns the value of a key, nil when it is not there or n is no map.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Pairs {
		if n.Pairs[i].Key == key {
			return n.Pairs[i].Value
		}
	}
	return nil
}

// Scalar reports whether the value is a text, a number or a boolean.
func (n *Node) Scalar() bool {
	return n != nil && (n.Kind == Text || n.Kind == Number || n.Kind == Bool)
}

// what says what a value is, in the words of an error.
func (n *Node) what() string {
	if n == nil {
		return "nothing"
	}
	switch n.Kind {
	case Null:
		return "nothing"
	case Text:
		return "text"
	case Number:
		return "a number"
	case Bool:
		return "true or false"
	case List:
		return "a list"
	case Map:
		return "a map"
	}
	return n.Text
}

// lineError is a fault in a file.
type lineError struct {
	line   int
	reason string
}

func (e *lineError) Error() string { return e.reason }

func faultAt(line int, format string, args ...any) *lineError {
	return &lineError{line, fmt.Sprintf(format, args...)}
}

const (
	maxDepth = 32      // levels of YAML
	maxFile  = 1 << 20 // bytes
)

// readNode reads the first YAML document of a text; nil when there is nothing in it.
func readNode(text []byte) (*Node, *lineError) {
	if line := deepLine(text); line > 0 {
		return nil, faultAt(line, "is nested too deeply")
	}
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntaxFault(err)
	}
	for _, doc := range file.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			return fromYAML(doc.Body, 0)
		}
	}
	return nil, nil
}

// deepLine returns the first line after which brackets nest too deeply, 0 when none does: the parser takes memory with the
// square of the depth. Brackets and dashes are counted as they stand; within quotes too only where they are unbalanced.
func deepLine(text []byte) int {
	line := 0
	for one := range strings.Lines(string(text)) {
		line++
		depth, deepest := 0, 0
		for _, c := range []byte(one) {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(depth-1, 0)
			}
			deepest = max(deepest, depth)
		}
		dashes := strings.TrimLeft(one, " ")
		lead := len(dashes) - len(strings.TrimLeft(dashes, "-? "))
		if deepest > maxDepth || lead > 2*maxDepth && strings.Count(dashes[:lead], " ") > maxDepth {
			return line
		}
	}
	return 0
}

func syntaxFault(err error) *lineError {
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		return faultAt(1, "is not YAML")
	}
	line := 1
	if t := syntax.GetToken(); t != nil && t.Position != nil {
		line = max(t.Position.Line, 1)
	}
	return faultAt(line, "is not YAML: %s", syntax.GetMessage())
}

// fromYAML makes a node of the parser's.
func fromYAML(y ast.Node, depth int) (*Node, *lineError) {
	n := &Node{Line: lineOf(y)}
	if depth > maxDepth {
		return nil, faultAt(n.Line, "is nested too deeply")
	}
	switch y := y.(type) {
	case *ast.NullNode:
	case *ast.StringNode:
		n.Kind, n.Text = Text, y.Value
	case *ast.LiteralNode:
		n.Kind, n.Text = Text, y.Value.Value
	case *ast.IntegerNode:
		n.Kind, n.Text = Number, fmt.Sprint(y.Value)
	case *ast.FloatNode:
		n.Kind, n.Text = Number, strconv.FormatFloat(y.Value, 'f', -1, 64)
	case *ast.BoolNode:
		n.Kind, n.Text = Bool, strconv.FormatBool(y.Value)
	case *ast.SequenceNode:
		return n, n.fill(y, depth)
	case ast.MapNode:
		return n, n.fillMap(y, depth)
	default:
		n.Kind, n.Text = odd, oddNames[y.Type()]
		if n.Text == "" {
			n.Text = "something else"
		}
	}
	return n, nil
}

var oddNames = map[ast.NodeType]string{
	ast.AnchorType: "a YAML anchor", ast.AliasType: "a YAML alias", ast.MergeKeyType: "a YAML merge key", ast.TagType: "a YAML tag",
	ast.InfinityType: "infinity", ast.NanType: "not a number",
}

func (n *Node) fill(y *ast.SequenceNode, depth int) *lineError {
	n.Kind = List
	for _, item := range y.Values {
		one, err := fromYAML(item, depth+1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, one)
	}
	return nil
}

func (n *Node) fillMap(y ast.MapNode, depth int) *lineError {
	n.Kind = Map
	seen := map[string]bool{}
	for m := y.MapRange(); m.Next(); {
		line := lineOf(m.Key())
		key, ok := keyOf(m.Key())
		if !ok {
			return faultAt(line, "has a key that is no text")
		}
		if seen[key] {
			return faultAt(line, "%s: stands there twice", key)
		}
		seen[key] = true
		value, err := fromYAML(m.Value(), depth+1)
		if err != nil {
			return err
		}
		n.Pairs = append(n.Pairs, Pair{key, line, value})
	}
	return nil
}

// keyOf is the text of a key.
func keyOf(key ast.MapKeyNode) (string, bool) {
	switch k := key.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return k.GetToken().Value, true
	}
	return "", false
}

// lineOf returns the line of a node, 1 where the parser gives none.
func lineOf(y ast.Node) int {
	if t := y.GetToken(); t != nil && t.Position != nil {
		return max(t.Position.Line, 1)
	}
	return 1
}
