package spool

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestReadsWhatWasAppended(t *testing.T) {
	m := newMemory()
	l := small(open(t, m))
	add(t, l, 0, 100)
	want(t, l, 0, 100)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = small(open(t, m))
	add(t, l, 100, 150)
	want(t, l, 0, 150)
	want(t, l, 77, 150)
	if end := l.Next(); end.Weight != 150*2 { // 1, 2, 3, 1, 2, 3 …
		t.Errorf("got weight %d of all", end.Weight)
	}
}

// A reader that follows gets each entry once, in order, while others write.
func TestReaderFollows(t *testing.T) {
	l := small(open(t, Disk{}, func(s *Settings) { s.Dir = t.TempDir() }))
	const writers, each = 4, 200
	var writing sync.WaitGroup
	for range writers {
		writing.Go(func() {
			for n := range each {
				if _, err := l.Append(Entry{Parts: [][]byte{text(n)}}, Entry{Parts: [][]byte{text(n + 1)}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	r := l.ReadFrom(Position{})
	defer r.Close()
	for n := uint64(0); n < 2*writers*each; {
		changed := l.Changed()
		item, ok, err := r.Next()
		if err != nil || item.Missing > 0 {
			t.Fatalf("got %+v, %v", item, err)
		}
		if !ok {
			<-changed
			continue
		}
		if item.At.Number != n {
			t.Fatalf("got entry %d, want %d", item.At.Number, n)
		}
		n++
	}
	writing.Wait()
}

// One fsync serves all who wait.
func TestGroupCommit(t *testing.T) {
	m := newMemory()
	l := open(t, m)
	add(t, l, 0, 1)
	syncs := 0
	m.fail = func(_ int, what, _ string) error {
		if what == "sync" {
			syncs++
		}
		return nil
	}
	l.writing.Lock()
	var waiting sync.WaitGroup
	for range 20 {
		waiting.Go(func() {
			if _, err := l.Append(Entry{Parts: [][]byte{text(1)}}); err != nil {
				t.Error(err)
			}
		})
	}
	for {
		l.mu.Lock()
		n := 0
		if l.pending != nil {
			n = len(l.pending.entries)
		}
		l.mu.Unlock()
		if n == 20 {
			break
		}
	}
	l.writing.Unlock()
	waiting.Wait()
	if syncs != 1 || l.Next().Number != 21 {
		t.Errorf("got %d syncs for 20 who wait, next %d", syncs, l.Next().Number)
	}
}

// Segments go when all readers have passed them and that is saved, not before.
func TestSegmentsLiveUntilAllHavePassed(t *testing.T) {
	m := newMemory()
	l := small(open(t, m))
	add(t, l, 0, 100)
	before := len(m.segments())
	l.Keep("a", Position{90, 0})
	if err := l.Save(nil); err != nil || len(m.segments()) != before {
		t.Fatalf("one of two readers has passed: %d of %d segments left, %v", len(m.segments()), before, err)
	}
	l.Keep("b", Position{50, 0})
	if len(m.segments()) != before {
		t.Fatal("segments went before the position was saved")
	}
	if err := l.Save([]byte("a note")); err != nil {
		t.Fatal(err)
	}
	if len(m.segments()) >= before {
		t.Fatalf("got %d segments, want fewer than %d", len(m.segments()), before)
	}
	want(t, l, 50, 100)
	_ = l.Close()
	l = small(open(t, m))
	if l.Position("a").Number != 90 || l.Position("b").Number != 50 || string(l.Note()) != "a note" {
		t.Errorf("after opening: got %v, %v, %q", l.Position("a"), l.Position("b"), l.Note())
	}
	want(t, l, 50, 100)
}

func TestFullLogRefusesAndKeeps(t *testing.T) {
	m := newMemory()
	l := small(open(t, m, func(s *Settings) { s.MaxBytes = 5000 }))
	l.segment = 1000
	n := 0
	for ; ; n++ {
		if _, err := l.Append(entryOf(n)); err != nil {
			if !errors.Is(err, ErrFull) {
				t.Fatal(err)
			}
			break
		}
	}
	if n == 0 || l.Stats().Bytes > 5000 {
		t.Fatalf("took %d entries, %d bytes", n, l.Stats().Bytes)
	}
	want(t, l, 0, n)
	room := l.Changed()
	l.Keep("a", Position{uint64(n), 0})
	l.Keep("b", Position{uint64(n), 0})
	if err := l.Save(nil); err != nil {
		t.Fatal(err)
	}
	<-room
	add(t, l, n, n+1)
	if _, err := l.Append(Entry{Parts: [][]byte{make([]byte, 6000)}}); !errors.Is(err, ErrFull) {
		t.Errorf("larger than the bound, while something is held: got %v", err)
	}
	l.Keep("a", l.Next())
	l.Keep("b", l.Next())
	if _, err := l.Append(Entry{Parts: [][]byte{make([]byte, 6000)}}); err != nil {
		t.Errorf("larger than the bound, and nothing held: got %v", err)
	}
}

func TestCompressedSegments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		l := small(open(t, m, func(s *Settings) { s.Pack = true }))
		add(t, l, 0, 200)
		before := l.Stats().Bytes
		half := l.ReadFrom(Position{})
		for range 10 {
			if _, ok, err := half.Next(); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		<-time.After(time.Minute)
		synctest.Wait()
		s := l.Stats()
		if s.Packed == 0 || s.Bytes*2 > before {
			t.Fatalf("got %d segments compressed, %d bytes of %d", s.Packed, s.Bytes, before)
		}
		for n := uint64(10); n < 200; n++ {
			if item, ok, err := half.Next(); !ok || err != nil || item.At.Number != n {
				t.Fatalf("reader under way: got %+v, %v, want entry %d", item, err, n)
			}
		}
		want(t, l, 0, 200)
		want(t, l, 123, 200)
		_ = l.Close()
		want(t, open(t, m), 0, 200)
	})
}

func TestYoungSegmentsStayAsTheyAre(t *testing.T) {
	for _, c := range []struct {
		name  string
		bound int64
		packs bool
	}{{"room", 1 << 30, false}, {"filling up", 160_000, true}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := small(open(t, newMemory(), func(s *Settings) { s.Pack, s.MaxBytes = true, c.bound }))
				add(t, l, 0, 200)
				<-time.After(packAfter / 2)
				synctest.Wait()
				if s := l.Stats(); (s.Packed > 0) != c.packs {
					t.Errorf("got %d segments compressed of %d bytes", s.Packed, s.Bytes)
				}
			})
		})
	}
}

func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	l := open(t, nil, func(s *Settings) { s.Dir, s.FS = dir, nil })
	add(t, l, 0, 1)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 2 {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		if info, _ := e.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got mode %v, want 0600", e.Name(), info.Mode())
		}
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("folder: got mode %v, want 0700", info.Mode())
	}
}

func TestClosedLog(t *testing.T) {
	l := open(t, newMemory())
	add(t, l, 0, 1)
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(entryOf(1)); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want %v", err, ErrClosed)
	}
}

// Files of others, unfinished compression and old damage do not keep a log from opening.
func TestStrangersInTheFolder(t *testing.T) {
	m := newMemory()
	l := small(open(t, m))
	add(t, l, 0, 50)
	_ = l.Close()
	first := m.segments()[0]
	part := strings.TrimSuffix(first, plainEnding) + packedEnding + partEnding
	m.files[part] = &node{data: []byte("half")}
	m.files["d/notes.txt"] = &node{data: []byte("mine")}
	want(t, open(t, m), 0, 50)
	if m.files[part] != nil || m.files["d/notes.txt"] == nil {
		t.Errorf("got %v", slices.Collect(func(yield func(string) bool) {
			for name := range m.files {
				yield(name)
			}
		}))
	}
}
