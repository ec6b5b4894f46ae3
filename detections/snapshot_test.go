package detections

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/idwatch/idwatch/detections/pack"
)

// TestSnapshotChangesNothing: cut by a snapshot and a restore wherever it may be, the engine ends with the alerts of a run that was not.
func TestSnapshotChangesNothing(t *testing.T) {
	acts := demoActs(t)
	context := DefaultContext()
	want := replayed(acts, context)
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 11))
			got := finals{}
			settings := LiveSettings{Context: context, Lateness: 15 * time.Minute, Publish: got.take}
			l := NewLive(settings)
			shuffled := delayed(acts, r, 14*time.Minute)
			cuts := 0
			for i := 0; i < len(shuffled); {
				n := min(1+r.IntN(300), len(shuffled)-i)
				l.Observe(slices.Clone(shuffled[i:i+n]), shuffled[i+n-1].Time)
				i += n
				if r.IntN(20) == 0 {
					l = again(t, l, settings)
					cuts++
				}
			}
			l.Finish()
			if cuts == 0 {
				t.Error("nothing was cut")
			}
			compareFinals(t, got, want)
		})
	}
}

// TestSnapshotTellsOnce: what was told before a cut is not told again after it.
func TestSnapshotTellsOnce(t *testing.T) {
	acts := demoActs(t)
	told := 0
	settings := LiveSettings{Context: DefaultContext(), Lateness: 15 * time.Minute, Publish: func(*Document) { told++ }}
	l := NewLive(settings)
	l.Observe(slices.Clone(acts), acts[len(acts)-1].Time)
	l.Observe(nil, acts[len(acts)-1].Time)
	if told == 0 {
		t.Fatal("nothing was told")
	}
	told = 0
	l = again(t, l, settings)
	l.Observe(slices.Clone(acts[len(acts)-100:]), acts[len(acts)-1].Time) // repeats
	if told > 0 {
		t.Errorf("%d documents were told again", told)
	}
}

// again is the engine after a snapshot and a restore.
func again(t *testing.T, l *Live, settings LiveSettings) *Live {
	t.Helper()
	var kept bytes.Buffer
	if err := l.Snapshot(&kept); err != nil {
		t.Fatal(err)
	}
	restored, err := Restore(&kept, settings)
	if err != nil {
		t.Fatal(err)
	}
	return restored
}

// snapshotOf is a snapshot of a small engine.
func snapshotOf(t testing.TB) []byte {
	t.Helper()
	l := NewLive(LiveSettings{Context: DefaultContext(), Lateness: time.Minute, Publish: func(*Document) {}})
	now := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	for i := range 20 {
		at := now.Add(time.Duration(i) * 7 * time.Minute)
		l.Observe([]*Act{busyAct(i, fmt.Sprintf("user%d@acme.example", i%3), at)}, at)
	}
	var kept bytes.Buffer
	if err := l.Snapshot(&kept); err != nil {
		t.Fatal(err)
	}
	return kept.Bytes()
}

// TestSnapshotDamaged: each flipped byte and each cut is noticed.
func TestSnapshotDamaged(t *testing.T) {
	whole := snapshotOf(t)
	settings := LiveSettings{Context: DefaultContext(), Publish: func(*Document) {}}
	if _, err := Restore(bytes.NewReader(whole), settings); err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		bad := slices.Clone(whole)
		bad[i] ^= 1 << (i % 8)
		if _, err := Restore(bytes.NewReader(bad), settings); !errors.Is(err, pack.ErrDamaged) {
			t.Fatalf("byte %d flipped: got %v, want %v", i, err, pack.ErrDamaged)
		}
		if _, err := Restore(bytes.NewReader(whole[:i]), settings); !errors.Is(err, pack.ErrDamaged) {
			t.Fatalf("cut at %d: got %v, want %v", i, err, pack.ErrDamaged)
		}
	}
	if _, err := Restore(bytes.NewReader(append(slices.Clone(whole), 0)), settings); !errors.Is(err, pack.ErrDamaged) {
		t.Errorf("a byte too many: got %v, want %v", err, pack.ErrDamaged)
	}
}

// FuzzRestore: whatever is read, even under a right checksum, the engine answers with an error or works.
func FuzzRestore(f *testing.F) {
	whole := snapshotOf(f)
	f.Add(whole[:len(whole)-4])
	f.Add([]byte(snapshotHeader))
	f.Fuzz(func(t *testing.T, body []byte) {
		settings := LiveSettings{Context: DefaultContext(), Lateness: time.Minute, Publish: func(*Document) {}}
		l, err := Restore(bytes.NewReader(pack.Sealed(body)), settings)
		if err != nil {
			return
		}
		at := time.Date(2026, 9, 2, 8, 0, 0, 0, time.UTC)
		l.Observe([]*Act{busyAct(1, "user1@acme.example", at)}, at)
		l.Finish()
		var kept bytes.Buffer
		if err := l.Snapshot(&kept); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(&kept, settings); err != nil {
			t.Fatal(err)
		}
	})
}
