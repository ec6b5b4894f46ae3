package sigma

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/record"
)

// test is a node of a rule's tree: it holds for the record that the matcher looks at, or not.
type test interface {
	holds(m *matcher) bool
}

type andTest []test

func (t andTest) holds(m *matcher) bool {
	for _, one := range t {
		if !one.holds(m) {
			return false
		}
	}
	return true
}

type orTest []test

func (t orTest) holds(m *matcher) bool {
	for _, one := range t {
		if one.holds(m) {
			return true
		}
	}
	return false
}

type notTest struct{ test }

func (t notTest) holds(m *matcher) bool { return !t.test.holds(m) }

// element is one value that a rule writes for a field: null, or what its modifiers make of it, of which one is enough.
type element struct {
	null   bool
	checks []check
}

// fieldTest wants one of its elements in a field, or all of them.
type fieldTest struct {
	field    int
	elements []element
	all      bool
	negated  bool
}

func (t *fieldTest) holds(m *matcher) bool {
	values := m.get(t.field)
	for i := range t.elements {
		if t.elements[i].holds(m, values) != t.all {
			return !t.all != t.negated
		}
	}
	return t.all != t.negated
}

func (e *element) holds(m *matcher, values []value) bool {
	if e.null && len(values) == 0 {
		return true
	}
	for i := range values {
		v := &values[i]
		if v.kind == record.Null {
			if e.null {
				return true
			}
			continue
		}
		for _, c := range e.checks {
			if c.holds(m, v) {
				return true
			}
		}
	}
	return false
}

// existsTest wants a field to be there, if only as null, or not.
type existsTest struct {
	field int
	there bool
}

func (t existsTest) holds(m *matcher) bool { return len(m.get(t.field)) > 0 == t.there }

// datasetTest wants a dataset.
type datasetTest string

func (t datasetTest) holds(m *matcher) bool { return m.event.Dataset == string(t) }

// keywordTest wants texts anywhere among a record's values.
type keywordTest struct{ fieldTest }

func (t *keywordTest) holds(m *matcher) bool {
	for i := range t.elements {
		if t.found(m, &t.elements[i]) != t.all {
			return !t.all != t.negated
		}
	}
	return t.all != t.negated
}

// found looks for plain texts in all values at once, for anything else in one after the other.
func (t *keywordTest) found(m *matcher, e *element) bool {
	for _, c := range e.checks {
		if p, ok := c.(*partCheck); ok && p.where == '*' && !p.cased {
			if strings.Contains(m.allText(t.field), p.text) {
				return true
			}
			continue
		}
		one := element{checks: []check{c}}
		if one.holds(m, m.get(t.field)) {
			return true
		}
	}
	return false
}
