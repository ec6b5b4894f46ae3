package spool

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// sound is a log of a few segments, one of them compressed, closed in good order.
func soundLog(t *testing.T) *memory {
	t.Helper()
	m := newMemory()
	l := small(open(t, m))
	add(t, l, 0, 24)
	if err := packNow(l); err != nil {
		t.Fatal(err)
	}
	if err := l.Save(nil); err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	return m
}

// copyOf is the same folder again, to be damaged.
func (m *memory) copyOf() *memory {
	c := newMemory()
	for name, n := range m.files {
		c.files[name] = &node{data: slices.Clone(n.data), synced: slices.Clone(n.data)}
	}
	c.disk = c.files
	return c
}

// checkDamaged opens a damaged folder: each entry is there as it was or counted as missing, and the log takes new ones.
func checkDamaged(t *testing.T, m *memory, what string) (missing bool) {
	t.Helper()
	l, err := Open(Settings{Dir: "d", FS: m, MaxBytes: 1 << 30, Readers: []string{"a"}})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer l.Close()
	found, gone, weight := all(t, l, Position{})
	if len(found)+int(gone) != 24 {
		t.Fatalf("%s: got %d entries and %d missing, want 24 together", what, len(found), gone)
	}
	lost := uint64(0)
	for n := range 24 {
		got, there := found[uint64(n)]
		if there && got != string(text(n)) {
			t.Fatalf("%s: entry %d is another one", what, n)
		}
		if !there {
			lost += uint64(entryOf(n).Weight)
		}
	}
	if weight != lost {
		t.Fatalf("%s: weight of what is missing: got %d, want %d", what, weight, lost)
	}
	at, err := l.Append(entryOf(24))
	if err != nil || at[0].Number != 24 {
		t.Fatalf("%s: append: got %v, %v, want number 24", what, at, err)
	}
	return gone > 0
}

func TestEveryByteFlipped(t *testing.T) {
	whole := soundLog(t)
	for _, path := range whole.segments() {
		for i := range whole.files[path].data {
			m := whole.copyOf()
			m.files[path].data[i] ^= 1 << (i % 8)
			if checkDamaged(t, m, fmt.Sprintf("%s byte %d", path, i)) && !slices.ContainsFunc(slices.Collect(maps.Keys(m.files)), isCopy) {
				t.Fatalf("%s byte %d: no copy of the damage", path, i)
			}
		}
	}
}

func isCopy(name string) bool { return strings.HasSuffix(name, damageEnding) }

func TestCutAtEveryLength(t *testing.T) {
	whole := soundLog(t)
	for _, path := range whole.segments() {
		for i := range whole.files[path].data {
			m := whole.copyOf()
			m.files[path].data = m.files[path].data[:i]
			checkDamaged(t, m, fmt.Sprintf("%s cut at %d", path, i))
		}
	}
}

func TestSegmentGone(t *testing.T) {
	whole := soundLog(t)
	for _, path := range whole.segments() {
		m := whole.copyOf()
		delete(m.files, path)
		l, err := Open(Settings{Dir: "d", FS: m, MaxBytes: 1 << 30, Readers: []string{"a"}})
		if err != nil {
			t.Fatal(err)
		}
		if found, missing, _ := all(t, l, Position{}); len(found)+int(missing) != 24 || missing == 0 {
			t.Errorf("%s gone: got %d entries and %d missing", path, len(found), missing)
		}
		_ = l.Close()
	}
}

// Damaged positions cost a second reading, and no entry.
func TestPositionsDamaged(t *testing.T) {
	whole := newMemory()
	l := small(open(t, whole))
	add(t, l, 0, 40)
	for n := range 5 {
		l.Keep("a", Position{Number: uint64(n)})
		if err := l.Save([]byte{byte(n)}); err != nil {
			t.Fatal(err)
		}
	}
	_ = l.Close()
	for i := range 2 * slotBytes {
		m := whole.copyOf()
		m.files["d/"+slotsName].data[i] ^= 0x10
		l := open(t, m)
		if at := l.Position("a").Number; at != 4 && at != 3 {
			t.Fatalf("byte %d: got position %d", i, at)
		}
		_ = l.Close()
	}
	m := whole.copyOf()
	clear(m.files["d/"+slotsName].data[:slotBytes*3/2])
	copy(m.files["d/"+slotsName].data, "rubbish")
	l = open(t, m)
	want(t, l, int(l.Position("a").Number), 40)
	if l.Position("a").Number != 0 {
		t.Errorf("got position %d, want the first", l.Position("a").Number)
	}
	if err := l.Save(nil); err != nil {
		t.Fatal(err)
	}
}

// Nobody who can send us records can make an entry by what is in them: an entry's bytes hold the frames of another log.
func TestForgedFrames(t *testing.T) {
	other := soundLog(t)
	forged := other.files[other.segments()[1]].data
	m := newMemory()
	l := small(open(t, m))
	for range 3 {
		if _, err := l.Append(Entry{Parts: [][]byte{forged}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Save(nil); err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	for _, path := range m.segments()[1:2] {
		m.files[path].data[3] ^= 1
	}
	l = open(t, m)
	found, missing, _ := all(t, l, Position{})
	if len(found) != 2 || missing != 1 {
		t.Errorf("got %d entries, %d missing, want 2 and 1", len(found), missing)
	}
}
