package detections_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// counting is a correlation that counts hits of the rule "base" by user.
func counting(span time.Duration, limits ...detections.Limit) *detections.Added {
	return &detections.Added{Detections: []*detections.Detection{{
		Rule: detections.Rule{ID: "many", Name: "Many", Points: 60, Severity: 47}, Within: span,
		Correlation: &detections.Correlation{
			Kind: detections.EventCount, Of: []detections.CountedRule{{Rule: "base", Group: []string{"user"}}}, Group: []string{"user"}, Span: span, Limits: limits,
		},
	}}}
}

func atLeast(n float64) detections.Limit {
	return detections.Limit{Is: detections.MoreOrEqual, Number: n}
}

// hitAt is a record that meets the rule "base", n seconds after the beginning; without a user it has no such field.
func hitAt(n int, user string) *detections.Act {
	a := &detections.Act{
		ID: fmt.Sprintf("%06d%s", n, user), Time: time.Date(2026, 3, 1, 0, 0, n, 0, time.UTC), Dataset: "okta.system", Action: "x",
		Actor: ecs.Identity{ID: "who-" + user, Kind: ecs.Human},
	}
	field := detections.HitField{Name: "user"}
	if user != "" {
		field.Values = []string{user}
	}
	a.Hits = []detections.Hit{{Rule: "base", Fields: []detections.HitField{field}}}
	return a
}

// running is an engine with what it told last of each alert of a rule.
type running struct {
	*detections.Live
	alerts map[string]*detections.Alert
}

func run(added *detections.Added, bounds detections.Bounds) *running {
	r := &running{alerts: map[string]*detections.Alert{}}
	r.Live = detections.NewLive(detections.LiveSettings{
		Context: detections.DefaultContext(), Added: added, Lateness: time.Minute, Bounds: bounds, Namespace: "default",
		Publish: func(d *detections.Document) {
			if delete(r.alerts, d.Alert.ID); !d.Withdrawn {
				r.alerts[d.Alert.ID] = d.Alert
			}
		},
	})
	return r
}

func (r *running) take(acts ...*detections.Act) {
	for _, a := range acts {
		r.Observe([]*detections.Act{a}, a.Time)
	}
}

// of counts the alerts of the correlation.
func (r *running) of() (n int) {
	for _, a := range r.alerts {
		if a.Rule.ID == "many" {
			n++
		}
	}
	return n
}

func TestCorrelationWindowIsBounded(t *testing.T) {
	r := run(counting(24*time.Hour, atLeast(8000)), detections.Bounds{})
	for n := range detections.WindowMost + 10 {
		r.take(hitAt(n, "u"))
	}
	r.Finish()
	if got := r.Forgotten().Entries; got != 10 {
		t.Errorf("got %d records that made room, want 10", got)
	}
	if got := r.of(); got != 1 {
		t.Errorf("got %d alerts, want 1 all the same", got)
	}
}

func TestCorrelationGroupsMakeRoom(t *testing.T) {
	r := run(counting(24*time.Hour, atLeast(2)), detections.Bounds{Bytes: 1})
	for n := range 3000 {
		r.take(hitAt(n, fmt.Sprint("u", n)))
	}
	r.Finish()
	groups, records := r.Groups()
	if got := r.Forgotten().Windows; groups > 1024 || records != groups || got != 3000-groups {
		t.Errorf("got %d groups with %d records and %d dropped, want 1024 at most, one each, and all others dropped", groups, records, got)
	}
	r.take(hitAt(3001, "u2999"), hitAt(3002, "u0"))
	r.Finish()
	if got := r.of(); got != 1 {
		t.Errorf("got %d alerts, want 1: the youngest group is remembered, the oldest is not", got)
	}
}

func TestCorrelationGroupsExpire(t *testing.T) {
	r := run(counting(10*time.Minute, atLeast(2)), detections.Bounds{})
	for n := range 100 {
		r.take(hitAt(n, fmt.Sprint("u", n)))
	}
	for n := range 100 {
		r.take(hitAt(2000+n, "late"))
	}
	r.Finish()
	if groups, _ := r.Groups(); groups != 1 {
		t.Errorf("got %d open groups, want 1", groups)
	}
	if got := r.Forgotten(); got.Windows != 0 {
		t.Errorf("got %d dropped groups, want none: they were over", got.Windows)
	}
}

func TestCorrelationCountsWhatHasNoGroup(t *testing.T) {
	r := run(counting(time.Hour, atLeast(2)), detections.Bounds{})
	r.take(hitAt(1, ""), hitAt(2, ""), hitAt(3, "u"))
	r.Finish()
	if got := r.Forgotten().Ungrouped; got != 2 || r.of() != 0 {
		t.Errorf("got %d records left out and %d alerts, want 2 and none", got, r.of())
	}
}

// TestCorrelationsReloaded: a correlation that stays goes on counting; one that changed begins anew; one that is gone is forgotten.
func TestCorrelationsReloaded(t *testing.T) {
	for _, c := range []struct {
		name   string
		again  *detections.Added
		alerts int
	}{
		{"the same", counting(time.Hour, atLeast(3)), 1},
		{"changed", counting(2*time.Hour, atLeast(3)), 0},
		{"gone", nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := run(counting(time.Hour, atLeast(3)), detections.Bounds{})
			r.take(hitAt(1, "u"), hitAt(2, "u"))
			r.Finish()
			r.Add(c.again)
			r.take(hitAt(3, "u"))
			r.Finish()
			if got := r.of(); got != c.alerts {
				t.Errorf("got %d alerts, want %d", got, c.alerts)
			}
			if groups, _ := r.Groups(); (groups > 0) != (c.again != nil) {
				t.Errorf("got %d open groups", groups)
			}
		})
	}
}

// TestCorrelationIsJudgedWhenItsWindowHasPassed: fewer than three is told when nothing can come any more, and not when a third came late.
func TestCorrelationIsJudgedWhenItsWindowHasPassed(t *testing.T) {
	few := counting(10*time.Minute, detections.Limit{Is: detections.Less, Number: 3})
	r := run(few, detections.Bounds{})
	r.take(hitAt(0, "u"), hitAt(100, "u"))
	r.take(hitAt(630, "x"))
	if got := r.of(); got != 0 {
		t.Fatalf("got %d alerts while a record may still come, want none", got)
	}
	r.take(hitAt(661, "x"), hitAt(720, "x"))
	if got := r.of(); got != 1 {
		t.Errorf("got %d alerts when window and lateness have passed, want 1", got)
	}
	r = run(few, detections.Bounds{})
	r.take(hitAt(0, "u"), hitAt(100, "u"), hitAt(640, "x"), hitAt(600, "u"), hitAt(662, "y"), hitAt(720, "z"))
	if got := r.of(); got != 0 {
		t.Errorf("got %d alerts with a third record that came late, want none", got)
	}
}
