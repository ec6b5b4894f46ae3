// Package portrait is what is shown of one identity: to people on the command line and in the console, and as JSON.
package portrait

import (
	"time"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/detections/identity"
)

// Portrait is what is shown of a detections.Portrait.
type Portrait struct {
	ID          string             `json:"id"`
	Kind        string             `json:"kind,omitempty"`
	Owner       string             `json:"owner,omitempty"`
	Unowned     bool               `json:"unowned,omitempty"`
	Function    string             `json:"function,omitempty"`
	Escalation  []string           `json:"escalation,omitempty"`
	Privileged  bool               `json:"privileged,omitempty"`
	ThirdParty  bool               `json:"third_party,omitempty"`
	Names       []string           `json:"names"`
	Links       []Link             `json:"links"`
	First       time.Time          `json:"first,omitzero"`
	Last        time.Time          `json:"last,omitzero"`
	Acts        int                `json:"acts"`
	Failures    int                `json:"failures"`
	Risk        float64            `json:"risk"`
	Usual       map[string][]Value `json:"usual"`
	Hours       map[string][24]int `json:"hours_utc"` // how much is done, by day and hour
	Credentials []Credential       `json:"credentials"`
	Alerts      []Alert            `json:"alerts"`
}

// Value is a usual value.
type Value struct {
	Value string    `json:"value"`
	Count int       `json:"count"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// Credential is a key, secret, token or certificate of the identity.
type Credential struct {
	ID       string    `json:"id"`
	Maker    string    `json:"maker,omitempty"`
	Owner    string    `json:"owner,omitempty"`
	Made     time.Time `json:"made,omitzero"`
	FirstUse time.Time `json:"first_use,omitzero"`
	LastUse  time.Time `json:"last_use,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	Uses     int       `json:"uses"`
}

// Alert is an alert or signal on the identity.
type Alert struct {
	ID     string    `json:"id"`
	Rule   string    `json:"rule"`
	Time   time.Time `json:"time"`
	Score  int       `json:"score"`
	Signal bool      `json:"signal,omitempty"`
	Folded string    `json:"folded_into,omitempty"`
	Reason string    `json:"reason"`
}

// shownValues is how many values of a kind are shown.
const shownValues = 100

// Weekdays are the keys of Hours, in order.
var Weekdays = [7]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// Of makes of a portrait what is shown of it.
func Of(p *detections.Portrait) *Portrait {
	s := &Portrait{
		ID: p.ID, Kind: p.Kind, Names: p.Names, Links: Links(p.Links), First: p.First, Last: p.Last, Acts: p.Acts, Failures: p.Failures,
		Risk: p.Risk, Unowned: p.Known == nil || p.Known.Owner == "", Usual: map[string][]Value{}, Hours: map[string][24]int{},
		Credentials: []Credential{}, Alerts: []Alert{},
	}
	if k := p.Known; k != nil {
		s.Owner, s.Function, s.Escalation, s.Privileged, s.ThirdParty = k.Owner, k.Function, k.Escalation, k.Privileged, k.ThirdParty
	}
	for _, h := range p.Habits {
		for _, v := range h.Values[:min(len(h.Values), shownValues)] {
			s.Usual[h.Name] = append(s.Usual[h.Name], Value{v.Value, v.Count, v.First, v.Last})
		}
	}
	for day, name := range Weekdays {
		s.Hours[name] = [24]int(p.Hours[day*24 : day*24+24])
	}
	for _, c := range p.Credentials {
		s.Credentials = append(s.Credentials, Credential{c.ID, c.Maker, c.Owner, c.Made, c.FirstUse, c.LastUse, c.Ended, c.Uses})
	}
	for _, a := range p.Alerts {
		s.Alerts = append(s.Alerts, Alert{a.ID, a.Rule.ID, a.Anchor.Time, a.Score, a.Signal, a.Folded, a.Sentence()})
	}
	return s
}

// Link says that two names belong together, and who says so.
type Link struct {
	A        string    `json:"a"`
	B        string    `json:"b"`
	Key      string    `json:"key"`
	Strength string    `json:"strength"`
	Records  []string  `json:"records"` // the first few
	Count    int       `json:"count"`   // of all
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
}

// Links are shown in the order in which they are given.
func Links(links []identity.Link) []Link {
	shown := make([]Link, 0, len(links))
	for _, l := range links {
		shown = append(shown, Link{l.From, l.To, l.Key, string(l.Strength), l.Records, l.Count, l.First, l.Last})
	}
	return shown
}
