package detections

import (
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// A key that is ended a second time, and used in between as seen by a record that comes first: the alert of its first end was
// told and forgotten days ago, and must neither be taken back nor begin again at revision 0.
func TestAlertsOfLongAgoStand(t *testing.T) {
	start := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	act := func(id string, after time.Duration, who string, kind ecs.Activity) *Act {
		return &Act{ID: id, Index: "logs-okta.system-default", Time: start.Add(after), Dataset: okta, Activity: kind, Action: string(kind), Actor: ecs.Identity{ID: who, Kind: ecs.Human}, Name: who}
	}
	end, use := act("a", 0, "alice@acme.example", ecs.CredentialEnd), act("b", 5*time.Minute, "bob@acme.example", ecs.APICall)
	endAgain, useAgain := act("d", 100*time.Hour, "alice@acme.example", ecs.CredentialEnd), act("e", 100*time.Hour+5*time.Minute, "carol@acme.example", ecs.APICall)
	end.Gone, use.Credential, endAgain.Gone, useAgain.Credential = "key", "key", "key", "key"
	told := map[string][]Document{}
	l := NewLive(LiveSettings{Context: DefaultContext(), Lateness: 15 * time.Minute, Publish: func(d *Document) {
		if d.Alert.Rule.ID == credentialAfterEnd.ID {
			told[d.Alert.Anchor.ID] = append(told[d.Alert.Anchor.ID], *d)
		}
	}})
	for _, a := range []*Act{end, use, act("c", 90*time.Hour, "dora@acme.example", ecs.APICall), useAgain, endAgain, act("f", 120*time.Hour, "dora@acme.example", ecs.APICall)} {
		l.Observe([]*Act{a}, a.Time)
	}
	l.Finish()
	first, second := told["a"], told["d"]
	if len(first) == 0 || first[len(first)-1].Withdrawn {
		t.Errorf("the alert of the first end: got %+v, want it to stand", first)
	}
	if len(second) == 0 || second[len(second)-1].Withdrawn {
		t.Errorf("the alert of the second end: got %+v, want one", second)
	}
}
