package detections

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// boundedLive is an engine with little room, that learns fast.
func boundedLive(identities int, publish func(*Document)) *Live {
	return NewLive(LiveSettings{Context: quickLearner(), Lateness: time.Minute, Publish: publish, Bounds: Bounds{Identities: identities}})
}

// quickLearner is a house in which identities are known well after an hour.
func quickLearner() *Context {
	house := DefaultContext()
	house.Learning = identity.Maturity{Age: time.Hour, Events: 2}
	return house
}

// TestForgottenIsNotNew: 100,000 identities take turns in a cache of 1,000. What each does after its return it did before.
func TestForgottenIsNotNew(t *testing.T) {
	identities := 100_000
	if testing.Short() {
		identities = 10_000
	}
	found := map[string]int{}
	l := boundedLive(1000, func(d *Document) { found[d.Alert.Rule.ID]++ })
	at, i := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), 0
	for range 2 {
		for first := 0; first < identities; first += 100 {
			for range 4 { // long enough to be known well, were it not for what it did before
				var batch []*Act
				for n := range 100 {
					i++
					batch = append(batch, busyAct(i, fmt.Sprintf("user%d@acme.example", first+n), at))
				}
				at = at.Add(20 * time.Minute)
				l.Observe(batch, at)
			}
		}
	}
	l.Finish()
	if len(found) > 0 {
		t.Errorf("found %v, want nothing", found)
	}
	if n, _ := l.Identities(); n > 1000 {
		t.Errorf("%d identities remembered, want 1000", n)
	}
	if got := l.Forgotten().Identities; got < identities {
		t.Errorf("%d forgotten, want %d at least", got, identities)
	}
}

// TestForgottenAnswers: an identity that was forgotten and comes back is neither new nor are its ways, but its silence is known.
func TestForgottenAnswers(t *testing.T) {
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	m := newMachine(quickLearner(), nil, Bounds{Identities: 1000})
	m.eat(busyAct(0, "user0@acme.example", at))
	admin := busyAct(1, "user1@acme.example", at)
	admin.Activity = ecs.Elevation
	m.eat(admin)
	for i := range 5000 {
		at = at.Add(time.Second)
		m.eat(busyAct(i+2, fmt.Sprintf("user%d@acme.example", i+2), at))
	}
	if m.memory.Profiles.Get("user0@acme.example") != nil {
		t.Error("the oldest identity is remembered")
	}
	if m.memory.Profiles.Get("user1@acme.example") == nil {
		t.Error("the privileged identity was forgotten")
	}
	at = at.Add(40 * 24 * time.Hour)
	for i := range 100 {
		back := busyAct(9000+i, "user0@acme.example", at.Add(time.Duration(i)*time.Hour))
		c := m.caseOf(back)
		if i == 0 && c.Silent() < identity.DormantAfter {
			t.Errorf("silent for %v, want 40 days", c.Silent())
		}
		if got := c.Novelty(operations, "never seen"); got != identity.Unknown {
			t.Fatalf("after %d acts: got novelty %v, want unknown", i, got)
		}
		m.eat(back)
	}
	back := busyAct(9999, "user0@acme.example", at.Add(identity.RelearnAfter+time.Hour))
	m.eat(back)
	if got := m.caseOf(back).Novelty(operations, "never seen"); got != identity.New {
		t.Errorf("learned anew: got novelty %v, want new", got)
	}
}

// TestBytesBound: a few very busy identities cannot take more than the bound.
func TestBytesBound(t *testing.T) {
	const most = 16 << 20
	m := newMachine(DefaultContext(), nil, Bounds{Identities: 1 << 20, Bytes: most})
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for i := range 60_000 {
		at = at.Add(time.Second)
		m.eat(busyAct(i, fmt.Sprintf("user%d@acme.example", i%3000), at))
		if got := m.memory.bytes(); got > most+8*actBytes {
			t.Fatalf("act %d: %d bytes, want %d at most", i, got, most)
		}
	}
	if m.forgotten.Lines == 0 {
		t.Error("nothing was forgotten")
	}
	if got, want := m.memory.census.acts, actsIn(m.memory); got != want {
		t.Errorf("%d acts counted, want %d", got, want)
	}
}

// TestBytesBoundWhileOpen: there are always lines that open epochs have touched, and those that were thinned before make room all the same.
func TestBytesBoundWhileOpen(t *testing.T) {
	const most = 16 << 20
	l := NewLive(LiveSettings{Context: DefaultContext(), Lateness: time.Minute, Bounds: Bounds{Identities: 1 << 20, Bytes: most}, Publish: func(*Document) {}})
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for i := range 40_000 {
		at = at.Add(2 * time.Second)
		a := busyAct(8*i, fmt.Sprintf("user%d@acme.example", i%3000), at) // a sign-in, which outlasts thinning
		a.Session = fmt.Sprint("session", i)
		l.Observe([]*Act{a}, at)
	}
	if got := l.machine.memory.bytes(); got > most+int64(l.Open())*actBytes {
		t.Errorf("%d bytes with %d open acts, want %d at most", got, l.Open(), most)
	}
}

// TestThinnedLine: of a line that is thinned again and again no more stays than of any other, and it can be saved.
func TestThinnedLine(t *testing.T) {
	l := NewLive(LiveSettings{Context: DefaultContext(), Lateness: time.Minute, Publish: func(*Document) {}})
	m := l.machine
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for i := range 400 {
		at = at.Add(time.Second)
		m.eat(busyAct(8*i, "user1@acme.example", at)) // a sign-in, which outlasts thinning
		if line := m.memory.Lines.Get("user1@acme.example"); i%40 == 39 {
			thinOldest(m.memory.Lines, &m.memory.census, true)
			if len(line.Acts) > lastingLength {
				t.Fatalf("%d acts are left of %d, want %d", len(line.Acts), i, lastingLength)
			}
			m.memory.Lines.Release("user1@acme.example")
		}
	}
	if err := l.Snapshot(io.Discard); err != nil {
		t.Error(err)
	}
}

// TestManyKeys: an identity that gets a new key each minute stays small.
func TestManyKeys(t *testing.T) {
	g := identity.NewGraph(&identity.Clock{})
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for i := range 20_000 {
		key := fmt.Sprintf("aws:key/ASIA%08d", i)
		g.Join(identity.Tie{From: key, To: "ci@acme.example", Key: "accessKeyId", Strength: identity.A}, at, key)
		if g.Find(key) != "ci@acme.example" {
			t.Fatalf("key %d: got %s", i, g.Find(key))
		}
	}
	if n := len(g.NamesOf("ci@acme.example")); n > 1100 || g.Len() > 1100 {
		t.Errorf("%d names of %d, want 1,024 or so", n, g.Len())
	}
	if !slices.Contains(g.NamesOf("ci@acme.example"), "aws:key/ASIA00019999") {
		t.Error("the newest key is forgotten")
	}
}

// actsIn counts the acts in all lines, each once.
func actsIn(m *Memory) int {
	acts := map[*Act]bool{}
	note := func(l *Line) {
		for _, a := range l.Acts {
			acts[a] = true
		}
	}
	for _, lines := range []*identity.Layer[string, Line]{m.Lines, m.Sessions, m.Targets} {
		for _, l := range lines.All() {
			note(l)
		}
	}
	for _, l := range m.Addresses.All() {
		note(l)
	}
	return len(acts)
}

// TestAlertsExpire: one rule that collects evidence for a month does not have the alerts of all others wait as long.
func TestAlertsExpire(t *testing.T) {
	m := newMachine(DefaultContext(), nil, Bounds{})
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	var long *Detection
	for _, d := range (*Added)(nil).detections() {
		if d.Within > alertSpan && d.Correlation == nil {
			long = d
		}
	}
	if long == nil {
		t.Fatal("no rule collects evidence for longer than a day: this test has none to try")
	}
	for i := range 200 {
		key := fmt.Sprint(i)
		a := m.memory.Alerts.Edit(key, func() *Alert { return &Alert{} })
		*a = Alert{ID: key, Rule: &Rule{ID: "short"}, Last: at.Add(time.Duration(i) * time.Minute)}
		if i%2 == 0 {
			a.Rule = &long.Rule
		}
	}
	for m.bound(at.Add(3 * alertSpan)) {
	}
	if got := m.memory.Alerts.Len(); got != 100 {
		t.Errorf("after three days: %d alerts still collect evidence, want the 100 of the long rule", got)
	}
	for m.bound(at.Add(3*alertSpan + long.Within)) {
	}
	if got := m.memory.Alerts.Len(); got != 0 {
		t.Errorf("after all: %d alerts still collect evidence", got)
	}
}
