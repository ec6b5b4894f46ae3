package detections_test

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections"
)

// reference finds by the plainest means what correlations find: it remembers everything and counts anew each time.
type reference struct {
	all    []*detections.Detection // inner correlations before those over them
	joined map[string]string       // names to the name that stands for all of an identity
	seen   []counted
	states map[string]*groupState // by correlation and group
	alerts map[string]*refAlert   // by rule and anchor
}

// counted is a record, or what an inner correlation told, in one group of a correlation.
type counted struct {
	correlation string
	group       []string
	at          time.Time
	rules       map[int]bool
	acts        []*detections.Act
	by          *detections.Act // the act that brought it
	values      []string
	over        bool // judged
}

type groupState struct {
	was    bool
	fired  time.Time
	alert  *refAlert
	raised time.Time // when evidence was added to the alert last
	ends   time.Time // of a window that is judged when it has passed
}

type refAlert struct {
	anchor   string
	evidence map[string]bool
}

// refEvent is what a correlation that fires tells those over it.
type refEvent struct {
	rule   string
	at     time.Time
	acts   []*detections.Act
	by     *detections.Act
	who    string
	fields map[string][]string
}

func (r *reference) find(name string) string {
	if stands, ok := r.joined[name]; ok {
		return stands
	}
	return name
}

// take takes the next act in event-time order.
func (r *reference) take(a *detections.Act) {
	r.judge(a.Time)
	var moved []string
	for _, l := range a.Links {
		if x, y := r.find(l.From), r.find(l.To); x != y {
			low, high := min(x, y), max(x, y)
			moved = append(moved, r.join(a.Time, low, high, l.From, l.To)...)
		}
	}
	who := r.find(a.Actor.ID)
	r.askMoved(a, who, moved)
	var inner []refEvent
	for _, d := range r.all {
		inner = append(inner, r.count(d, a, who, inner)...)
	}
}

// join makes one identity of two and puts together what was counted of both. It returns the states that now stand for more.
func (r *reference) join(now time.Time, low, high string, names ...string) (moved []string) {
	r.joined[low], r.joined[high] = low, low
	for _, n := range names {
		r.joined[n] = low
	}
	for n, stands := range r.joined {
		if stands == high {
			r.joined[n] = low
		}
	}
	for _, d := range r.all {
		if place := slices.Index(d.Correlation.Group, detections.LinkedIdentity); place >= 0 {
			moved = append(moved, r.rename(d, place, now, low, high)...)
		}
	}
	return moved
}

// rename puts what was counted under one name of an identity under another. What is over by now counts no more.
func (r *reference) rename(d *detections.Detection, place int, now time.Time, low, high string) (moved []string) {
	alive := func(group []string) bool { return d.Correlation.Ends() || len(r.window(d, group, now)) > 0 }
	for from, old := range r.states {
		group := groupOf(from)
		if !strings.HasPrefix(from, d.ID+"|") || group[place] != high {
			continue
		}
		other := slices.Clone(group)
		other[place] = low
		to := stateKey(d.ID, other)
		wasAlive, toAlive := alive(group), alive(other)
		delete(r.states, from)
		for i := range r.seen {
			if c := &r.seen[i]; c.correlation == d.ID && slices.Equal(c.group, group) {
				c.group = other
			}
		}
		if wasAlive {
			r.state(to).merge(old, toAlive)
			moved = append(moved, to)
		}
	}
	slices.Sort(moved)
	return moved
}

func (s *groupState) merge(old *groupState, alive bool) {
	s.was = s.was && alive || old.was
	if old.fired.After(s.fired) {
		s.fired = old.fired
	}
	if old.raised.After(s.raised) {
		s.alert, s.raised = old.alert, old.raised
	}
	if s.ends.IsZero() || !old.ends.IsZero() && old.ends.Before(s.ends) {
		s.ends = old.ends
	}
}

func stateKey(id string, group []string) string { return id + "|" + strings.Join(group, "|") }

// groupOf is the group in the key of a state.
func groupOf(key string) []string {
	_, group, _ := strings.Cut(key, "|")
	if group == "" {
		return []string{}
	}
	return strings.Split(group, "|")
}

func (r *reference) state(key string) *groupState {
	s := r.states[key]
	if s == nil {
		s = &groupState{}
		r.states[key] = s
	}
	return s
}

// askMoved asks groups that were put together whether they are true now.
func (r *reference) askMoved(a *detections.Act, who string, moved []string) {
	for i, key := range moved {
		id, _, _ := strings.Cut(key, "|")
		d := r.detection(id)
		if d.Correlation.Ends() || slices.Contains(moved[:i], key) {
			continue
		}
		group := groupOf(key)
		s, all := r.state(key), r.window(d, group, a.Time)
		was := s.was
		if s.was = holds(d, all); !s.was || was && a.Time.Sub(s.fired) < d.Correlation.Span {
			continue
		}
		s.fired = a.Time
		r.pass(a, who, r.fire(d, group, all, a, a.Time, who))
	}
}

func (r *reference) detection(id string) *detections.Detection {
	return r.all[slices.IndexFunc(r.all, func(d *detections.Detection) bool { return d.ID == id })]
}

// pass brings what was told to the correlations over the one that told it.
func (r *reference) pass(a *detections.Act, who string, t refEvent) {
	inner := []refEvent{t}
	for _, d := range r.all {
		inner = append(inner, r.events(d, who, a, inner)...)
	}
}

// count brings an act, and what inner correlations told, to a correlation.
func (r *reference) count(d *detections.Detection, a *detections.Act, who string, inner []refEvent) (out []refEvent) {
	var mine []counted
	for i, of := range d.Correlation.Of {
		for _, h := range a.Hits {
			if h.Rule == of.Rule {
				mine = add(mine, groupsOf(d, i, who, func(name string) []string { return valuesOf(h, name) }), i)
			}
		}
	}
	for _, c := range mine {
		c.at, c.acts, c.by = a.Time, []*detections.Act{a}, a
		out = append(out, r.enter(d, c, a, who)...)
	}
	return append(out, r.events(d, who, a, inner)...)
}

func (r *reference) events(d *detections.Detection, who string, a *detections.Act, inner []refEvent) (out []refEvent) {
	for _, t := range inner {
		for i, of := range d.Correlation.Of {
			if of.Rule != t.rule {
				continue
			}
			for _, c := range add(nil, groupsOf(d, i, t.who, t.values), i) {
				c.at, c.acts, c.by = t.at, t.acts, t.by
				out = append(out, r.enter(d, c, a, who)...)
			}
		}
	}
	return out
}

func (t *refEvent) values(name string) []string {
	if v, ok := t.fields[name]; ok {
		return v
	}
	var all []string
	for _, a := range t.acts {
		for _, h := range a.Hits {
			for _, v := range valuesOf(h, name) {
				if !slices.Contains(all, v) {
					all = append(all, v)
				}
			}
		}
	}
	return all
}

func valuesOf(h detections.Hit, name string) []string {
	for _, f := range h.Fields {
		if f.Name == name {
			return f.Values
		}
	}
	return nil
}

// add puts together what one record brings to one group by several rules.
func add(have, more []counted, rule int) []counted {
	for _, c := range more {
		i := slices.IndexFunc(have, func(h counted) bool { return slices.Equal(h.group, c.group) })
		if i < 0 {
			i = len(have)
			have = append(have, counted{group: c.group, rules: map[int]bool{}})
		}
		have[i].rules[rule] = true
		for _, v := range c.values {
			if !slices.Contains(have[i].values, v) {
				have[i].values = append(have[i].values, v)
			}
		}
	}
	return have
}

func groupsOf(d *detections.Detection, rule int, who string, of func(string) []string) (all []counted) {
	k, c := d.Correlation, d.Correlation.Of[rule]
	var values []string
	switch k.Kind {
	case detections.ValueCount:
		tuples := []string{""}
		for _, name := range c.Value {
			tuples = each(tuples, of(name))
		}
		values = tuples
	case detections.ValueSum, detections.ValueAvg:
		for _, v := range of(c.Value[0]) {
			if _, err := strconv.ParseFloat(v, 64); err == nil {
				values = append(values, v)
			}
		}
	default:
		values = []string{"none"}
	}
	if len(values) == 0 {
		return nil
	}
	groups := []string{""}
	for i, name := range k.Group {
		if name == detections.LinkedIdentity {
			groups = each(groups, []string{who})
		} else {
			groups = each(groups, of(c.Group[i]))
		}
	}
	for _, g := range groups {
		all = append(all, counted{group: strings.Split(g, "|")[1:], values: values})
	}
	return all
}

func each(texts, values []string) (longer []string) {
	for _, t := range texts {
		for _, v := range values {
			longer = append(longer, t+"|"+v)
		}
	}
	return longer
}

// enter counts one entry more and tells when the correlation fires.
func (r *reference) enter(d *detections.Detection, c counted, a *detections.Act, who string) []refEvent {
	key := stateKey(d.ID, c.group)
	c.correlation = d.ID
	s := r.state(key)
	if d.Correlation.Ends() {
		if s.ends.IsZero() {
			s.ends = c.at.Add(d.Correlation.Span)
		}
		r.seen = append(r.seen, c)
		return nil
	}
	before := s.was && holds(d, r.window(d, c.group, c.at))
	r.seen = append(r.seen, c)
	all := r.window(d, c.group, c.at)
	if s.was = holds(d, all); !s.was || before && c.at.Sub(s.fired) < d.Correlation.Span {
		return nil
	}
	s.fired = c.at
	return []refEvent{r.fire(d, c.group, all, a, c.at, who)}
}

// window lists what was counted in a group and is not older than the window that ends at a time.
func (r *reference) window(d *detections.Detection, group []string, at time.Time) (all []counted) {
	for _, c := range r.seen {
		if c.correlation == d.ID && slices.Equal(c.group, group) && !c.over && !c.at.Before(at.Add(-d.Correlation.Span)) {
			all = append(all, c)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].at.Before(all[j].at) })
	return all
}

// judge judges the windows that have passed.
func (r *reference) judge(now time.Time) {
	for {
		next := ""
		for key, s := range r.states {
			if !s.ends.IsZero() && s.ends.Before(now) && (next == "" || s.ends.Before(r.states[next].ends) || s.ends.Equal(r.states[next].ends) && key < next) {
				next = key
			}
		}
		if next == "" {
			return
		}
		id, _, _ := strings.Cut(next, "|")
		d, group := r.detection(id), groupOf(next)
		all := r.window(d, group, r.states[next].ends)
		for i := range r.seen {
			if c := &r.seen[i]; c.correlation == id && slices.Equal(c.group, group) {
				c.over = true
			}
		}
		r.states[next] = &groupState{}
		if holds(d, all) {
			last := all[len(all)-1].by
			r.fire(d, group, all, last, last.Time, r.find(last.Actor.ID))
		}
		delete(r.states, next)
	}
}

// fire notes the alert that the engine has to raise.
func (r *reference) fire(d *detections.Detection, group []string, all []counted, last *detections.Act, at time.Time, who string) refEvent {
	k := d.Correlation
	var acts []*detections.Act
	for i, c := range all {
		if k.Kind != detections.TemporalOrdered || len(k.Limits) > 0 || inChain(all, i, len(k.Of)) {
			acts = append(acts, c.acts...)
		}
	}
	t := refEvent{rule: d.ID, at: at, by: last, who: who, acts: once(acts), fields: map[string][]string{}}
	for i, name := range k.Group {
		if name == detections.LinkedIdentity {
			t.who = group[i]
		} else {
			t.fields[name] = group[i : i+1]
		}
	}
	if k.Quiet {
		return t
	}
	evidence := once(append(slices.Clone(t.acts), last))
	s := r.state(stateKey(d.ID, group))
	if s.alert == nil || at.Sub(s.raised) > k.Span {
		key := d.ID + "|" + evidence[0].ID
		if r.alerts[key] == nil {
			r.alerts[key] = &refAlert{anchor: evidence[0].ID, evidence: map[string]bool{}}
		}
		s.alert = r.alerts[key]
	}
	s.raised = at
	for _, a := range evidence {
		s.alert.evidence[a.ID] = true
	}
	return t
}

// once sorts acts by event time and leaves each once.
func once(acts []*detections.Act) []*detections.Act {
	acts = slices.Clone(acts)
	sort.SliceStable(acts, func(i, j int) bool {
		a, b := acts[i], acts[j]
		return a.Time.Before(b.Time) || a.Time.Equal(b.Time) && a.ID < b.ID
	})
	return slices.CompactFunc(acts, func(a, b *detections.Act) bool { return a.ID == b.ID })
}

// text lists the alerts, one a line.
func (r *reference) text() []string {
	var all []string
	for key, a := range r.alerts {
		id, _, _ := strings.Cut(key, "|")
		var ids []string
		for e := range a.evidence {
			ids = append(ids, e)
		}
		slices.Sort(ids)
		all = append(all, fmt.Sprintf("%s from %s: %s", id, a.anchor, strings.Join(ids, " ")))
	}
	slices.Sort(all)
	return all
}
