package sigma

import (
	"strings"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// matcher holds records against a set of rules. It remembers what it looked up in the current record and serves one goroutine.
type matcher struct {
	set *Set

	event   *ecs.Event
	root    record.Value
	entries []entry // of root
	scope   *scope
	view    *view
	number  uint64 // of the current record
	slots   []slot
	values  []value
	arena   []byte // texts that are made of the record's
	seen    []uint64

	document   record.Record // the event's own, when it is asked for
	documented uint64
	body       []byte
	plain      ecs.Event

	all    []byte // see allText
	texted uint64
}

// NewMatcher returns a matcher for one goroutine.
func (s *Set) NewMatcher() detections.Matcher {
	m := &matcher{set: s}
	for _, scope := range s.scopes {
		m.slots = make([]slot, max(len(m.slots), len(scope.fields)))
		m.seen = make([]uint64, max(len(m.seen), len(scope.rules)))
	}
	return m
}

// Match adds to an act the signs and hits of the rules that its record meets.
func (m *matcher) Match(ev *ecs.Event, a *detections.Act) {
	dataset := ev.Dataset
	if ev.Whole {
		dataset = ecsDocuments
	}
	m.scope = m.set.scopes[dataset]
	if m.scope == nil || ev.Record == nil {
		return
	}
	m.begin(ev)
	for _, n := range m.scope.index.always {
		m.try(n, a)
	}
	for i := range m.scope.index.keyed {
		k := &m.scope.index.keyed[i]
		for _, v := range m.get(k.field) {
			if v.kind == record.Null {
				continue
			}
			m.tryAll(k.rules[m.foldedOf(&v)], a)
			if v.kind == record.Number && strings.ContainsAny(v.text, ".eE") {
				m.tryAll(k.rules[canonical(v.text)], a)
			}
		}
	}
}

func (m *matcher) begin(ev *ecs.Event) {
	m.event, m.root = ev, ev.Record.Root()
	m.number++
	m.values, m.arena = m.values[:0], m.arena[:0]
	m.list()
}

func (m *matcher) tryAll(rules []int, a *detections.Act) {
	for _, n := range rules {
		m.try(n, a)
	}
}

// try holds the record against a rule, unless that was done already.
func (m *matcher) try(n int, a *detections.Act) {
	if m.seen[n] == m.number {
		return
	}
	m.seen[n] = m.number
	r := &m.scope.rules[n]
	if !r.test.holds(m) {
		return
	}
	a.Signs = append(a.Signs, r.sign)
	if r.asked {
		a.Hits = append(a.Hits, m.hit(r))
	}
}

// hit keeps what correlations ask about a record.
func (m *matcher) hit(r *streamRule) detections.Hit {
	h := detections.Hit{Rule: r.sign.ID}
	for _, w := range r.wanted {
		f := detections.HitField{Name: w.name}
		values := m.get(w.field)
		for i := range values {
			v := &values[i]
			if v.kind == record.Null || v.container() && len(values) > 1 {
				continue
			}
			f.Values = append(f.Values, strings.Clone(m.textOf(v)))
		}
		h.Fields = append(h.Fields, f)
	}
	return h
}
