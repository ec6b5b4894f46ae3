package detections

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// sourceAct is a plain act of a person in a source.
func sourceAct(n int, dataset string, at time.Time) *Act {
	return &Act{
		ID: fmt.Sprintf("%s%05d", dataset, n), Index: "logs-" + dataset + "-default", Time: at, Dataset: dataset, Activity: ecs.APICall, Action: "call", Outcome: "success",
		Actor: ecs.Identity{ID: "alice@acme.example", Kind: ecs.Human}, Name: "alice@acme.example",
	}
}

// told runs acts through an engine, each at the time of the clock beside it, and keeps the last word on each alert.
func toldBy(acts []*Act, clock []time.Time) map[string]*Document {
	last := map[string]*Document{}
	engine := NewLive(LiveSettings{Context: DefaultContext(), Lateness: 15 * time.Minute, Publish: func(d *Document) {
		c := *d
		c.Alert = d.Alert.clone()
		last[d.Alert.ID] = &c
	}})
	for i, a := range acts {
		engine.Observe([]*Act{a}, clock[i])
	}
	engine.Finish()
	return last
}

// TestLateSource: many records that come beyond the limit raise one alert, and what is found of their time bears the gap.
func TestLateSource(t *testing.T) {
	begin := time.Date(2026, 9, 15, 9, 0, 0, 0, time.UTC)
	var acts []*Act
	var clock []time.Time
	add := func(a *Act, now time.Time) { acts, clock = append(acts, a), append(clock, now) }
	for i := range 12 { // an hour in time
		at := begin.Add(time.Duration(i) * 5 * time.Minute)
		add(sourceAct(i, okta, at), at)
	}
	now := begin.Add(time.Hour)
	for i := range lateCount - 1 {
		add(sourceAct(100+i, okta, begin.Add(time.Duration(i)*time.Minute)), now)
	}
	if found := toldBy(slices.Clone(acts), clock); len(found) > 0 {
		t.Errorf("got %d alerts of %d late records, want none", len(found), lateCount-1)
	}
	add(sourceAct(199, okta, begin.Add(20*time.Minute)), now)
	grant := sourceAct(200, entraAudit, begin.Add(time.Hour))
	for _, s := range Signs() {
		if s.ID == "entra_federation_changed" {
			grant.Signs = []*Sign{s}
		}
	}
	grant.Time = begin.Add(10 * time.Minute)
	add(grant, now)
	var rules []string
	for _, d := range toldBy(acts, clock) {
		rules = append(rules, d.Alert.Rule.ID)
		if d.Alert.Rule.ID == "entra_federation_changed" && !slices.ContainsFunc(d.Alert.Gaps, func(g string) bool { return strings.Contains(g, "okta.system: records came late") }) {
			t.Errorf("got gaps %v, want that records came late", d.Alert.Gaps)
		}
	}
	slices.Sort(rules)
	if want := []string{"any_source_late", "entra_federation_changed"}; !slices.Equal(rules, want) {
		t.Errorf("got %v, want %v", rules, want)
	}
}

// TestSilenceNeedsARhythm: a source that is known for hours, or that hardly ever brings anything, cannot be missed.
func TestSilenceNeedsARhythm(t *testing.T) {
	learn := DefaultContext().Maturity()
	for _, test := range []struct {
		name  string
		every time.Duration
		count int
		want  bool // that it can be missed
	}{
		{"known for hours", 2 * time.Minute, 700, false},
		{"known for two days", 5 * time.Minute, 2 * 288, true},
		{"known for five working days, at the weekend", 5 * time.Minute, 5 * 288, false},
		{"a week of minutes", 10 * time.Minute, 8 * 144, true},
		{"once in six hours", 6 * time.Hour, 220, false},
	} {
		f := &Feed{}
		at := time.Date(2026, 8, 3, 0, 0, 0, 0, time.UTC)
		for i := range test.count {
			f.take(sourceAct(i, okta, at))
			at = at.Add(test.every)
		}
		due := f.due(learn)
		if got := !due.IsZero() && due.Sub(f.Last) < 24*time.Hour; got != test.want {
			t.Errorf("%s: due %s after the last record, want one within a day: %t", test.name, due.Sub(f.Last), test.want)
		}
	}
}
