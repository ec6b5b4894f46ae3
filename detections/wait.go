package detections

import (
	"slices"
	"strings"
	"time"
)

// wait is a question about an act that is asked when some time has passed: what did not happen is told by no record.
type wait struct {
	due  time.Time
	rule string
	act  *Act
}

// waitsKept bounds the questions that wait. The oldest is asked early when there are more.
const waitsKept = 4096

// await has a detection asked about an act later.
func (m *machine) await(d *Detection, a *Act) {
	w := wait{a.Time.Add(d.After), d.ID, a}
	at, there := slices.BinarySearchFunc(m.memory.Waits, w, compareWaits)
	if there {
		return
	}
	if !w.due.After(m.passed) {
		m.memory.clock.Cross() // it should have been asked already
	}
	m.memory.Waits = slices.Insert(m.memory.Waits, at, w)
	if len(m.memory.Waits) > waitsKept {
		m.askNext(a.Time)
	}
}

func compareWaits(a, b wait) int {
	if c := a.due.Compare(b.due); c != 0 {
		return c
	}
	if c := strings.Compare(a.rule, b.rule); c != 0 {
		return c
	}
	return byTime(a.act, b.act)
}

// pass lets time pass up to an act that is about to be eaten: questions fall due, and sources are found silent. That something is
// missing is sure only when nothing can come any more; until then nobody is told.
func (m *machine) pass(a *Act) {
	if a.Time.Before(m.passed) {
		return
	}
	m.passed = a.Time
	for len(m.memory.Waits) > 0 && !m.memory.Waits[0].due.After(a.Time) {
		m.askNext(m.memory.Waits[0].due)
	}
	if a.Time.After(m.quietAt) {
		m.listen(a)
	}
}

// askNext asks the next question that waits.
func (m *machine) askNext(now time.Time) {
	w := m.memory.Waits[0]
	m.memory.Waits = slices.Delete(m.memory.Waits, 0, 1)
	d := m.rules.byID[w.rule]
	if d == nil {
		return // a rule that the program no longer has
	}
	c := m.caseOf(w.act)
	c.Now = now
	if f := m.ask(d, c); f != nil {
		m.found(c, &d.Rule, d.Within, f)
	}
}
