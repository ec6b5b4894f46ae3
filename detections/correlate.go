package detections

import (
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// correlate counts the hits of an act, and what comes of them.
func (m *machine) correlate(c *Case) {
	if len(c.Act.Hits) == 0 {
		return
	}
	var room [4]pending
	work := pendings(room[:0])
	for i := range c.Act.Hits {
		for _, t := range m.rules.counted[c.Act.Hits[i].Rule] {
			work.of(t.counter).rules |= 1 << t.at
		}
	}
	m.work(c, work)
}

// work has each correlation take what is brought to it. What they tell goes to those over them, which come later.
func (m *machine) work(c *Case, work pendings) {
	for i := 0; i < len(work); i++ {
		p := work[i]
		told := m.records(c, &p)
		for e := range p.events {
			told = append(told, m.takeEvent(c, &p, &p.events[e])...)
		}
		for _, e := range told {
			for _, t := range p.outer {
				e.place = t.at
				to := work.of(t.counter)
				to.events = append(to.events, e)
			}
		}
	}
}

// share is what an act or event brings to one group.
type share struct {
	group  string   // its key
	names  []string // of several
	rules  uint64
	values []string
}

const (
	// memberships bounds the groups that one record is counted in, and the values that it has of a field.
	memberships = 64
	// groupText bounds a value that is grouped by.
	groupText = 1024
)

// records counts the act itself in each of its groups.
func (m *machine) records(c *Case, p *pending) (told []event) {
	var room [2]share
	shares := room[:0]
	for rules := p.rules; rules != 0; rules &= rules - 1 {
		i := bits.TrailingZeros64(rules)
		hit := c.Act.hit(p.Of[i].Rule)
		shares = m.shares(shares, p.counter, i, c.ID, func(name string) []string { return hit.values(name) })
	}
	for i := range shares {
		e := entry{at: moment(c.Act.Time), act: c.Act}
		told = append(told, m.enter(c, p.counter, &shares[i], e)...)
	}
	return told
}

// takeEvent counts what an inner correlation tells.
func (m *machine) takeEvent(c *Case, p *pending, e *event) (told []event) {
	shares := m.shares(nil, p.counter, e.place, e.who, e.values)
	for i := range shares {
		one := entry{at: e.at, act: e.act, more: &more{acts: e.acts, event: true, place: e.place, from: e.group}}
		told = append(told, m.enter(c, p.counter, &shares[i], one)...)
	}
	return told
}

// hit is the hit of a rule.
func (a *Act) hit(rule string) *Hit {
	for i := range a.Hits {
		if a.Hits[i].Rule == rule {
			return &a.Hits[i]
		}
	}
	return &Hit{}
}

// shares lists the groups that something is counted in, one for each combination of the values of what is grouped by. What lacks a field
// is left out and counted.
func (m *machine) shares(shares []share, k *counter, rule int, who string, of func(string) []string) []share {
	counted, ok := countedValues(k, &k.Of[rule], of)
	had := len(shares)
	switch {
	case !ok:
	case len(k.Group) == 0:
		shares = shared(shares, "", nil, rule, counted)
	case len(k.Group) > 1:
		for _, names := range k.groups(rule, who, of) {
			shares = shared(shares, strings.Join(names, "\x00"), names, rule, counted)
		}
	case k.who == 0:
		if who != "" {
			shares = shared(shares, who, nil, rule, counted)
		}
	default:
		values := of(k.Of[rule].Group[0])
		for _, v := range values[:min(len(values), memberships)] {
			shares = shared(shares, v[:min(len(v), groupText)], nil, rule, counted)
		}
	}
	if len(shares) == had && !slices.ContainsFunc(shares, func(s share) bool { return s.rules>>rule&1 == 1 }) {
		m.memory.lost.ungrouped++
	}
	return shares
}

// groups are all combinations of the values that a correlation groups by.
func (k *counter) groups(rule int, who string, of func(string) []string) [][]string {
	groups := [][]string{nil}
	for g := range k.Group {
		values := []string{who}
		if g != k.who {
			values = of(k.Of[rule].Group[g])
		} else if who == "" {
			values = nil
		}
		groups = crossed(groups, values)
	}
	return groups
}

// shared adds what a rule brings to a group.
func shared(shares []share, group string, names []string, rule int, counted []string) []share {
	at := slices.IndexFunc(shares, func(s share) bool { return s.group == group })
	if at < 0 {
		at = len(shares)
		shares = append(shares, share{group: group, names: names})
	}
	s := &shares[at]
	s.rules |= 1 << rule
	for _, v := range counted {
		if !slices.Contains(s.values, v) {
			s.values = append(s.values, v)
		}
	}
	return shares
}

// countedValues are the values that count, of several fields their combinations. ok is false when the correlation counts values and there are none.
func countedValues(k *counter, of *CountedRule, values func(string) []string) (all []string, ok bool) {
	switch k.Kind {
	case ValueCount:
		tuples := [][]string{nil}
		for _, name := range of.Value {
			tuples = crossed(tuples, values(name))
		}
		for _, t := range tuples {
			all = append(all, strings.Join(t, "\x00"))
		}
		return all, len(all) > 0
	case ValueSum, ValueAvg:
		for _, v := range values(of.Value[0]) {
			if n, err := strconv.ParseFloat(v, 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
				all = append(all, v)
			}
		}
		return all, len(all) > 0
	}
	return nil, true
}

// crossed lengthens each list by each of the values.
func crossed(lists [][]string, values []string) [][]string {
	var longer [][]string
	for _, l := range lists {
		for _, v := range values {
			if len(longer) < memberships {
				longer = append(longer, append(slices.Clip(l), v[:min(len(v), groupText)]))
			}
		}
	}
	return longer
}

// enter counts something in a group and returns what comes of it.
func (m *machine) enter(c *Case, k *counter, s *share, e entry) (told []event) {
	e.rules = s.rules
	switch k.Kind {
	case ValueSum, ValueAvg:
		for _, v := range s.values {
			n, _ := strconv.ParseFloat(v, 64) // countedValues saw that it is a number
			e.number += n
		}
	case ValueCount:
		if e.more == nil {
			e.more = &more{}
		}
		e.more.values = s.values
	}
	all := m.memory.windowsOf(k)
	w := all.Edit(s.group, newWindow)
	if w.knows(&e) {
		return nil
	}
	if w.len() == 0 && w.group == nil {
		w.group = s.names
		if len(k.Group) == 1 {
			w.group = []string{s.group}
		}
		m.own(k, s.group, w)
	}
	had, dropped := w.len(), w.dropped
	told = m.entered(c, k, w, s.group, e)
	m.memory.hold(all, w.len()-had)
	m.memory.lost.entries += w.dropped - dropped
	return told
}

func (m *machine) entered(c *Case, k *counter, w *window, group string, e entry) (told []event) {
	switch {
	case k.ends:
		if w.opened == never {
			w.opened = e.at
			m.memory.windowsOf(k).expect(e.at+k.span, group)
			if e.at+k.span < moment(m.passed) {
				m.memory.clock.Cross() // it should have been judged already
			}
		}
		w.add(k, e)
	case e.at < w.last() || e.at == w.last() && byTime(e.act, w.at(w.len()-1).act) < 0 && (e.more == nil || !e.more.event):
		for _, then := range w.insert(k, e) {
			last := *then.at(then.len() - 1)
			then.alert, then.alerted = w.alert, w.alerted
			told = append(told, m.fire(m.caseOf(last.act), k, then, last))
			w.alert, w.alerted = then.alert, then.alerted
		}
	case w.step(k, e):
		told = append(told, m.fire(c, k, w, e))
	}
	return told
}

// endOfTime is after all windows.
const endOfTime = math.MaxInt64

// judge judges the windows that have passed before a time. What they tell of lies in the past.
func (m *machine) judge(now int64) {
	for _, k := range m.rules.ending {
		all := m.memory.windowsOf(k)
		for len(all.due) > 0 && all.due[0].at < now {
			next := all.due[0]
			all.due = all.due[1:]
			w := all.Get(next.group)
			if w == nil || w.opened+k.span != next.at {
				continue // it went to another name
			}
			passed := w.clone()
			m.memory.forgetGroup(all, next.group)
			if passed.holds(k, next.at) {
				last := *passed.at(passed.len() - 1)
				c := m.caseOf(last.act)
				m.tell(c, k, m.fire(c, k, passed, last))
			}
		}
	}
}

// tell brings an event to the correlations over the one that tells it.
func (m *machine) tell(c *Case, k *counter, e event) {
	var work pendings
	for _, t := range k.outer {
		e.place = t.at
		to := work.of(t.counter)
		to.events = append(to.events, e)
	}
	m.work(c, work)
}
