package detections

import (
	"slices"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Case is an act with the memory of what was before it. Detections only read it.
type Case struct {
	Act     *Act
	ID      string            // the identity that acts, over all sources
	Who     *identity.Profile // nil when it was never seen
	Line    *Line             // its acts before this one
	Context *Context
	Now     time.Time // when the question is asked: the act's time, or later for detections that wait
	Raised  []*Alert  // what other detections found in the act, for those that are asked last
	memory  *Memory
	rules   *ruleset

	asked            struct{ known, credential, address, session bool } // of memory, once
	known            *Known
	credential       *Credential
	address, session *Line
}

// Recent lists the identity's acts of the last d before this one, oldest first. They must not be changed.
func (c *Case) Recent(d time.Duration) []*Act { return c.Line.Since(c.Act.Time, d) }

// forgot reports whether some of the identity's acts of the last d had to make room. That something did not happen cannot be said then.
func (c *Case) forgot(d time.Duration) bool { return c.Line.forgot(c.Act.Time.Add(-d)) }

// Back lists the identity's acts of the last d before this one that fit, oldest first.
func (c *Case) Back(d time.Duration, fits func(*Act) bool) []*Act {
	return pick(c.Line.Since(c.Act.Time, d), fits)
}

// From lists the acts of the last d from the same address that fit, whoever acted.
func (c *Case) From(d time.Duration, fits func(*Act) bool) []*Act {
	if !c.Act.Addr.IsValid() {
		return nil
	}
	return pick(c.byAddress().Since(c.Act.Time, d), fits)
}

// InSession lists the acts of the last d in the same session that fit.
func (c *Case) InSession(d time.Duration, fits func(*Act) bool) []*Act {
	if c.Act.Session == "" {
		return nil
	}
	return pick(c.bySession().Since(c.Act.Time, d), fits)
}

// Of lists the acts of the last d of another identity, given by any of its names, that fit.
func (c *Case) Of(name string, d time.Duration, fits func(*Act) bool) []*Act {
	if name == "" {
		return nil
	}
	return pick(c.memory.Lines.Get(c.memory.Graph.Find(identity.Fold(name))).Since(c.Act.Time, d), fits)
}

// Profile is the profile of another identity, given by any of its names.
func (c *Case) Profile(name string) *identity.Profile {
	return c.memory.profile(c.memory.Graph.Find(identity.Fold(name)))
}

// Same reports whether two names belong to one identity.
func (c *Case) Same(a, b string) bool {
	return a != "" && b != "" && c.memory.Graph.Find(identity.Fold(a)) == c.memory.Graph.Find(identity.Fold(b))
}

// Credential is the life of a credential, nil when nothing is known of it.
func (c *Case) Credential(id string) *Credential {
	switch {
	case id == "":
		return nil
	case id != c.Act.Credential:
		return c.memory.credential(id)
	case !c.asked.credential:
		c.asked.credential, c.credential = true, c.memory.credential(id)
	}
	return c.credential
}

// byAddress are the acts from the same address, bySession those of the same session. Many detections ask for them.
func (c *Case) byAddress() *Line {
	if !c.asked.address {
		c.asked.address, c.address = true, c.memory.Addresses.Get(c.Act.Addr)
	}
	return c.address
}

func (c *Case) bySession() *Line {
	if !c.asked.session {
		c.asked.session, c.session = true, c.memory.Sessions.Get(c.Act.Session)
	}
	return c.session
}

// Novelty tells whether a value is new to the identity that acts. habit picks one of its habits.
func (c *Case) Novelty(habit func(*identity.Profile) *identity.Habit, value string) identity.Novelty {
	if c.Who == nil {
		return identity.Unknown
	}
	return c.Who.Novelty(habit(c.Who), value, c.Act.Time, c.Context.Maturity())
}

// UsualHour tells whether the identity is used to act at this hour.
func (c *Case) UsualHour() identity.Novelty {
	if c.Who == nil {
		return identity.Unknown
	}
	return c.Who.UsualHour(c.Act.Time, c.Context.Maturity())
}

// Silent is how long the identity had not acted before this act; 0 for one never seen.
func (c *Case) Silent() time.Duration {
	if c.Who == nil || c.Who.Last.IsZero() {
		return 0
	}
	return c.Act.Time.Sub(c.Who.Last)
}

// Known is what the context file says of the identity that acts, nil when it says nothing. Of a session whose key was issued to somebody
// else it is what is said of that one: a person in a machine's role stays a person. Only a workload is what its role is said to be.
func (c *Case) Known() *Known {
	if !c.asked.known {
		c.asked.known, c.known = true, c.findKnown()
	}
	return c.known
}

func (c *Case) findKnown() *Known {
	if len(c.Context.Identities) == 0 {
		return nil
	}
	if known := c.Context.Known(c.ID); known != nil {
		return known
	}
	if c.actsItself() || c.Who != nil && c.Who.Kind == ecs.Workload {
		return c.Context.of(c.Act)
	}
	return nil
}

// actsItself reports whether nobody but whom the record names is behind the act.
func (c *Case) actsItself() bool { return c.Same(c.Act.Actor.ID, c.ID) }

// Machine reports whether the identity is no person.
func (c *Case) Machine() bool {
	if known := c.Known(); known != nil && known.Kind != "" {
		return known.Kind != ecs.Human && known.Kind != ecs.Root
	}
	return c.Act.Actor.IsMachine() && !ecs.IsMail(c.ID)
}

func pick(acts []*Act, fits func(*Act) bool) []*Act {
	var room [lineLength]*Act
	found := room[:0]
	for _, a := range acts {
		if fits(a) {
			found = append(found, a)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return slices.Clone(found)
}

// Habits that detections ask about.
func countries(p *identity.Profile) *identity.Habit  { return &p.Countries }
func networks(p *identity.Profile) *identity.Habit   { return &p.Networks }
func devices(p *identity.Profile) *identity.Habit    { return &p.Devices }
func operations(p *identity.Profile) *identity.Habit { return &p.Operations }
func regions(p *identity.Profile) *identity.Habit    { return &p.Regions }
func resources(p *identity.Profile) *identity.Habit  { return &p.Resources }
func apps(p *identity.Profile) *identity.Habit       { return &p.Apps }
func roles(p *identity.Profile) *identity.Habit      { return &p.Roles }
func scopes(p *identity.Profile) *identity.Habit     { return &p.Scopes }

// distinct counts different values among acts.
func distinct(acts []*Act, value func(*Act) string) int {
	seen := map[string]bool{}
	for i := range acts {
		if v := value(acts[i]); v != "" {
			seen[v] = true
		}
	}
	return len(seen)
}

// givenTo is the youngest act of the last d by which somebody else gave rights to the identity that acts.
func (c *Case) givenTo(d time.Duration) *Act {
	if c.Who == nil {
		return nil
	}
	for i := len(c.Who.Rights) - 1; i >= 0; i-- {
		r := &c.Who.Rights[i]
		if r.Grant == "" || c.Act.Time.Sub(r.Since) > d {
			continue
		}
		for _, act := range c.Of(r.Grant, d, isGain) {
			if act.ID == r.Doc {
				return act
			}
		}
	}
	return nil
}

// Peers is the shared baseline of the identities that have the same function, kind and role; nil when there is none.
func (c *Case) Peers() *identity.Profile {
	if key := groupOf(c); key != "" {
		return c.memory.Peers.Get(key)
	}
	return nil
}

// groupOf names the group whose habits an identity shares: its declared function, or nothing.
func groupOf(c *Case) string {
	known := c.Known()
	if known == nil || known.Function == "" {
		return ""
	}
	return known.Function + "\x00" + known.Kind
}
