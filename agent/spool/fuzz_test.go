package spool

import (
	"path/filepath"
	"testing"
)

// FuzzSegment: whatever a segment holds, the log opens, gives out only entries that were written under this segment's salt, accounts for
// every number up to its end, and takes new entries that a second opening finds.
func FuzzSegment(f *testing.F) {
	m := newMemory()
	l := small(open(f, m))
	for n := range 6 {
		if _, err := l.Append(entryOf(n)); err != nil {
			f.Fatal(err)
		}
	}
	_ = l.Close()
	path := m.segments()[0]
	whole := m.files[path].data
	for _, b := range [][]byte{whole, whole[:len(whole)-7], whole[50:], append(whole[200:], whole...), nil} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m := newMemory()
		m.files[filepath.Join("d", filepath.Base(path))] = &node{data: b}
		l := open(t, m)
		found, missing, _ := all(t, l, Position{})
		if end := l.Next().Number; uint64(len(found))+missing != end {
			t.Fatalf("got %d entries and %d missing of %d", len(found), missing, end)
		}
		for n, text := range found {
			if n > 5 || text != string(textBefore(n)) {
				t.Fatalf("entry %d was never written", n)
			}
		}
		end := l.Next().Number
		if _, err := l.Append(Entry{Parts: [][]byte{[]byte("new")}}); err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		if found, _, _ := all(t, open(t, m), Position{Number: end}); found[end] != "new" {
			t.Fatalf("the new entry: got %q", found[end])
		}
	})
}

func textBefore(n uint64) []byte { return text(int(n)) }
