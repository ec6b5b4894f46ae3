package deadletter

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// entry makes the n-th entry of a test, with every byte value in it.
func entry(n int) Entry {
	raw := []byte(fmt.Sprintf("broken record %d \n\x00\xff", n))
	return Entry{ID: fmt.Sprintf("id-%d", n), Time: noon, Input: "file", Reason: "record is not JSON", Raw: raw}
}

func openStore(t *testing.T, dir string, maxBytes int64) *Store {
	t.Helper()
	s, err := Open(dir, maxBytes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func put(t *testing.T, s *Store, entries ...Entry) {
	t.Helper()
	for _, e := range entries {
		if err := s.Put(e); err != nil {
			t.Fatalf("put %s: %v", e.ID, err)
		}
	}
}

func held(t *testing.T, s *Store) []string {
	t.Helper()
	var ids []string
	err := s.Each(func(e Entry) error {
		ids = append(ids, e.ID)
		if !strings.HasPrefix(e.ID, "id-") {
			return nil
		}
		var n int
		_, _ = fmt.Sscanf(e.ID, "id-%d", &n)
		if want := entry(n); !bytes.Equal(e.Raw, want.Raw) || e.Reason != want.Reason || !e.Time.Equal(want.Time) || e.Input != want.Input {
			t.Errorf("entry %s came back changed", e.ID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func wantHeld(t *testing.T, s *Store, want ...string) {
	t.Helper()
	if got := held(t, s); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got entries %v, want %v", got, want)
	}
	if s.Count() != len(want) {
		t.Errorf("got count %d, want %d", s.Count(), len(want))
	}
}

func TestEntriesComeBackAfterReopening(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, 1<<20)
	put(t, s, entry(0), entry(1))
	put(t, s, entry(0)) // the input sent it again
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir, 1<<20)
	put(t, s, entry(2))
	wantHeld(t, s, "id-0", "id-1", "id-2")
	if e, err := s.Get("id-1"); err != nil || !bytes.Equal(e.Raw, entry(1).Raw) {
		t.Errorf("got %v, %v, want the second entry", e, err)
	}
	if _, err := s.Get("id-9"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("got %d segments, want 1", len(files))
	}
}

func TestEntryWithoutIDGetsOneOfItsBytes(t *testing.T) {
	s := openStore(t, t.TempDir(), 1<<20)
	e := Entry{Time: noon, Input: "tcp", Raw: []byte("x")}
	put(t, s, e)
	e.Time = noon.Add(time.Hour)
	put(t, s, e)
	e.Input = "stdin"
	put(t, s, e)
	if s.Count() != 2 {
		t.Errorf("got %d entries, want 2", s.Count())
	}
}

func TestFullStoreRefusesTheNewest(t *testing.T) {
	s := openStore(t, t.TempDir(), 3*entryCharge)
	put(t, s, entry(0), entry(1), entry(2))
	if err := s.Put(entry(3)); !errors.Is(err, ErrFull) {
		t.Fatalf("got %v, want ErrFull", err)
	}
	if got := s.Stats().Refused; got != 1 {
		t.Errorf("got %d refused, want 1", got)
	}
	wantHeld(t, s, "id-0", "id-1", "id-2")
}

func TestRemoveFreesTheSegment(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, 3*entryCharge)
	put(t, s, entry(0), entry(1), entry(2))
	for _, id := range []string{"id-0", "id-1"} {
		if err := s.Remove(id); err != nil {
			t.Fatal(err)
		}
	}
	_ = s.Close()
	s = openStore(t, dir, 3*entryCharge)
	wantHeld(t, s, "id-2")
	if err := s.Remove("id-2"); err != nil {
		t.Fatal(err)
	}
	if s.Bytes() != 0 {
		t.Errorf("got %d bytes in an empty store, want 0", s.Bytes())
	}
	put(t, s, entry(3), entry(4), entry(5))
	wantHeld(t, s, "id-3", "id-4", "id-5")
}

func TestSegmentsRoll(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, 1<<20)
	big := Entry{Time: noon, Raw: make([]byte, minSegment)}
	for i := range 4 {
		big.ID = fmt.Sprint("big", i)
		put(t, s, big)
	}
	if files, _ := os.ReadDir(dir); len(files) != 4 {
		t.Errorf("got %d segments, want 4", len(files))
	}
	wantHeld(t, s, "big0", "big1", "big2", "big3")
	if err := s.Put(Entry{ID: "huge", Raw: make([]byte, maxPayload)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
}

func TestFilesAreForTheOwnerOnly(t *testing.T) {
	dir := t.TempDir() + "/dead"
	s := openStore(t, dir, 1<<20)
	put(t, s, entry(0))
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("got folder %v, %v, want 0700", info.Mode(), err)
	}
	info, err = os.Stat(s.segments[0].path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got segment %v, %v, want 0600", info.Mode(), err)
	}
}

func TestStoreIsSafeForConcurrentUse(t *testing.T) {
	s := openStore(t, t.TempDir(), 1<<20)
	var workers sync.WaitGroup
	for w := range 4 {
		workers.Go(func() {
			for i := range 25 {
				if err := s.Put(entry(w*25 + i)); err != nil {
					t.Error(err)
				}
				_ = s.Each(func(Entry) error { return nil })
				_ = s.Sync()
			}
		})
	}
	workers.Wait()
	if s.Count() != 100 {
		t.Errorf("got %d entries, want 100", s.Count())
	}
}
