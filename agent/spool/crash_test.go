package spool

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// story is what a program does with a log until the machine goes down: entries, positions, room made, segments compressed. It tells
// which entries were taken and what was saved.
type story struct {
	taken map[uint64]string // by number, as Append answered
	tried map[string]bool   // all that was ever offered
	saved uint64            // position of both readers
}

func (s *story) run(l *Log, r *rand.Rand) error {
	next := len(s.tried)
	for range 40 {
		switch r.IntN(8) {
		case 0:
			at := Position{Number: s.saved + uint64(r.IntN(int(l.Next().Number-s.saved)+1))}
			l.Keep("a", at)
			l.Keep("b", at)
			if err := l.Save(fmt.Append(nil, at.Number)); err != nil {
				return err
			}
			s.saved = at.Number
		case 1:
			if err := packNow(l); err != nil {
				return err
			}
		default:
			var entries []Entry
			for range 1 + r.IntN(3) {
				s.tried[string(text(next))] = true
				entries = append(entries, entryOf(next))
				next++
			}
			at, err := l.Append(entries...)
			if err != nil {
				return err
			}
			for i, e := range entries {
				s.taken[at[i].Number] = string(e.Parts[0]) + string(e.Parts[1])
			}
		}
	}
	return nil
}

// packNow compresses the oldest segment that is not.
func packNow(l *Log) error {
	z, err := newPacker()
	if err != nil {
		return err
	}
	defer z.Close()
	if g := l.toPack(map[string]bool{}, time.Now().Add(packAfter)); g != nil {
		return l.packSegment(g, z)
	}
	return nil
}

// check wants all that was taken and not passed, and nothing that was never offered.
func (s *story) check(t *testing.T, l *Log, where ...any) {
	t.Helper()
	from := l.Position("a")
	if from.Number < s.saved {
		t.Fatalf("position: got %d, saved was %d", from.Number, s.saved)
	}
	s.saved = from.Number // a save that was not answered may have come through
	found, missing, _ := all(t, l, from)
	if missing > 0 {
		t.Fatalf("%v: %d entries are missing", where, missing)
	}
	for number, text := range s.taken {
		if number >= from.Number && found[number] != text {
			t.Fatalf("entry %d: got %.30q, want %.30q", number, found[number], text)
		}
	}
	for number, text := range found {
		if !s.tried[text] {
			t.Fatalf("entry %d was never offered: %.30q", number, text)
		}
		s.taken[number] = text
	}
}

// TestCrash: the machine goes down at every operation, of which the disk keeps what it likes, comes up, goes on, and goes down again.
func TestCrash(t *testing.T) {
	rounds := uint64(4)
	if testing.Short() {
		rounds = 2
	}
	for seed := range rounds {
		for point := 1; ; point++ {
			s := &story{taken: map[uint64]string{}, tried: map[string]bool{}}
			m := newMemory()
			survived := false
			for life := range 3 {
				r := rand.New(rand.NewPCG(seed, uint64(life)))
				m.limit, m.ops = point, 0
				l, err := Open(Settings{Dir: "d", FS: m, MaxBytes: 1 << 30, Readers: []string{"a", "b"}})
				if err == nil {
					small(l)
					s.check(t, l, seed, point, life)
					err = s.run(l, r)
					_ = l.Close()
				}
				if err != nil && !errors.Is(err, errCrashed) {
					t.Fatalf("seed %d, point %d, life %d: %v", seed, point, life, err)
				}
				survived = survived || err == nil
				m = m.crash(rand.New(rand.NewPCG(uint64(point), seed)))
			}
			l, err := Open(Settings{Dir: "d", FS: m, MaxBytes: 1 << 30, Readers: []string{"a", "b"}})
			if err != nil {
				t.Fatalf("seed %d, point %d: open at last: %v", seed, point, err)
			}
			s.check(t, l, seed, point, 3)
			_ = l.Close()
			if survived {
				break
			}
		}
	}
}

// TestEveryOperationFails: whichever operation fails, for once or for good, what was taken is there, before and after a crash; a log
// that could not take something takes it once the fault is over.
func TestEveryOperationFails(t *testing.T) {
	for _, fault := range []error{syscall.ENOSPC, syscall.EIO, syscall.EROFS} {
		for _, lasting := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v lasting %v", fault, lasting), func(t *testing.T) {
				for point := 1; ; point++ {
					m := newMemory()
					hit := false
					m.fail = func(op int, _, _ string) error {
						if op == point || lasting && op > point {
							hit = true
							return fault
						}
						return nil
					}
					failOnce(t, m, uint64(point))
					if !hit {
						return
					}
				}
			})
		}
	}
}

func failOnce(t *testing.T, m *memory, seed uint64) {
	t.Helper()
	s := &story{taken: map[uint64]string{}, tried: map[string]bool{}}
	l, err := Open(Settings{Dir: "d", FS: m, MaxBytes: 1 << 30, Readers: []string{"a", "b"}})
	if err != nil {
		m.fail = nil
		l = open(t, m)
	}
	small(l)
	err = s.run(l, rand.New(rand.NewPCG(1, 1)))
	m.fail = nil
	if err != nil {
		if err := s.run(l, rand.New(rand.NewPCG(2, 2))); err != nil {
			t.Fatalf("after the fault: %v", err)
		}
	}
	s.check(t, l)
	_ = l.Close()
	m = m.crash(rand.New(rand.NewPCG(seed, 3)))
	l = open(t, m)
	s.check(t, l)
	_ = l.Close()
}
