package detections

import (
	"slices"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// machine eats acts in order of event time and document id. It is sequential: what it finds is a function of the acts
// alone. Everything it remembers stands in its memory.
type machine struct {
	memory  *Memory
	context *Context
	rules   *ruleset
	changed func(*Alert) // told of each alert that is new or has changed
	broken  map[string]int
	bounds  Bounds
	merged  []mergedWindow // put together by the act that is eaten
	now     int64          // the time of the act that is eaten
	turn    int            // whose windows are looked through next

	forgotten Forgotten
	raised    []*Alert     // found in the act that is eaten
	eaten     Case         // the act that is eaten
	room      []*Detection // used again by asked
	quietAt   time.Time    // no source can be found silent before
	passed    time.Time    // up to which time has passed
}

// ruleset is the detections, indexed by what they are asked about.
type ruleset struct {
	longest    time.Duration // for which an alert collects evidence
	byActivity map[ecs.Activity][]*Detection
	bySign     map[string][]*Detection
	always     []*Detection
	last       []*Detection // asked after all others
	byID       map[string]*Detection
	absences   map[string]bool // rules that tell what did not happen

	counters []*counter // correlations, each after those that it counts
	ending   []*counter // those that are judged when a window has passed
	byKey    map[string]*counter
	byWho    bool                // some of them group by identity
	counted  map[string][]*tally // by users' rules
}

func newRuleset(all []*Detection) *ruleset {
	r := &ruleset{byActivity: map[ecs.Activity][]*Detection{}, bySign: map[string][]*Detection{}, byID: map[string]*Detection{}, absences: map[string]bool{}, longest: time.Hour}
	r.count(all)
	for _, k := range r.counters {
		r.absences[k.ID] = k.ends || slices.ContainsFunc(k.Of, func(of CountedRule) bool { return r.absences[of.Rule] })
	}
	for _, d := range all {
		r.longest = max(r.longest, d.Within)
		r.byID[d.ID] = d
		if d.Timed || d.After > 0 {
			r.absences[d.ID] = true
		}
		if d.Timed || d.Correlation != nil {
			continue
		}
		if d.Last {
			r.last = append(r.last, d)
			continue
		}
		for _, on := range d.On {
			r.byActivity[on] = append(r.byActivity[on], d)
		}
		for _, sign := range d.Signs {
			r.bySign[sign] = append(r.bySign[sign], d)
		}
		if len(d.On) == 0 && len(d.Signs) == 0 {
			r.always = append(r.always, d)
		}
	}
	for kind, list := range r.byActivity {
		r.byActivity[kind] = slices.Concat(r.always, list)
	}
	return r
}

// asked lists the detections to ask about an act, each once. room is used for a list that has to be made.
func (r *ruleset) asked(a *Act, room *[]*Detection) []*Detection {
	list, there := r.byActivity[a.Activity]
	if !there {
		list = r.always
	}
	if len(a.Signs) == 0 {
		return list
	}
	all := append((*room)[:0], list...)
	for _, s := range a.Signs {
		for _, d := range r.bySign[s.ID] {
			if !slices.Contains(all, d) {
				all = append(all, d)
			}
		}
	}
	*room = all
	return all
}

// eat takes the next act.
func (m *machine) eat(a *Act) {
	m.memory.clock.Stand(a.position())
	m.now = moment(a.Time)
	m.judge(m.now)
	m.eaten = m.standing(a)
	c := &m.eaten
	if len(m.merged) > 0 {
		m.askMerged(c)
	}
	if told(c.Line, a) {
		return
	}
	m.pass(a)
	m.askAll(c)
	m.correlate(c)
	m.note(c)
	if m.memory.clock.Epoch() == 0 {
		m.bound(a.Time)
	}
}

// askLater bounds how many acts are asked about again when an older one comes late.
const askLater = 16

// eatLate takes an act that is older than others that were eaten, and reports whether it crossed one of them. Where it did, it is put
// into its place, and the detections are asked again about what its identity did after it. What they answer is good enough
// until all is eaten again in order.
func (m *machine) eatLate(a *Act) (crossed bool) {
	m.eat(a)
	if !m.memory.clock.Crossed() {
		return false
	}
	who := m.memory.Graph.Find(identity.Fold(a.Actor.ID))
	line := m.memory.Lines.Get(who)
	if line == nil {
		return true
	}
	i, _ := slices.BinarySearchFunc(line.Acts, a.Time, func(b *Act, t time.Time) int { return b.Time.Compare(t) })
	later := slices.Clone(line.Acts[i:])
	for _, b := range later[:min(len(later), askLater)] {
		if b.ID != a.ID {
			m.memory.clock.Stand(b.position())
			m.askAll(m.caseOf(b))
		}
	}
	return true
}

// caseOf is an act with the memory of what was before it.
func (m *machine) caseOf(a *Act) *Case {
	c := m.standing(a)
	return &c
}

func (m *machine) standing(a *Act) Case {
	who := m.who(a)
	return Case{Act: a, ID: who, Who: m.memory.profile(who), Line: m.memory.Lines.Get(who), Context: m.context, Now: a.Time, memory: m.memory, rules: m.rules}
}

// askAll asks what there is to be asked about an act.
func (m *machine) askAll(c *Case) {
	m.raised = m.raised[:0]
	for _, s := range c.Act.Signs {
		if f := m.weigh(s, c); f != nil {
			m.found(c, &s.Rule, time.Hour, f)
		}
	}
	m.askEach(c, m.rules.asked(c.Act, &m.room))
	m.askLast(c)
}

// askEach asks detections one after the other. One that panics is switched off and counted; the others go on.
func (m *machine) askEach(c *Case, list []*Detection) {
	for next := 0; next < len(list); {
		m.askFrom(c, list, &next)
	}
}

func (m *machine) askFrom(c *Case, list []*Detection, next *int) {
	defer func() {
		if recover() != nil {
			m.broken[list[*next-1].ID]++
		}
	}()
	for *next < len(list) {
		d := list[*next]
		*next++
		switch {
		case len(m.broken) > 0 && m.broken[d.ID] > 0:
		case d.After > 0:
			m.await(d, c.Act)
		default:
			if f := d.Find(c); f != nil {
				m.found(c, &d.Rule, d.Within, f)
			}
		}
	}
}

// askLast asks the detections that look at what others found.
func (m *machine) askLast(c *Case) {
	if len(m.raised) == 0 && c.Act.Dataset != ecsContext {
		return
	}
	c.Raised = slices.Clone(m.raised)
	m.askEach(c, m.rules.last)
}

// told reports whether a call that two accounts record was already taken from the other one.
func told(line *Line, a *Act) bool {
	if a.Shared == "" || line == nil {
		return false
	}
	return slices.ContainsFunc(line.Since(a.Time, time.Minute), func(b *Act) bool { return b.Shared == a.Shared && b.ID != a.ID })
}

// weigh asks what a sign is worth to this identity.
func (m *machine) weigh(s *Sign, c *Case) *Finding {
	switch {
	case s.Quiet:
		return nil
	case s.Weigh == nil:
		return &Finding{}
	}
	return m.askOf(s.ID, s.Weigh, c)
}

// ask asks one detection.
func (m *machine) ask(d *Detection, c *Case) *Finding { return m.askOf(d.ID, d.Find, c) }

func (m *machine) askOf(id string, find func(*Case) *Finding, c *Case) (f *Finding) {
	if len(m.broken) > 0 && m.broken[id] > 0 {
		return nil
	}
	defer func() {
		if recover() != nil {
			m.broken[id]++
			f = nil
		}
	}()
	return find(c)
}

// who joins the names that the act tells of and returns the identity that acts.
func (m *machine) who(a *Act) string {
	name, key := identity.Fold(a.Actor.ID), ""
	if a.Dataset == cloudtrail {
		key = a.keyName()
	}
	for _, l := range a.Links {
		if key != "" && l.From == key && !m.memory.Graph.Known(key) {
			l.From = name // whoever asked for the key in use was not seen
		}
		if m.join(l, a) && l.From == name {
			name = l.To // the login is another one's, the vendor's id is not
		}
	}
	if known := m.context.of(a); known != nil && (key == "" || !m.memory.Graph.Known(key) || m.memory.Graph.Find(key) == m.memory.Graph.Find(name)) {
		m.join(identity.Tie{From: "id:" + known.ID, To: name, Key: "context", Strength: identity.B}, a)
	}
	if key != "" && m.memory.Graph.Known(key) {
		return m.memory.Graph.Find(key)
	}
	return m.memory.Graph.Find(name)
}

// join notes a tie with all that hangs on the names, and reports whether a login in it is another one's.
func (m *machine) join(t identity.Tie, a *Act) (taken bool) {
	j := m.memory.Graph.Join(t, a.Time, a.ID)
	if j.Absorbed == "" {
		return j.Taken
	}
	m.moveWindows(j.Absorbed, j.Root)
	if p := m.memory.Profiles.Get(j.Absorbed); p != nil {
		m.profile(j.Root).Merge(p)
		m.memory.Profiles.Forget(j.Absorbed)
	}
	if l := m.memory.Lines.Get(j.Absorbed); l != nil {
		m.memory.Lines.Edit(j.Root, newLine).merge(l, &m.memory.census)
		m.memory.Lines.Forget(j.Absorbed)
	}
	return false
}

// found scores a finding and makes an alert of it, or adds it to the open alert of the rule on the identity.
func (m *machine) found(c *Case, rule *Rule, within time.Duration, f *Finding) {
	parts, weighed := score(c, rule, f)
	points, parts := total(parts)
	evidence := append(slices.Clone(f.Evidence), c.Act)
	slices.SortFunc(evidence, byTime)
	key := alertKey(rule.ID, about(c, f), f.Key)
	if open := m.memory.Alerts.Get(key); open != nil && c.Act.Time.Sub(open.Last) <= within {
		m.extend(c, key, evidence, points, parts, f.Reason, weighed)
		return
	}
	m.memory.Alerts.Forget(key)
	a := m.memory.Alerts.Edit(key, func() *Alert { return &Alert{} })
	*a = Alert{
		ID: alertID(rule.ID, evidence[0]), Rule: rule, Key: f.Key, Who: c.ID, Names: m.memory.Graph.NamesOf(c.ID), Anchor: evidence[0],
		Reason: f.Reason, Parts: parts, Score: points, Context: weighed, Last: c.Act.Time, Found: c.Now,
		Signal: points < m.context.Threshold,
	}
	a.add(evidence)
	a.Gaps = m.gaps(a)
	m.raised = append(m.raised, a)
	if c.ID != "" && !strings.HasPrefix(c.ID, sourcePrefix) {
		p := m.profile(c.ID)
		p.AddRisk(float64(points), c.Act.Time)
		if c.Who != nil {
			c.Who = p // what is asked next knows of the risk
		}
		m.keep(c.ID)
		if a.Signal && m.rules.byID[rule.ID] != nil {
			addTo(m.memory, m.memory.Sessions, signalsOf(rule.ID, c.ID), c.Act)
		}
	}
	m.changed(a)
}

// extend adds evidence to an open alert. The higher score stands.
func (m *machine) extend(c *Case, key string, evidence []*Act, points int, parts []Part, reason string, weighed []string) {
	a := m.memory.Alerts.Edit(key, func() *Alert { return &Alert{} })
	a.add(evidence)
	a.Names = m.memory.Graph.NamesOf(c.ID)
	a.Last = evidence[len(evidence)-1].Time
	if points > a.Score {
		a.Score, a.Parts, a.Context = points, parts, weighed
		if reason != "" {
			a.Reason = reason
		}
	}
	a.Signal = a.Score < m.context.Threshold
	a.Gaps = m.gaps(a)
	m.raised = append(m.raised, a)
	m.changed(a)
}

// about is whose alert a finding belongs to: that of the identity that acts, or nobody's.
func about(c *Case, f *Finding) string {
	if f.Wide {
		return "*"
	}
	return c.ID
}
