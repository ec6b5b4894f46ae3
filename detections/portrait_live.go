package detections

import (
	"slices"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
)

// Portrait describes the identity that has a name, as remembered at this moment; nil when nobody has the name. It shares nothing that
// changes. Habits are remembered by the hashes of their values, so that only those can be named that the last acts show, or
// that are few, as countries are: HabitShown.More counts the others. Alerts are left out.
func (l *Live) Portrait(name string) *Portrait {
	m := l.machine.memory
	id := m.Graph.Find(identity.Fold(name))
	known := l.machine.context.Known(name)
	if known != nil && m.Graph.Known("id:"+known.ID) {
		id = m.Graph.Find("id:" + known.ID)
	}
	profile := m.Profiles.Peek(id)
	if profile == nil && !m.Graph.Known(id) {
		return nil
	}
	who := m.Graph.Of(id)
	p := &Portrait{ID: id, Names: who.Names, Links: who.Links, Known: known}
	for _, n := range p.Names {
		if p.Known == nil {
			p.Known = l.machine.context.Known(n)
		}
	}
	l.drawProfile(p, profile)
	if p.Known != nil && p.Known.Kind != "" {
		p.Kind = p.Known.Kind
	}
	p.Credentials = l.credentialsOf(p)
	return p
}

// remembered are the habits of a profile, as drawn are those of acts.
func remembered(p *identity.Profile) []*identity.Habit {
	return []*identity.Habit{nil, &p.Countries, &p.Networks, &p.Devices, &p.Regions, &p.Roles, &p.Operations, &p.Resources}
}

// drawProfile draws what the profile tells.
func (l *Live) drawProfile(p *Portrait, profile *identity.Profile) {
	if profile == nil {
		return
	}
	p.Kind, p.First, p.Last, p.Acts, p.Failures = profile.Kind, profile.First, profile.Last, profile.Count, profile.Failures
	p.Risk = profile.RiskAtTime(p.Last)
	for i, n := range profile.Hours() {
		p.Hours[i] = int(n)
	}
	var acts []*Act
	if line := l.machine.memory.Lines.Peek(p.ID); line != nil {
		acts = line.Acts
	}
	for i, h := range remembered(profile) {
		p.Habits = append(p.Habits, drawHabit(drawn[i].name, drawn[i].value, h, acts))
	}
	for _, s := range profile.Places {
		p.Places = append(p.Places, Spot{Time: s.Time, Place: s.Place, Addr: s.Addr.String(), Dataset: s.Dataset, Device: s.Device})
	}
}

// drawHabit names the values of a habit that the acts show, with how often the habit saw them. Without a habit the acts alone are counted.
func drawHabit(name string, value func(*Act) string, h *identity.Habit, acts []*Act) HabitShown {
	counted := map[string]*Counted{}
	for _, a := range acts {
		if !a.Failed {
			count(counted, value(a), a.Time)
		}
	}
	if h == nil {
		return HabitShown{Name: name, Values: ranked(counted)}
	}
	if name == "countries" {
		for _, code := range countryCodes {
			if times, _ := h.Seen(code); times > 0 && counted[code] == nil {
				counted[code] = &Counted{Value: code}
			}
		}
	}
	shown := HabitShown{Name: name}
	for v, c := range counted {
		if times, first := h.Seen(v); times > 0 {
			c.Count, c.First = int(times), time.Unix(0, first).UTC()
		}
	}
	shown.Values = ranked(counted)
	shown.More = max(h.Len()-len(shown.Values), 0)
	return shown
}

// credentialsOf lists the credentials that the identity made, owns or goes by, sorted by id.
func (l *Live) credentialsOf(p *Portrait) []*Credential {
	m := l.machine.memory
	for id, c := range m.Credentials.All() {
		if strings.HasPrefix(id, "issuers/") || strings.HasPrefix(id, "authenticator/") || c.isObject() {
			continue
		}
		mine := c.Maker != "" && m.Graph.Find(c.Maker) == p.ID || c.Owner != "" && m.Graph.Find(identity.Fold(c.Owner)) == p.ID ||
			m.Graph.Known(keyPrefix+id) && m.Graph.Find(keyPrefix+id) == p.ID
		if mine {
			own := *c
			p.Credentials = append(p.Credentials, &own)
		}
	}
	slices.SortFunc(p.Credentials, func(a, b *Credential) int { return strings.Compare(a.ID, b.ID) })
	return p.Credentials
}

// SourceSeen is what the engine knows of one source.
type SourceSeen struct {
	Dataset  string
	Newest   time.Time     // event time
	Heard    time.Time     // by the edge's clock; zero after a restart until it is heard again
	Silent   time.Time     // when its last unusual silence began, in event time; zero when there was none
	Silence  time.Duration // how long that lasted; 0 while it lasts
	Tampered time.Time     // when somebody last stopped or changed its logging, in event time
}

// Sources lists the sources, sorted by dataset.
func (l *Live) Sources() []SourceSeen {
	var all []SourceSeen
	for dataset, newest := range l.newest {
		s := SourceSeen{Dataset: dataset, Newest: newest, Heard: l.heard[dataset]}
		if f := l.machine.memory.Sources.Peek(dataset); f != nil {
			s.Tampered = f.Tampered
			if n := len(f.Silences); n > 0 {
				s.Silent, s.Silence = f.Silences[n-1].From, f.Silences[n-1].Until.Sub(f.Silences[n-1].From)
			}
			if f.Silent {
				s.Silent, s.Silence = f.Last, 0
			}
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b SourceSeen) int { return strings.Compare(a.Dataset, b.Dataset) })
	return all
}
