package detections

import (
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// everySSO finds something in each single sign-on of a person, one alert an hour.
var everySSO = &Detection{
	Rule: Rule{ID: "test_every_sso", Name: "Single sign-on", Points: 60, Severity: 47}, On: []ecs.Activity{ecs.SSO}, Within: time.Hour,
	Find: func(*Case) *Finding { return &Finding{} },
}

// TestGrowingAlert: an alert that grows with each of many records goes out at once and then a few times, and what went out last is
// the whole of it.
func TestGrowingAlert(t *testing.T) {
	var told []*Document
	l := NewLive(LiveSettings{
		Context: DefaultContext(), Added: &Added{Detections: []*Detection{everySSO}}, Lateness: time.Minute,
		Publish: func(d *Document) { c := *d; told = append(told, &c) },
	})
	at := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	for i := range 200 {
		at = at.Add(time.Second)
		l.Observe([]*Act{busyAct(8*i+1, "user1@acme.example", at)}, at)
		if i == 0 && len(told) != 1 {
			t.Fatalf("got %d documents after the first act, want 1", len(told))
		}
	}
	l.Observe(nil, at)
	l.Observe(nil, at) // nothing has come for a while
	if len(told) > 10 {
		t.Errorf("got %d revisions of one alert, want 10 at most", len(told))
	}
	last := told[len(told)-1]
	if n := len(last.Alert.Evidence); n != evidenceKept {
		t.Errorf("got %d acts in the last revision, want %d", n, evidenceKept)
	}
	before := len(told)
	l.Finish()
	for _, d := range told[before:] {
		if d.Withdrawn || len(d.Alert.Evidence) != evidenceKept {
			t.Errorf("got another last revision: withdrawn %v, %d acts", d.Withdrawn, len(d.Alert.Evidence))
		}
	}
}
