package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/detections/identity"
)

// judge says in which points a run does not give what is expected.
func (e *Expectation) judge(r *run) []string {
	var wrong []string
	alerts := r.alerts()
	for i := range e.Alerts {
		w := &e.Alerts[i]
		if !slices.ContainsFunc(alerts, w.met) {
			wrong = append(wrong, "want "+w.String())
		}
	}
	for _, row := range e.None {
		for _, d := range alerts {
			if d.Alert.Rule.ID == row || slices.Contains(d.Alert.Covers(), row) {
				wrong = append(wrong, fmt.Sprintf("want no alert of %s, got %s", row, d.Alert.Rule.ID))
			}
		}
	}
	if e.MaxAlerts != nil && len(alerts) > *e.MaxAlerts {
		wrong = append(wrong, fmt.Sprintf("want %d alerts at most, got %d", *e.MaxAlerts, len(alerts)))
	}
	for _, rule := range r.broken {
		wrong = append(wrong, "detection panicked and was switched off: "+rule)
	}
	if len(wrong) > 0 {
		wrong = append(wrong, r.found()...)
	}
	return wrong
}

// met reports whether an alert is the one that is wanted.
func (w *Wanted) met(d *detections.Document) bool {
	rule := d.Alert.Rule
	if w.Rule != "" && rule.ID != w.Rule || w.Covers != "" && !slices.Contains(d.Alert.Covers(), w.Covers) {
		return false
	}
	return d.Alert.Score >= w.MinScore && (w.Identity == "" || bears(d, w.Identity))
}

// bears reports whether a name is one of the names of the identity that an alert is about.
func bears(d *detections.Document, name string) bool {
	a := d.Alert
	have := append([]string{a.Who, a.Anchor.Actor.ID, a.Anchor.Login}, d.Alert.Names...)
	if slices.ContainsFunc(have, func(h string) bool { return identity.Fold(h) == identity.Fold(name) }) {
		return true
	}
	known := d.Context.Known(name)
	return known != nil && slices.ContainsFunc(have, func(h string) bool { return d.Context.Known(h) == known })
}

// alerts lists the documents that are alerts, not signals, in event-time order.
func (r *run) alerts() []*detections.Document {
	var alerts []*detections.Document
	for _, d := range r.sorted() {
		if !d.Alert.Signal {
			alerts = append(alerts, d)
		}
	}
	return alerts
}

// sorted lists the documents in the order of their anchors.
func (r *run) sorted() []*detections.Document {
	all := make([]*detections.Document, 0, len(r.docs))
	for _, d := range r.docs {
		all = append(all, &d)
	}
	slices.SortFunc(all, func(x, y *detections.Document) int {
		a, b := x.Alert, y.Alert
		return cmp.Or(a.Anchor.Time.Compare(b.Anchor.Time), strings.Compare(a.Anchor.ID, b.Anchor.ID), strings.Compare(a.ID, b.ID))
	})
	return all
}

// found lists what a run gave, for a person who wonders why it is not what he expects.
func (r *run) found() []string {
	if len(r.docs) == 0 && len(r.folded) == 0 {
		return []string{" got nothing"}
	}
	var lines []string
	for _, d := range r.sorted() {
		kind := "alert"
		if d.Alert.Signal {
			kind = "signal"
		}
		lines = append(lines, line(kind, d.Alert))
	}
	for _, a := range r.folded {
		lines = append(lines, line("folded", a))
	}
	return lines
}

func line(kind string, a *detections.Alert) string {
	return fmt.Sprintf(" got %-6s %3d %s (%s) about %s: %s", kind, a.Score, a.Rule.ID, strings.Join(a.Covers(), " "), a.Who, a.Sentence())
}
