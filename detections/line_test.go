package detections

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// TestLineKeepsWhatLasts: however much an identity does, how its story began stays in its timeline; of the rest the latest.
func TestLineKeepsWhatLasts(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		l, count := newLine(), &census{}
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		var all []*Act
		for i := range 400 {
			at = at.Add(time.Duration(r.IntN(240)) * time.Second)
			a := busyAct(i, "ci@acme.example", at)
			a.Activity = ecs.APICall
			if r.IntN(40) == 0 {
				a.Activity = ecs.CredentialCreate
			}
			all = append(all, a)
			l.add(a, count)

			young := slices.DeleteFunc(slices.Clone(all), func(a *Act) bool { return at.Sub(a.Time) > lineSpan })
			latest, lasting := young[max(0, len(young)-lineLength):], []*Act(nil)
			for _, a := range young[:len(young)-len(latest)] {
				if a.lasts() {
					lasting = append(lasting, a)
				}
			}
			want := slices.Concat(lasting[max(0, len(lasting)-lastingLength):], latest)
			if !slices.Equal(l.Acts, want) {
				t.Fatalf("seed %d act %d: got %d acts, want the last %d and %d that last", seed, i, len(l.Acts), len(latest), len(want)-len(latest))
			}
			if count.acts != len(l.Acts) {
				t.Fatalf("seed %d act %d: %d counted, want %d", seed, i, count.acts, len(l.Acts))
			}
			if l.forgot(at.Add(-lineSpan)) != (len(want) < len(young)) && len(want) < len(young) {
				t.Fatalf("seed %d act %d: does not know that it forgot", seed, i)
			}
		}
	}
}

// TestBusyKillChain: a machine that works hard is taken over: what it gained and made a thousand calls ago is still part of the story.
func TestBusyKillChain(t *testing.T) {
	m := newMachine(DefaultContext(), nil, Bounds{})
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	n := 0
	do := func(change func(*Act)) {
		n++
		at = at.Add(4 * time.Second)
		a := busyAct(n, "mallory@acme.example", at)
		a.Dataset, a.Activity, a.Action, a.Session = cloudtrail, ecs.APICall, "DescribeInstances", ""
		change(a)
		m.eat(a)
	}
	do(func(a *Act) {
		a.Activity, a.Action, a.TargetID, a.Target = ecs.PrivilegeGrant, "AttachUserPolicy", "mallory@acme.example", "mallory"
	})
	do(func(a *Act) {
		a.Activity, a.Action, a.Made, a.TargetID = ecs.CredentialCreate, "CreateAccessKey", "AKIAEXAMPLE", "mallory@acme.example"
	})
	for range 1000 {
		do(func(*Act) {})
	}
	c := m.caseOf(busyAct(n+1, "mallory@acme.example", at))
	if got := c.Back(lineSpan, isGain); len(got) != 1 {
		t.Errorf("got %d gains, want the one 1,000 calls ago", len(got))
	}
	if got := c.Back(lineSpan, isKey); len(got) != 1 {
		t.Errorf("got %d keys made, want the one 1,000 calls ago", len(got))
	}
}

// TestAbsenceIsNotForgetting: that nothing is found of what had to make room does not mean that it did not happen, nor that it did.
func TestAbsenceIsNotForgetting(t *testing.T) {
	for _, c := range []struct {
		name    string
		between int
		step    time.Duration
		want    bool
	}{{"few acts", 3, time.Minute, false}, {"many acts", 300, time.Minute, false}, {"half a day and more", 300, 5 * time.Minute, true}} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(DefaultContext(), nil, Bounds{})
			var found []string
			m.changed = func(a *Alert) { found = append(found, a.Rule.ID) }
			at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
			do := func(i int, who, dataset, action string, kind ecs.Activity) {
				at = at.Add(c.step)
				a := busyAct(i, who, at)
				a.Dataset, a.Action, a.Activity, a.Session = dataset, action, kind, ""
				m.eat(a)
			}
			do(0, "alice@acme.example", okta, "user.authentication.sso", ecs.SSO)
			for i := range c.between {
				do(1+i, "alice@acme.example", cloudtrail, "DescribeInstances", ecs.APICall)
			}
			do(9998, "bob@acme.example", okta, "user.authentication.sso", ecs.SSO) // the provider's log is read
			do(9999, "alice@acme.example", cloudtrail, "ConsoleLogin", ecs.SignIn)
			if got := slices.Contains(found, "any_console_without_sso"); got != c.want {
				t.Errorf("got %v: the sign-in at the provider was %s before", found, time.Duration(c.between+2)*c.step)
			}
		})
	}
}

// TestThinning: under pressure what does not last goes first, then the rest; of an identity it stays known that there was more.
func TestThinning(t *testing.T) {
	m := newMemory()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for i := range 20 {
		a := busyAct(i, fmt.Sprintf("user%d@acme.example", i%4), at.Add(time.Duration(i)*time.Minute))
		if a.Activity = ecs.APICall; i >= 16 {
			a.Activity = ecs.PrivilegeGrant
		}
		addTo(m, m.Lines, a.Actor.ID, a)
		addTo(m, m.Addresses, a.Addr, a)
	}
	for m.census.acts > 4 {
		if !m.thinLine() {
			t.Fatal("nothing could be let go")
		}
	}
	for who := range 4 {
		l := m.Lines.Peek(fmt.Sprintf("user%d@acme.example", who))
		if l == nil || len(l.Acts) != 1 || l.Acts[0].Activity != ecs.PrivilegeGrant || !l.forgot(at) {
			t.Errorf("user %d: got %+v, want the grant, and that there was more", who, l)
		}
	}
	for m.census.acts > 0 {
		if !m.thinLine() {
			t.Fatal("nothing could be let go")
		}
	}
	if l := m.Lines.Peek("user3@acme.example"); l == nil || !l.forgot(at) {
		t.Errorf("got %+v, want an empty line that knows it forgot", l)
	}
	for m.thinLine() {
	}
	if m.Lines.Len()+m.Addresses.Len() != 0 {
		t.Errorf("%d and %d lines are left, want none", m.Lines.Len(), m.Addresses.Len())
	}
}
