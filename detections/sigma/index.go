package sigma

import (
	"slices"
	"strings"
)

// index tells which rules a record can meet at all: each rule that wants one of some texts in a field is found by these.
type index struct {
	always []int // rules that want no such thing
	keyed  []keyed
}

// keyed are the rules that are found by a field.
type keyed struct {
	field int
	rules map[string][]int // by folded text
}

// pin is a condition that a record must meet for a rule to hold: one of some texts in a field.
type pin struct {
	field int
	texts []string // folded, sorted
}

// pins lists conditions that must be met for a test to hold.
func pins(t test) []pin {
	switch t := t.(type) {
	case *fieldTest:
		return t.pins()
	case andTest:
		var all []pin
		for _, one := range t {
			all = append(all, pins(one)...)
		}
		return all
	case orTest:
		return pinsOfAny(t)
	}
	return nil
}

// pins of a field: the texts of all of its elements, or of any one when all have to be met.
func (t *fieldTest) pins() []pin {
	if t.negated {
		return nil
	}
	var all []pin
	any := pin{field: t.field}
	for i := range t.elements {
		texts, ok := t.elements[i].texts()
		switch {
		case ok && t.all:
			all = append(all, newPin(t.field, texts))
		case t.all:
		case !ok:
			return nil
		default:
			any.texts = append(any.texts, texts...)
		}
	}
	if t.all {
		return all
	}
	return []pin{newPin(any.field, any.texts)}
}

func newPin(field int, texts []string) pin {
	slices.Sort(texts)
	return pin{field, slices.Compact(texts)}
}

// texts lists the texts of which an element wants one; ok is false when it takes others, too.
func (e *element) texts() (texts []string, ok bool) {
	if e.null {
		return nil, false
	}
	for _, c := range e.checks {
		switch c := c.(type) {
		case *equalCheck:
			texts = append(texts, fold(c.text))
		case numberCheck:
			texts = append(texts, c.text)
		case setCheck:
			for text := range c {
				texts = append(texts, text)
			}
		default:
			return nil, false
		}
	}
	return texts, true
}

// pinsOfAny are the pins on fields that every branch pins.
func pinsOfAny(branches orTest) []pin {
	var common []pin
	for i, branch := range branches {
		have := pins(branch)
		if i == 0 {
			common = have
			continue
		}
		var both []pin
		for _, one := range common {
			for _, other := range have {
				if one.field == other.field {
					both = append(both, newPin(one.field, slices.Concat(one.texts, other.texts)))
					break
				}
			}
		}
		common = both
	}
	return common
}

// sharp are fields that tell acts apart, dull ones that many records have in common.
var (
	sharp = []string{
		"eventname", "eventtype", "operationname", "operationnamevalue", "activitydisplayname", "activitytype", "properties.message",
		"riskeventtype", "event.action", "request.path",
	}
	dull = []string{
		"eventsource", "category", "categoryvalue", "status", "resulttype", "outcome.result", "properties.result", "event.outcome",
		"event.provider", "event.dataset", "event.module", "type", "useridentity.type", "loggedbyservice", "request.operation",
		"authenticationrequirement", "activitydetails", "resourceprovidervalue",
	}
)

// cost is how little a pin tells.
func (s *scope) cost(p pin) int {
	name := strings.ToLower(s.fields[p.field].name)
	switch {
	case slices.Contains(sharp, name):
		return len(p.texts)
	case slices.Contains(dull, name):
		return 1_000_000 + len(p.texts)
	}
	return 1_000 + len(p.texts)
}

// build makes the index of all rules.
func (s *scope) build() {
	places := map[int]int{} // of fields among keyed
	for n := range s.rules {
		all := pins(s.rules[n].test)
		if len(all) == 0 {
			s.index.always = append(s.index.always, n)
			continue
		}
		best := slices.MinFunc(all, func(a, b pin) int { return s.cost(a) - s.cost(b) })
		at, there := places[best.field]
		if !there {
			at = len(s.index.keyed)
			places[best.field] = at
			s.index.keyed = append(s.index.keyed, keyed{best.field, map[string][]int{}})
		}
		for _, text := range best.texts {
			rules := s.index.keyed[at].rules
			rules[text] = append(rules[text], n)
		}
	}
}
