package coldstore

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func open(t *testing.T, dir string, most int64) *Store {
	t.Helper()
	s, err := Open(dir, most)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func recordOf(key, version int) []byte { return []byte(fmt.Sprintf("record %d of %d", version, key)) }

// TestLastRecordCounts: of each key the last record is found, also after the store was opened again.
func TestLastRecordCounts(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<30)
	for version := range 3 {
		for key := range 1000 {
			s.Put(uint64(key), recordOf(key, version))
		}
	}
	check := func(s *Store) {
		t.Helper()
		for key := range 1000 {
			if got, want := s.Get(uint64(key)), recordOf(key, 2); !bytes.Equal(got, want) {
				t.Fatalf("key %d: got %q, want %q", key, got, want)
			}
		}
		if got := s.Get(5000); got != nil {
			t.Errorf("got %q for a key nobody put, want nothing", got)
		}
	}
	check(s)
	if st := s.Stats(); st.Records != 1000 || st.Hits != 1000 || st.Misses != 1 {
		t.Errorf("got %+v, want 1000 records, 1000 hits and a miss", st)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check(open(t, dir, 1<<30))
}

// TestDamage: a torn end and a flipped byte are set aside; what stands before is found, and the store goes on.
func TestDamage(t *testing.T) {
	for name, harm := range map[string]func([]byte) []byte{
		"torn end":     func(b []byte) []byte { return b[:len(b)-3] },
		"flipped byte": func(b []byte) []byte { b[len(b)/2] ^= 4; return b },
		"all zeros":    func(b []byte) []byte { clear(b[len(b)/2:]); return b },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, 1<<30)
			for key := range 100 {
				s.Put(uint64(key), recordOf(key, 0))
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "00000001.cold")
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, harm(whole), 0o600); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir, 1<<30)
			if got := s.Stats().Damaged; got != 1 {
				t.Errorf("got %d files with damage, want 1", got)
			}
			if aside, err := filepath.Glob(filepath.Join(dir, "*.damaged")); err != nil || len(aside) != 1 {
				t.Errorf("got %q set aside, %v, want one file", aside, err)
			}
			found := 0
			for key := range 100 {
				switch got := s.Get(uint64(key)); {
				case got == nil:
				case bytes.Equal(got, recordOf(key, 0)):
					found++
				default:
					t.Errorf("key %d: got %q", key, got)
				}
			}
			if found == 0 || found == 100 {
				t.Errorf("found %d of 100 records, want those before the damage", found)
			}
			s.Put(7, recordOf(7, 1))
			if got := s.Get(7); !bytes.Equal(got, recordOf(7, 1)) {
				t.Errorf("got %q after damage, want %q", got, recordOf(7, 1))
			}
		})
	}
}

// TestRoom: replaced records give their room back, and when there is too much the oldest are given up; both are counted.
func TestRoom(t *testing.T) {
	s := open(t, t.TempDir(), 5*segmentBytes)
	big := make([]byte, 64<<10)
	for round := range 10 { // 64 MiB live, ten times over
		for key := range 512 {
			big[0] = byte(round)
			s.Put(uint64(key), big)
		}
	}
	st := s.Stats()
	if st.Bytes > 6*segmentBytes {
		t.Errorf("got %d bytes on disk, want no more than a file above %d", st.Bytes, 5*segmentBytes)
	}
	for key := range 512 {
		if got := s.Get(uint64(key)); len(got) != len(big) || got[0] != 9 {
			t.Fatalf("key %d: got %d bytes, want the last record", key, len(got))
		}
	}
	for key := range 2048 {
		s.Put(uint64(10_000+key), big)
	}
	if st = s.Stats(); st.Dropped == 0 || st.Bytes > 6*segmentBytes {
		t.Errorf("got %d records given up and %d bytes, want some and %d at most", st.Dropped, st.Bytes, 6*segmentBytes)
	}
	if got := s.Get(10_000 + 2047); len(got) != len(big) {
		t.Error("the youngest record is not found")
	}
}

// TestTooLarge: a record beyond the bound is refused and counted, and the store goes on.
func TestTooLarge(t *testing.T) {
	s := open(t, t.TempDir(), 1<<30)
	s.Put(1, make([]byte, recordMost+1))
	if got := s.Get(1); got != nil || s.Stats().Failed != 1 {
		t.Errorf("got %d bytes and %d failures, want none and 1", len(got), s.Stats().Failed)
	}
}
