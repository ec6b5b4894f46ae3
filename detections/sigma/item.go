package sigma

import (
	"strconv"
	"strings"
)

// keywords is the name under which all values of a record are a field.
const keywords = ""

// compiler compiles the searches of one rule for one view of a stream.
type compiler struct {
	scope *scope
	view  view
	lists map[string][]*Node
}

// search compiles what stands below a search identifier: a map is all of its entries, a list any of its items, a text a keyword.
func (c *compiler) search(p Pair) (test, *lineError) {
	n := p.Value
	switch n.Kind {
	case Map:
		return c.entries(p.Key, n)
	case List:
		return c.items(p, n)
	case Null, odd:
		return nil, faultAt(n.Line, "%s: want a map or a list, got %s", p.Key, n.what())
	}
	return c.item(Pair{Key: keywords, Line: n.Line, Value: n})
}

func (c *compiler) items(p Pair, n *Node) (test, *lineError) {
	var any orTest
	words := &Node{Kind: List, Line: n.Line}
	for _, item := range n.Items {
		switch {
		case item.Kind == Map:
			t, err := c.entries(p.Key, item)
			if err != nil {
				return nil, err
			}
			any = append(any, t)
		case item.Scalar():
			words.Items = append(words.Items, item)
		default:
			return nil, faultAt(item.Line, "%s: want maps or texts, got %s", p.Key, item.what())
		}
	}
	if len(words.Items) > 0 {
		t, err := c.item(Pair{Key: keywords, Line: n.Line, Value: words})
		if err != nil {
			return nil, err
		}
		any = append(any, t)
	}
	switch len(any) {
	case 0:
		return nil, faultAt(n.Line, "%s: is empty", p.Key)
	case 1:
		return any[0], nil
	}
	return any, nil
}

func (c *compiler) entries(key string, n *Node) (test, *lineError) {
	var every andTest
	for _, p := range n.Pairs {
		t, err := c.item(p)
		if err != nil {
			return nil, err
		}
		every = append(every, t)
	}
	switch len(every) {
	case 0:
		return nil, faultAt(n.Line, "%s: is empty", key)
	case 1:
		return every[0], nil
	}
	return every, nil
}

// item compiles one entry: a field with its modifiers and its value or values.
func (c *compiler) item(p Pair) (test, *lineError) {
	name, m, err := readModifiers(p)
	if err != nil {
		return nil, err
	}
	values := p.Value.Items
	if p.Value.Kind != List {
		values = []*Node{p.Value}
	}
	if len(values) == 0 {
		return nil, faultAt(p.Line, "%s: has no values", p.Key)
	}
	if m.typ == "exists" {
		return c.exists(name, p, values)
	}
	t := fieldTest{all: m.all, negated: m.negated}
	for _, v := range values {
		e, reason := c.element(name, &m, v)
		if reason != "" {
			return nil, faultAt(v.Line, "%s: %s", p.Key, reason)
		}
		t.elements = append(t.elements, e)
	}
	t.field = c.scope.field(name, c.view)
	if name == keywords {
		return &keywordTest{t}, nil
	}
	t.gather()
	return &t, nil
}

func (c *compiler) exists(name string, p Pair, values []*Node) (test, *lineError) {
	word := ""
	if len(values) == 1 && values[0].Scalar() {
		word = strings.ToLower(values[0].Text)
	}
	if name == keywords || word != "true" && word != "false" {
		return nil, faultAt(p.Line, "%s: want a field and true or false", p.Key)
	}
	return existsTest{c.scope.field(name, c.view), word == "true"}, nil
}

// manyTexts is from how many texts on a table of them is faster than one look after the other.
const manyTexts = 4

// gather makes one table of many texts of which one is enough.
func (t *fieldTest) gather() {
	if t.all {
		return
	}
	table := setCheck{}
	var rest []element
	for _, e := range t.elements {
		equal, ok := soleEqual(e)
		if !ok {
			rest = append(rest, e)
			continue
		}
		table[equal] = struct{}{}
	}
	if len(table) > manyTexts {
		t.elements = append(rest, element{checks: []check{table}})
	}
}

// soleEqual returns the text that an element wants, if that is all that it wants.
func soleEqual(e element) (string, bool) {
	if e.null || len(e.checks) != 1 {
		return "", false
	}
	equal, ok := e.checks[0].(*equalCheck)
	if !ok || equal.cased {
		return "", false
	}
	return equal.text, true
}

// element compiles one value, or says what is wrong with it.
func (c *compiler) element(name string, m *modifiers, v *Node) (element, string) {
	switch {
	case v.Kind == Null && name != keywords && m.bare():
		return element{null: true}, ""
	case !v.Scalar():
		return element{}, "want values, got " + v.what()
	case m.compare != "" || m.part != "":
		return orderElement(m, v)
	case m.typ == "fieldref":
		if name == keywords || v.Kind != Text {
			return element{}, "want the name of a field"
		}
		return element{checks: []check{&refCheck{c.scope.field(v.Text, c.view), m.place, m.cased}}}, ""
	case v.Kind == Number && m.bare() && !m.cased && name != keywords:
		return element{checks: []check{numberCheck{v.Text}}}, ""
	}
	texts := []string{v.Text}
	if m.expand {
		var problem string
		if texts, problem = expanded(v.Text, c.lists); problem != "" {
			return element{}, problem
		}
	}
	return textElement(m, texts, name == keywords)
}

// bare reports whether no modifier changes what a value is.
func (m *modifiers) bare() bool {
	return m.place == "" && m.compare == "" && m.part == "" && m.typ == "" && len(m.encode) == 0 && !m.windash && !m.expand
}

func orderElement(m *modifiers, v *Node) (element, string) {
	if !isNumber(v.Text) {
		return element{}, "want a number"
	}
	n, err := strconv.ParseFloat(v.Text, 64)
	if err != nil {
		return element{}, "want a number"
	}
	order := orderCheck{m.compare, n}
	if m.part != "" {
		return element{checks: []check{timeCheck{m.part, order}}}, ""
	}
	return element{checks: []check{order}}, ""
}
