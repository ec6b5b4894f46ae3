package detections

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestOpenActsAreBounded feeds more acts within the lateness limit than there is room for, out of order by less than the limit that is left.
func TestOpenActsAreBounded(t *testing.T) {
	const acts, batch, most = 40_000, 500, 6000
	l := NewLive(LiveSettings{Context: DefaultContext(), Lateness: 15 * time.Minute, Bounds: Bounds{Open: most}, Publish: func(*Document) {}})
	start := time.Date(2026, 9, 1, 12, 1, 0, 0, time.UTC)
	r := rand.New(rand.NewPCG(1, 2))
	all := make([]*Act, acts)
	for i := range all {
		all[i] = busyAct(i, "user7@acme.example", start.Add(time.Duration(i)*time.Millisecond))
	}
	for i := 0; i < acts; i += 20 {
		r.Shuffle(20, func(a, b int) { all[i+a], all[i+b] = all[i+b], all[i+a] })
	}
	last := all[acts-1].Time
	for i := 0; i < acts; i += batch {
		l.Observe(append([]*Act(nil), all[i:i+batch]...), last)
		if l.Open() > most+batch {
			t.Fatalf("after %d acts: got %d open, want at most %d", i+batch, l.Open(), most+batch)
		}
	}
	if l.Forgotten().Early == 0 {
		t.Error("got no acts made final early")
	}
	if l.Late() != 0 {
		t.Errorf("got %d late acts of a stream that is in order but for 20 ms", l.Late())
	}
	l.Observe([]*Act{busyAct(acts, "user7@acme.example", start)}, last)
	if l.Late() != 1 {
		t.Errorf("an act of what is final: got %d late acts, want 1", l.Late())
	}
	l.Finish()
	if p := l.machine.memory.Profiles.Peek("user7@acme.example"); p == nil || p.Count != acts+1 {
		t.Errorf("got profile %+v, want all %d acts counted", p, acts+1)
	}
}

// TestRoomForAllThatIsOpen wants the whole lateness limit where there is room.
func TestRoomForAllThatIsOpen(t *testing.T) {
	l := NewLive(LiveSettings{Context: DefaultContext(), Lateness: 15 * time.Minute, Bounds: Bounds{Open: 6000}, Publish: func(*Document) {}})
	start := time.Date(2026, 9, 1, 12, 1, 0, 0, time.UTC)
	for i := range 5000 {
		l.Observe([]*Act{busyAct(i, "user7@acme.example", start.Add(time.Duration(i)*100*time.Millisecond))}, start.Add(time.Hour))
	}
	if l.Open() != 5000 || l.Forgotten().Early != 0 {
		t.Errorf("got %d open acts, %d times early, want all 5000 open", l.Open(), l.Forgotten().Early)
	}
}
