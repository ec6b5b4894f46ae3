package detections

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// fire raises the alert of a correlation, unless it is a quiet one, and returns what it tells those over it.
func (m *machine) fire(c *Case, k *counter, w *window, last entry) event {
	acts := w.contributing(k)
	e := event{at: last.at, act: last.act, acts: acts, who: c.ID, group: strings.Join(w.group, "\x00")}
	for g, name := range k.Group {
		if g == k.who {
			e.who = w.group[g]
		} else {
			e.fields = append(e.fields, HitField{name, w.group[g : g+1]})
		}
	}
	if k.Quiet {
		return e
	}
	// groups that have the first record in common have one alert: its id is a function of rule and record
	if w.alert == "" || last.at-w.alerted > k.span {
		w.alert = acts[0].ID
	}
	w.alerted = last.at
	f := &Finding{Key: w.alert, Wide: true, Reason: k.reason(w, acts)}
	for _, a := range acts[:min(len(acts), evidenceKept)] {
		if a.ID != c.Act.ID {
			f.Evidence = append(f.Evidence, a)
		}
	}
	m.found(c, &k.Rule, k.reach, f)
	return e
}

// reason says what was counted, for a person.
func (k *counter) reason(w *window, acts []*Act) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d %s within %s", k.Name, len(acts), map[bool]string{true: "record", false: "records"}[len(acts) == 1], spanText(k.Span))
	for g, name := range k.Group {
		fmt.Fprintf(&b, ", %s %s", name, shortened(w.group[g]))
	}
	return b.String()
}

// spanText writes a timespan as rules do.
func spanText(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d >= unit.of && d%unit.of == 0 {
			return strconv.Itoa(int(d/unit.of)) + unit.name
		}
	}
	return strconv.Itoa(int(d/time.Second)) + "s"
}

func shortened(text string) string {
	if len(text) <= 120 {
		return text
	}
	return strings.ToValidUTF8(text[:120], "") + "…"
}
