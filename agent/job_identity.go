package main

import (
	"bytes"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/idwatch/idwatch/detections"
)

// shownPortrait is what identity prints of a detections.Portrait.
type shownPortrait struct {
	ID          string             `json:"id"`
	Kind        string             `json:"kind,omitempty"`
	Owner       string             `json:"owner,omitempty"`
	Unowned     bool               `json:"unowned,omitempty"`
	Function    string             `json:"function,omitempty"`
	Escalation  []string           `json:"escalation,omitempty"`
	Privileged  bool               `json:"privileged,omitempty"`
	ThirdParty  bool               `json:"third_party,omitempty"`
	Names       []string           `json:"names"`
	Links       []shownLink        `json:"links"`
	First       time.Time          `json:"first,omitzero"`
	Last        time.Time          `json:"last,omitzero"`
	Acts        int                `json:"acts"`
	Failures    int                `json:"failures"`
	Risk        float64            `json:"risk"`
	Usual       map[string][]shown `json:"usual"`
	Hours       map[string][24]int `json:"hours_utc"` // acts by day and hour
	Credentials []shownCredential  `json:"credentials"`
	Alerts      []shownAlert       `json:"alerts"`
	habits      []detections.HabitShown
}

// shown is a usual value.
type shown struct {
	Value string    `json:"value"`
	Count int       `json:"count"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

type shownCredential struct {
	ID       string    `json:"id"`
	Maker    string    `json:"maker,omitempty"`
	Owner    string    `json:"owner,omitempty"`
	Made     time.Time `json:"made,omitzero"`
	FirstUse time.Time `json:"first_use,omitzero"`
	LastUse  time.Time `json:"last_use,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	Uses     int       `json:"uses"`
}

type shownAlert struct {
	ID     string    `json:"id"`
	Rule   string    `json:"rule"`
	Time   time.Time `json:"time"`
	Score  int       `json:"score"`
	Signal bool      `json:"signal,omitempty"`
	Folded string    `json:"folded_into,omitempty"`
	Reason string    `json:"reason"`
}

// How many values of a kind are shown: to programs, and to people.
const (
	shownValues = 100
	readValues  = 8
)

var weekdays = [7]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

func shownPortraitOf(p *detections.Portrait) *shownPortrait {
	s := &shownPortrait{
		ID: p.ID, Kind: p.Kind, Names: p.Names, Links: shownLinks(p.Links), First: p.First, Last: p.Last, Acts: p.Acts, Failures: p.Failures,
		Risk: p.Risk, Unowned: p.Known == nil || p.Known.Owner == "", Usual: map[string][]shown{}, Hours: map[string][24]int{}, habits: p.Habits,
		Credentials: []shownCredential{}, Alerts: []shownAlert{},
	}
	if k := p.Known; k != nil {
		s.Owner, s.Function, s.Escalation, s.Privileged, s.ThirdParty = k.Owner, k.Function, k.Escalation, k.Privileged, k.ThirdParty
	}
	for _, h := range p.Habits {
		for _, v := range h.Values[:min(len(h.Values), shownValues)] {
			s.Usual[h.Name] = append(s.Usual[h.Name], shown{v.Value, v.Count, v.First, v.Last})
		}
	}
	for day, name := range weekdays {
		s.Hours[name] = [24]int(p.Hours[day*24 : day*24+24])
	}
	for _, c := range p.Credentials {
		s.Credentials = append(s.Credentials, shownCredential{c.ID, c.Maker, c.Owner, c.Made, c.FirstUse, c.LastUse, c.Ended, c.Uses})
	}
	for _, a := range p.Alerts {
		s.Alerts = append(s.Alerts, shownAlert{a.ID, a.Rule.ID, a.Anchor.Time, a.Score, a.Signal, a.Folded, a.Sentence()})
	}
	return s
}

// text is the portrait for a person.
func (s *shownPortrait) text() []byte {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	line := func(format string, args ...any) { fmt.Fprintln(w, printable(fmt.Sprintf(format, args...))) }
	line("%s\t%s", s.ID, s.Kind)
	if s.Unowned {
		line("owner\tnobody is named")
	} else {
		line("owner\t%s, then %s", s.Owner, strings.Join(s.Escalation, ", "))
	}
	line("seen\t%s to %s: %d acts, %d of them refused", day(s.First), day(s.Last), s.Acts, s.Failures)
	line("risk\t%.0f", s.Risk)
	for _, name := range s.Names {
		line("name\t%s", name)
	}
	for _, l := range s.Links {
		line("link %s\t%s = %s by %s, %d records since %s", l.Strength, l.A, l.B, l.Key, l.Count, day(l.First))
	}
	for _, h := range s.habits {
		for _, v := range s.Usual[h.Name][:min(len(h.Values), readValues)] {
			line("%s\t%s, %d times, last %s", h.Name, v.Value, v.Count, day(v.Last))
		}
	}
	for _, name := range weekdays {
		line("hours UTC\t%s %s", name, hours(s.Hours[name]))
	}
	for _, c := range s.Credentials {
		line("credential\t%s", c.story())
	}
	for _, a := range s.Alerts {
		line("%s\t%d %s %s %s", a.what(), a.Score, day(a.Time), a.Rule, a.Reason)
	}
	w.Flush()
	return b.Bytes()
}

func (c *shownCredential) story() string {
	text := c.ID
	for _, step := range []struct {
		word string
		at   time.Time
	}{{"made", c.Made}, {"first used", c.FirstUse}, {"last used", c.LastUse}, {"ended", c.Ended}} {
		if !step.at.IsZero() {
			text += ", " + step.word + " " + day(step.at)
		}
	}
	return fmt.Sprintf("%s, %d uses", text, c.Uses)
}

func (a *shownAlert) what() string {
	switch {
	case a.Signal:
		return "signal"
	case a.Folded != "":
		return "alert, part of a chain"
	}
	return "alert"
}

func day(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return at.UTC().Format("2006-01-02 15:04")
}

// hours draws a day: a mark for each hour in which there were acts.
func hours(acts [24]int) string {
	var b strings.Builder
	for _, n := range acts {
		switch {
		case n == 0:
			b.WriteByte('.')
		case n < 10:
			b.WriteByte(byte('0' + n))
		default:
			b.WriteByte('*')
		}
	}
	return b.String()
}

// printable takes from a line what could command a terminal: names are anybody's to choose.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, line)
}
