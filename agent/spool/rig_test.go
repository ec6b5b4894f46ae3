package spool

import (
	"bytes"
	"fmt"
	"testing"
)

func open(t testing.TB, m FS, change ...func(*Settings)) *Log {
	t.Helper()
	s := Settings{Dir: "d", FS: m, MaxBytes: 1 << 30, Readers: []string{"a", "b"}}
	for _, c := range change {
		c(&s)
	}
	l, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// small makes segments of a few entries.
func small(l *Log) *Log {
	l.segment = 1000
	return l
}

// text is entry n, of some 30 to 330 bytes.
func text(n int) []byte {
	return append(fmt.Appendf(nil, "entry %06d ", n), bytes.Repeat([]byte{byte('a' + n%26)}, 20+n*37%300)...)
}

func entryOf(n int) Entry {
	return Entry{Parts: [][]byte{text(n)[:3], text(n)[3:]}, Weight: uint32(n%3 + 1)}
}

func add(t testing.TB, l *Log, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		at, err := l.Append(entryOf(n))
		if err != nil {
			t.Fatalf("append %d: %v", n, err)
		}
		if at[0].Number != uint64(n) {
			t.Fatalf("entry %d: got number %d", n, at[0].Number)
		}
	}
}

// all reads to the end: payloads by number, and how much is said to be missing.
func all(t testing.TB, l *Log, from Position) (found map[uint64]string, missing, weight uint64) {
	t.Helper()
	r := l.ReadFrom(from)
	defer r.Close()
	found = map[uint64]string{}
	at := from
	for {
		item, ok, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			if end := l.Next(); at.Number != end.Number {
				t.Fatalf("read up to %v, the log ends at %v", at, end)
			}
			return found, missing, weight
		}
		if item.At.Number != at.Number {
			t.Fatalf("got item at %v, want %v", item.At, at)
		}
		if at = item.Next; item.Missing > 0 {
			missing += item.Missing
			weight += item.Next.Weight - item.At.Weight
			continue
		}
		found[item.At.Number] = string(item.Payload)
	}
}

// want checks that entries from … to-1 are there as they were, and nothing is missing.
func want(t testing.TB, l *Log, from, to int) {
	t.Helper()
	found, missing, _ := all(t, l, Position{Number: uint64(from)})
	if len(found) != to-from || missing != 0 {
		t.Fatalf("got %d entries, %d missing, want %d and none", len(found), missing, to-from)
	}
	for n := from; n < to; n++ {
		if found[uint64(n)] != string(text(n)) {
			t.Fatalf("entry %d: got %.40q, want %.40q", n, found[uint64(n)], text(n))
		}
	}
}
