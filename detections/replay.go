package detections

import (
	"slices"
	"strings"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Replay runs all detections over past records, deterministic and as fast as it goes: Add them in any order, then Run.
type Replay struct {
	reader  *Reader
	machine *machine
	acts    []*Act
	alerts  map[string]*Alert
}

// NewReplay prepares a replay with the built-in detections and what is added to them.
func NewReplay(context *Context, added *Added) *Replay {
	r := &Replay{reader: NewReader(Signs()), alerts: map[string]*Alert{}}
	r.reader.Use(added)
	r.machine = newMachine(context, added, Bounds{})
	r.machine.changed = func(a *Alert) { r.alerts[a.ID] = a.clone() }
	return r
}

// Add keeps what an event tells. The event is valid during the call only.
func (r *Replay) Add(ev *ecs.Event) {
	if a, ok := r.reader.Read(ev); ok {
		r.acts = append(r.acts, a)
	}
}

// Run eats what was added, each document once, in event-time order.
func (r *Replay) Run() {
	slices.SortFunc(r.acts, byTime)
	for i, a := range r.acts {
		if i == 0 || byTime(r.acts[i-1], a) != 0 {
			r.machine.eat(a)
		}
	}
	r.machine.judge(endOfTime)
	foldInto(r.alerts)
}

// Alerts lists alerts and signals in the order of their anchors.
func (r *Replay) Alerts() []*Alert {
	all := make([]*Alert, 0, len(r.alerts))
	for _, a := range r.alerts {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b *Alert) int {
		if c := byTime(a.Anchor, b.Anchor); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}

// Identities lists the identities that have more than one name.
func (r *Replay) Identities() []identity.Identity { return r.machine.memory.Graph.All() }

// Profile is what is remembered of an identity, by any of its names; nil when it is unknown.
func (r *Replay) Profile(name string) *identity.Profile {
	return r.machine.memory.Profiles.Get(r.machine.memory.Graph.Find(identity.Fold(name)))
}
