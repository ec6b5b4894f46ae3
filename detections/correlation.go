package detections

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
)

// Correlation is what a detection counts: hits of rules, in groups, over a window that slides with event time.
type Correlation struct {
	Kind   CorrelationKind
	Of     []CountedRule // in the order in which temporal_ordered wants them; CorrelationRules at most
	Group  []string      // names of what is grouped by, for a reader and for correlations over this one
	Span   time.Duration // of the window, both of its ends included
	Limits []Limit       // all of them have to hold
	Value  []string      // names of the fields whose values are counted or summed
	// Quiet correlations raise no alert by themselves; others count them.
	Quiet bool
}

// CorrelationKind says what of a window is held against the limits.
type CorrelationKind string

// The kinds, as Sigma calls them.
const (
	EventCount      CorrelationKind = "event_count"      // how many records
	ValueCount      CorrelationKind = "value_count"      // how many different values
	ValueSum        CorrelationKind = "value_sum"        // the sum of values
	ValueAvg        CorrelationKind = "value_avg"        // their average
	Temporal        CorrelationKind = "temporal"         // how many different rules
	TemporalOrdered CorrelationKind = "temporal_ordered" // how many of them in the order in which they are listed
)

// CountedRule is a rule, or another correlation, whose hits are counted.
type CountedRule struct {
	Rule  string   // its id
	Group []string // where its hits have what the correlation groups by, by place in Group
	Value []string // the same of Value
}

// LinkedIdentity is the field that holds the identity that acts, over all sources.
const LinkedIdentity = "idwatch.identity.id"

const (
	// CorrelationRules bounds the rules of one correlation.
	CorrelationRules = 64
	// OrderedRules bounds those of a correlation that asks for their order.
	OrderedRules = 24
	// WindowMost bounds the records that are kept of one window. The oldest make room, and are counted.
	WindowMost = 8192
)

// Limit is one comparison of a condition.
type Limit struct {
	Is     Comparison
	Number float64
}

// Comparison is how what is counted is compared, as Sigma writes it.
type Comparison string

// The comparisons.
const (
	Less        Comparison = "lt"
	LessOrEqual Comparison = "lte"
	More        Comparison = "gt"
	MoreOrEqual Comparison = "gte"
	Equal       Comparison = "eq"
	NotEqual    Comparison = "neq"
)

func (l Limit) holds(n float64) bool {
	switch l.Is {
	case Less:
		return n < l.Number
	case LessOrEqual:
		return n <= l.Number
	case More:
		return n > l.Number
	case MoreOrEqual:
		return n >= l.Number
	case Equal:
		return n == l.Number
	}
	return n != l.Number
}

// Ends reports whether the condition can only be judged when the window has passed: what is still to come could end it.
func (c *Correlation) Ends() bool {
	return slices.ContainsFunc(c.Limits, func(l Limit) bool { return l.Is != More && l.Is != MoreOrEqual })
}

// byIdentity is the place in Group of the linked identity, -1 when it is not grouped by.
func (c *Correlation) byIdentity() int { return slices.Index(c.Group, LinkedIdentity) }

// counter is a correlation as the engine runs it.
type counter struct {
	*Detection
	*Correlation
	key    string   // stands for the definition: a changed one begins anew
	order  int      // inner correlations before those over them
	outer  []*tally // what counts it
	who    int      // place of the linked identity in Group, -1
	ends   bool
	span   int64         // nanoseconds
	reach  time.Duration // how far back its evidence goes: its own window and those of inner correlations
	needed int           // rules that have to be there, of temporal kinds; 0 when limits say it
}

// tally says which correlation counts a rule, and as which of its rules.
type tally struct {
	*counter
	at int
}

// count takes the correlations among detections.
func (r *ruleset) count(all []*Detection) {
	r.counters, r.counted = newCounters(all)
	r.byKey = map[string]*counter{}
	for _, k := range r.counters {
		r.byKey[k.key] = k
		r.longest = max(r.longest, k.reach)
		r.byWho = r.byWho || k.who >= 0
		if k.ends {
			r.ending = append(r.ending, k)
		}
	}
}

// newCounters prepares the correlations among detections. Those over others come after them; a circle is left out.
func newCounters(all []*Detection) (counters []*counter, counted map[string][]*tally) {
	byID := map[string]*counter{}
	for _, d := range all {
		if d.Correlation != nil {
			byID[d.ID] = newCounter(d)
		}
	}
	counted = map[string][]*tally{}
	placed := map[string]bool{}
	var place func(id string, depth int) bool
	place = func(id string, depth int) bool {
		c := byID[id]
		if c == nil || placed[id] {
			return true
		}
		if depth > len(byID) {
			return false
		}
		for i := range c.Of {
			if !place(c.Of[i].Rule, depth+1) {
				return false
			}
			if in := byID[c.Of[i].Rule]; in != nil {
				c.reach = max(c.reach, c.Span+in.reach)
			}
		}
		placed[id], c.order = true, len(counters)
		counters = append(counters, c)
		return true
	}
	for _, d := range all {
		if d.Correlation != nil {
			place(d.ID, 0)
		}
	}
	for _, c := range counters {
		for i := range c.Of {
			t := &tally{c, i}
			if in := byID[c.Of[i].Rule]; in != nil {
				in.outer = append(in.outer, t)
			} else {
				counted[c.Of[i].Rule] = append(counted[c.Of[i].Rule], t)
			}
		}
	}
	return counters, counted
}

func newCounter(d *Detection) *counter {
	c := &counter{Detection: d, Correlation: d.Correlation}
	c.key = strconv.FormatUint(identity.Hash(fmt.Sprintf("%s %+v", d.ID, *d.Correlation)), 36)
	c.who = c.byIdentity()
	c.ends = c.Ends()
	c.span, c.reach = int64(c.Span), c.Span
	if len(c.Limits) == 0 {
		c.needed = len(c.Of)
	}
	return c
}

// pending is what one act brings to one correlation.
type pending struct {
	*counter
	rules  uint64  // of the record
	events []event // of inner correlations
}

// pendings are in the order of the correlations.
type pendings []pending

// of returns what is brought to a correlation, making room for it.
func (p *pendings) of(c *counter) *pending {
	i := 0
	for i < len(*p) && (*p)[i].order < c.order {
		i++
	}
	found := i < len(*p) && (*p)[i].counter == c
	if !found {
		*p = slices.Insert(*p, i, pending{counter: c})
	}
	return &(*p)[i]
}

// event is what a correlation tells those over it: when it came true, by which records, and of which group.
type event struct {
	place  int // in Of of whoever counts it
	at     int64
	act    *Act   // the last record
	acts   []*Act // all of them
	who    string
	group  string     // its group's key
	fields []HitField // and what that has in common
}

// values are what an event has of a field: its group's, else what its records have, each once.
func (e *event) values(name string) []string {
	for i := range e.fields {
		if e.fields[i].Name == name {
			return e.fields[i].Values
		}
	}
	var all []string
	for _, a := range e.acts {
		for i := range a.Hits {
			for _, v := range a.Hits[i].values(name) {
				if !slices.Contains(all, v) && len(all) < memberships {
					all = append(all, v)
				}
			}
		}
	}
	return all
}

func (h *Hit) values(name string) []string {
	for i := range h.Fields {
		if h.Fields[i].Name == name {
			return h.Fields[i].Values
		}
	}
	return nil
}
