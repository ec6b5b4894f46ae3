package identity

import (
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Maturity says when an identity is known well enough that something can be new to it.
type Maturity struct {
	Age    time.Duration
	Events int
}

// Sighting is where and when an identity was.
type Sighting struct {
	Time    time.Time
	Place   *ecs.Place
	Addr    netip.Addr
	Dataset string
	Session string
	Device  string
	Network string
	Doc     string // document id
	Index   string
}

// Profile is what is remembered of one identity. Methods that read it are asked before the act in question is noted.
type Profile struct {
	ID       string
	Kind     string
	First    time.Time
	Last     time.Time
	Count    int
	Failures int

	Countries, Networks, Devices, Operations, Regions, Resources, Apps, Methods, Roles, Scopes, Accounts Habit

	hours []hour // of the week that it acted in, by slot

	Place  Sighting   // last known place
	Places []Sighting // last known place on each source, one a dataset

	Lifetimes Spread // lengths of sessions and tokens
	Rights    []Right
	Risk      float64
	RiskAt    time.Time

	CreatedAt, DisabledAt, EnabledAt time.Time
	PrivilegedAt                     time.Time
	Brokered                         time.Time     // last sign-in at an identity provider
	Dormant                          time.Duration // the last silence longer than DormantAfter that ended
	DormantEnd                       time.Time

	Forgotten bool // it was known before, and that was forgotten: nothing is new to it until it is known anew
}

// DormantAfter is the silence after which an identity counts as dormant.
const DormantAfter = 30 * 24 * time.Hour

// Right is a privilege held.
type Right struct {
	Name  string
	Since time.Time
	Until time.Time // zero: for good
	Doc   string
	Used  bool
	Grant string // who gave it
}

// Spread learns how large a number usually is.
type Spread struct {
	N           int
	mean, m2    float64
	Max         float64
	MaxObserved time.Time
}

// Add notes a number.
func (s *Spread) Add(x float64, at time.Time) {
	s.N++
	d := x - s.mean
	s.mean += d / float64(s.N)
	s.m2 += d * (x - s.mean)
	if x > s.Max {
		s.Max, s.MaxObserved = x, at
	}
}

// Mean is the middle of the numbers.
func (s *Spread) Mean() float64 { return s.mean }

// Deviation is the standard deviation.
func (s *Spread) Deviation() float64 {
	if s.N < 2 {
		return 0
	}
	return math.Sqrt(s.m2 / float64(s.N-1))
}

// Mature reports whether the identity was known long and well enough at a time.
func (p *Profile) Mature(at time.Time, m Maturity) bool {
	return p != nil && !p.Forgotten && p.Count >= m.Events && !p.First.IsZero() && at.Sub(p.First) >= m.Age
}

// Novelty tells whether a value is new to the identity at a time.
func (p *Profile) Novelty(h *Habit, value string, at time.Time, m Maturity) Novelty {
	switch {
	case value == "":
		return Unknown
	case p == nil:
		return Unknown
	case h.Has(value):
		return Known
	case !p.Mature(at, m) || h.Forgot() || h.Len() == 0:
		return Unknown
	}
	return New
}

// HalfLife is the time after which risk counts half.
const HalfLife = 12 * time.Hour

// RiskAtTime is the risk that is left at a time.
func (p *Profile) RiskAtTime(at time.Time) float64 {
	if p == nil || p.Risk == 0 {
		return 0
	}
	return p.Risk * math.Exp2(-max(at.Sub(p.RiskAt), 0).Hours()/HalfLife.Hours())
}

// AddRisk adds points at a time.
func (p *Profile) AddRisk(points float64, at time.Time) {
	p.Risk = p.RiskAtTime(at) + points
	if at.After(p.RiskAt) {
		p.RiskAt = at
	}
}

// See notes where the identity was seen on a source. Of two sightings the later one stands.
func (p *Profile) See(s Sighting) {
	have := p.SeenOn(s.Dataset)
	if have == nil {
		p.Places = append(p.Places, s)
	} else if !s.Time.Before(have.Time) {
		*have = s
	}
}

// SeenOn is where the identity was last seen on a source, nil when it never was.
func (p *Profile) SeenOn(dataset string) *Sighting {
	if p == nil {
		return nil
	}
	for i := range p.Places {
		if p.Places[i].Dataset == dataset {
			return &p.Places[i]
		}
	}
	return nil
}

// Clone copies the profile.
func (p *Profile) Clone() *Profile {
	c := *p
	c.hours = slices.Clone(p.hours)
	c.Rights = slices.Clone(p.Rights)
	c.Places = slices.Clone(p.Places)
	habits := c.habits()
	CopyHabits(habits[:]...)
	return &c
}

// habits are all habits, for what is done to each.
func (p *Profile) habits() [11]*Habit {
	return [11]*Habit{&p.Countries, &p.Networks, &p.Devices, &p.Operations, &p.Regions, &p.Resources, &p.Apps, &p.Methods, &p.Roles, &p.Scopes, &p.Accounts}
}

// RelearnAfter is how long a forgotten identity that came back is learned before something can be new to it again.
const RelearnAfter = 30 * 24 * time.Hour

// Return is a profile of an identity that was forgotten and was last seen then. Its habits answer honestly that they forgot.
func Return(id string, last time.Time) *Profile {
	p := &Profile{ID: id, Last: last, Count: 3, Forgotten: true}
	for _, h := range p.habits() {
		h.forgot = true
	}
	return p
}

// Relearn ends the time in which nothing is new to a forgotten identity.
func (p *Profile) Relearn(at time.Time) {
	if !p.Forgotten || at.Sub(p.First) < RelearnAfter {
		return
	}
	p.Forgotten = false
	for _, h := range p.habits() {
		h.forgot = len(h.seen) >= HabitSize
	}
}

// Merge takes in what is remembered of another identity that turned out to be this one.
func (p *Profile) Merge(o *Profile) {
	if p.First.IsZero() || !o.First.IsZero() && o.First.Before(p.First) {
		p.First = o.First
	}
	if o.Last.After(p.Last) {
		p.Last = o.Last
	}
	if o.Brokered.After(p.Brokered) {
		p.Brokered = o.Brokered
	}
	p.Forgotten = p.Forgotten || o.Forgotten
	p.Count, p.Failures = p.Count+o.Count, p.Failures+o.Failures
	if p.Kind == "" {
		p.Kind = o.Kind
	}
	theirs := o.habits()
	for i, h := range p.habits() {
		h.Merge(theirs[i])
	}
	p.mergeHours(o)
	if o.Place.Time.After(p.Place.Time) {
		p.Place = o.Place
	}
	for _, s := range o.Places {
		p.See(s)
	}
	p.Rights = append(p.Rights, o.Rights...)
	p.Risk = p.RiskAtTime(p.Last) + o.RiskAtTime(p.Last)
	p.RiskAt = p.Last
}
