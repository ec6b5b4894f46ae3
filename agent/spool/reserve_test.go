package spool

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
)

// bound makes a disk of so many bytes: what would be more has no room.
func (m *memory) bound(most int) {
	m.fail = func(_ int, what, _ string) error {
		sum := 0
		for _, n := range m.files {
			sum += len(n.data)
		}
		if (what == "write" || what == "create") && sum > most {
			return syscall.ENOSPC
		}
		return nil
	}
}

// On a full disk the log with a reserve goes on for as long as the reserve lasts, positions are saved, and what was taken stays.
func TestReserveOnAFullDisk(t *testing.T) {
	m := newMemory()
	r := NewReserve(m, "d/reserve", 1<<20)
	if err := errors.Join(r.Fill(), r.Fill()); err != nil || !r.Held() {
		t.Fatal(err, r.Held())
	}
	l := small(open(t, m))
	alerts := small(open(t, m, func(s *Settings) { s.Dir, s.Reserve = "alerts", r }))
	add(t, l, 0, 10)
	m.bound(1 << 20)
	n := 10
	for ; ; n++ {
		if _, err := l.Append(entryOf(n)); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			break
		}
	}
	want(t, l, 0, n)
	add(t, alerts, 0, 20)
	l.Keep("a", Position{Number: uint64(n)})
	l.Keep("b", Position{Number: uint64(n)})
	if err := l.Save([]byte("acknowledged")); err != nil {
		t.Fatalf("positions on a full disk: %v", err)
	}
	if r.Held() || m.files["d/reserve"] != nil {
		t.Error("the reserve is still there")
	}
	m = m.crash(rand.New(rand.NewPCG(1, 2)))
	want(t, open(t, m, func(s *Settings) { s.Dir = "alerts" }), 0, 20)
	if got := open(t, m).Note(); string(got) != "acknowledged" {
		t.Errorf("note: got %q", got)
	}
}

// A sync that failed is not believed the second time: the entries are written anew, into another segment.
func TestFailedSyncIsNotTrusted(t *testing.T) {
	m := newMemory()
	l := open(t, m)
	add(t, l, 0, 3)
	failed := ""
	m.fail = func(_ int, what, name string) error {
		if what == "sync" && failed == "" {
			failed = name
			return syscall.EIO
		}
		if name == failed && what == "sync" {
			return fmt.Errorf("%s was synced again", name)
		}
		return nil
	}
	add(t, l, 3, 6)
	if len(m.segments()) != 2 {
		t.Fatalf("got segments %v, want two", m.segments())
	}
	for seed := range uint64(20) {
		want(t, open(t, m.crash(rand.New(rand.NewPCG(seed, seed)))), 0, 6)
	}
}
