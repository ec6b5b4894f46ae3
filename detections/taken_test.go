package detections

import (
	"fmt"
	"testing"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// TestLoginGivenToSomebodyElse: who gets the login of somebody who left is nobody's successor: what she does is not held against what he
// did, nor found in his timeline.
func TestLoginGivenToSomebodyElse(t *testing.T) {
	const login = "jo@acme.example"
	m := newMachine(DefaultContext(), nil, Bounds{})
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	act := func(i int, id, app string) *Act {
		at = at.Add(time.Hour)
		a := busyAct(i, login, at)
		a.App, a.Operation, a.Session = app, app, ""
		a.Links = []identity.Tie{{From: login, To: "okta:" + id, Key: "actor.id", Strength: identity.A}}
		m.eat(a)
		return a
	}
	for i := range 60 {
		act(i, "00uleft", "Payroll")
	}
	for i := range 5 {
		act(100+i, "00unew", "Wiki")
	}
	he, she := m.memory.Graph.Find("okta:00uleft"), m.memory.Graph.Find("okta:00unew")
	if he == she || m.memory.Graph.Find(login) != he {
		t.Fatalf("he is %s, she is %s, the login %s: want two identities, the login his", he, she, m.memory.Graph.Find(login))
	}
	his, hers := m.memory.Profiles.Peek(he), m.memory.Profiles.Peek(she)
	if his.Count != 60 || hers == nil || hers.Count != 5 || his.Operations.Has("Wiki") || hers.Operations.Has("Payroll") {
		t.Errorf("his acts %d, hers %v: want 60 and 5, and no habit shared", his.Count, hers)
	}
	for _, a := range m.memory.Lines.Peek(he).Acts {
		if a.App == "Wiki" {
			t.Error("what she did stands in his timeline")
		}
	}
	c := m.caseOf(act(200, "00unew", "Payroll"))
	if c.ID != she || c.Who.Mature(at, DefaultContext().Maturity()) {
		t.Errorf("got %s, want %s, of whom little is known", c.ID, she)
	}
}

// TestSharedMailbox: two people with one login each have their own acts where the vendor tells them apart.
func TestSharedMailbox(t *testing.T) {
	m := newMachine(DefaultContext(), nil, Bounds{})
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for i := range 20 {
		at = at.Add(time.Minute)
		a := busyAct(i, "desk@acme.example", at)
		a.Actor.Kind, a.Dataset = ecs.Human, "azure.signinlogs"
		a.Links = []identity.Tie{{From: "desk@acme.example", To: fmt.Sprintf("entra:user/%d", i%2), Key: "userId", Strength: identity.A}}
		m.eat(a)
	}
	one, other := m.memory.Profiles.Peek(m.memory.Graph.Find("entra:user/0")), m.memory.Profiles.Peek(m.memory.Graph.Find("entra:user/1"))
	if one == nil || other == nil || one == other || one.Count != 10 || other.Count != 10 {
		t.Errorf("got %v and %v, want ten acts each", one, other)
	}
}
