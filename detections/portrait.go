package detections

import (
	"slices"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Portrait is what past records tell of one identity.
type Portrait struct {
	ID          string
	Kind        string
	Names       []string
	Links       []identity.Link
	Known       *Known // what the context file says of it, nil when it says nothing
	First, Last time.Time
	Acts        int
	Failures    int
	Habits      []HabitShown
	Hours       [168]int // acts in each hour of the week, from Monday midnight UTC
	Credentials []*Credential
	Risk        float64 // at its last act
	Alerts      []*Alert
	Places      []Spot // where it was last, on each source; of a live portrait
}

// Spot is where and when an identity was last seen on a source.
type Spot struct {
	Time    time.Time
	Place   *ecs.Place // shared and never changed
	Addr    string
	Dataset string
	Device  string
}

// HabitShown is one kind of habit with its values, the most usual first.
type HabitShown struct {
	Name   string
	Values []Counted
	More   int // values that are remembered but can no longer be named
}

// Counted is a value with how often and when it was seen.
type Counted struct {
	Value       string
	Count       int
	First, Last time.Time
}

// Everybody lists all identities: those of several names, and those that acted under one. Sorted by id.
func (r *Replay) Everybody() []identity.Identity {
	graph := r.machine.memory.Graph
	all := graph.All()
	have := make(map[string]bool, len(all))
	for i := range all {
		have[all[i].ID] = true
	}
	for name := range r.machine.memory.Profiles.All() {
		if id := graph.Find(name); id != "" && !have[id] {
			have[id] = true
			all = append(all, identity.Identity{ID: id, Names: []string{id}})
		}
	}
	slices.SortFunc(all, func(a, b identity.Identity) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// KindOf is the kind of an identity: what the context file says, or what its acts showed last.
func (r *Replay) KindOf(i *identity.Identity) string {
	for _, name := range i.Names {
		if known := r.machine.context.Known(strings.TrimPrefix(name, "id:")); known != nil && known.Kind != "" {
			return known.Kind
		}
	}
	if p := r.machine.memory.Profiles.Get(i.ID); p != nil {
		return p.Kind
	}
	return ""
}

// Portrait describes the identity that has a name, nil when no record knows the name.
func (r *Replay) Portrait(name string) *Portrait {
	graph := r.machine.memory.Graph
	id := graph.Find(identity.Fold(name))
	known := r.machine.context.Known(name)
	if known != nil && graph.Known("id:"+known.ID) {
		id = graph.Find("id:" + known.ID)
	}
	all := r.Everybody()
	at, found := slices.BinarySearchFunc(all, id, func(i identity.Identity, id string) int { return strings.Compare(i.ID, id) })
	if !found {
		return nil
	}
	p := &Portrait{ID: id, Kind: r.KindOf(&all[at]), Names: all[at].Names, Links: all[at].Links, Known: known}
	for _, n := range p.Names {
		if p.Known == nil {
			p.Known = r.machine.context.Known(n)
		}
	}
	r.drawActs(p)
	p.Risk = r.machine.memory.Profiles.Get(id).RiskAtTime(p.Last)
	p.Credentials = r.credentialsOf(p)
	for _, a := range r.Alerts() {
		if graph.Find(a.Who) == id {
			p.Alerts = append(p.Alerts, a)
		}
	}
	return p
}

// drawn are the habits that a portrait shows.
var drawn = []struct {
	name  string
	value func(*Act) string
}{
	{"sources", func(a *Act) string { return a.Dataset }},
	{"countries", (*Act).Country},
	{"networks", (*Act).Network},
	{"devices", func(a *Act) string { return a.Device }},
	{"regions", func(a *Act) string { return a.Region }},
	{"roles", func(a *Act) string { return a.Role }},
	{"operations", func(a *Act) string { return a.Operation }},
	{"resources", func(a *Act) string { return a.Resource }},
}

// drawActs goes through all acts of the identity.
func (r *Replay) drawActs(p *Portrait) {
	counted := make([]map[string]*Counted, len(drawn))
	for i := range counted {
		counted[i] = map[string]*Counted{}
	}
	for i, a := range r.acts {
		if r.actor(a) != p.ID || i > 0 && byTime(r.acts[i-1], a) == 0 {
			continue
		}
		if p.First.IsZero() {
			p.First = a.Time
		}
		p.Last = a.Time
		p.Acts++
		if a.Failed {
			p.Failures++
			continue // what was refused is nobody's habit
		}
		if a.Activity == ecs.RiskReport {
			continue // nor is what others reported
		}
		p.Hours[identity.Slot(a.Time)]++
		for j := range drawn {
			count(counted[j], drawn[j].value(a), a.Time)
		}
	}
	for j := range drawn {
		p.Habits = append(p.Habits, HabitShown{Name: drawn[j].name, Values: ranked(counted[j])})
	}
}

// actor is the identity behind an act, by all that was linked.
func (r *Replay) actor(a *Act) string {
	graph := r.machine.memory.Graph
	if key := a.keyName(); key != "" && graph.Known(key) {
		return graph.Find(key)
	}
	who := graph.Find(identity.Fold(a.Actor.ID))
	for _, l := range a.Links {
		if l.Strength != identity.C && graph.Find(l.From) == who && graph.Find(l.To) != who {
			return graph.Find(l.To) // the login is another one's
		}
	}
	return who
}

func count(values map[string]*Counted, value string, at time.Time) {
	if value == "" {
		return
	}
	c := values[value]
	if c == nil {
		c = &Counted{Value: value, First: at}
		values[value] = c
	}
	c.Count++
	c.Last = at
}

// ranked lists values, the most usual first.
func ranked(values map[string]*Counted) []Counted {
	all := make([]Counted, 0, len(values))
	for _, c := range values {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b Counted) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(a.Value, b.Value)
	})
	return all
}

// credentialsOf lists the credentials that the identity made, owns or used, sorted by id.
func (r *Replay) credentialsOf(p *Portrait) []*Credential {
	graph := r.machine.memory.Graph
	used := map[string]bool{}
	for _, a := range r.acts {
		if a.Credential != "" && r.actor(a) == p.ID {
			used[a.Credential] = true
		}
	}
	var all []*Credential
	for _, c := range r.machine.memory.Credentials.All() {
		id := c.ID
		mine := used[id] || c.Maker != "" && graph.Find(c.Maker) == p.ID || c.Owner != "" && graph.Find(identity.Fold(c.Owner)) == p.ID
		if mine && !c.isObject() {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *Credential) int { return strings.Compare(a.ID, b.ID) })
	return all
}
