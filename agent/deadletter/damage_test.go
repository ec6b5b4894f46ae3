package deadletter

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// threeEntries returns the name and the bytes of a segment with three entries, and where each ends.
func threeEntries(t *testing.T) (name string, content []byte, ends []int) {
	t.Helper()
	s := openStore(t, t.TempDir(), 1<<20)
	for n := range 3 {
		put(t, s, entry(n))
		ends = append(ends, int(s.Bytes()))
	}
	content, err := os.ReadFile(s.segments[0].path)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Base(s.segments[0].path), content, ends
}

func TestCutAtEveryByte(t *testing.T) {
	name, content, ends := threeEntries(t)
	for n := range content {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, name), content[:n])
		s := openStore(t, dir, 1<<20)
		var want []string
		whole := 0
		for i, end := range ends {
			if end <= n {
				want, whole = append(want, entry(i).ID), end
			}
		}
		wantHeld(t, s, want...)
		if got := s.Stats(); got.Torn != int64(n-whole) || got.Damaged != 0 {
			t.Fatalf("cut at %d: got torn %d and damaged %d, want %d and 0", n, got.Torn, got.Damaged, n-whole)
		}
		put(t, s, entry(7))
		_ = s.Close()
		wantHeld(t, openStore(t, dir, 1<<20), append(want, "id-7")...)
	}
}

func TestFlipEveryByte(t *testing.T) {
	name, content, ends := threeEntries(t)
	for n := range content {
		dir := t.TempDir()
		flipped := slices.Clone(content)
		flipped[n] ^= 0x41
		writeFile(t, filepath.Join(dir, name), flipped)
		s := openStore(t, dir, 1<<20)
		hit := slices.IndexFunc(ends, func(end int) bool { return n < end })
		start := append([]int{0}, ends...)[hit]
		var want []string
		for i := range ends {
			if i != hit || n == start+stateAt { // the state is no part of the entry
				want = append(want, entry(i).ID)
			}
		}
		wantHeld(t, s, want...)
		if got := s.Stats(); len(want) < 3 && got.Damaged == 0 && got.Torn == 0 {
			t.Fatalf("flip at %d: an entry is gone and not counted", n)
		}
	}
}

func TestDamageWhileOpenIsSkippedAndCounted(t *testing.T) {
	s := openStore(t, t.TempDir(), 1<<20)
	put(t, s, entry(0), entry(1))
	f, err := os.OpenFile(s.segments[0].path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.WriteAt([]byte("#"), payloadAt+20)
	_ = f.Close()
	if got := held(t, s); len(got) != 1 || got[0] != "id-1" {
		t.Errorf("got %v, want id-1 alone", got)
	}
	if _, err := s.Get("id-0"); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v, want ErrDamaged", err)
	}
	put(t, s, entry(0)) // its sender has it again
	wantHeld(t, s, "id-1", "id-0")
}

// disk is a file on a disk with little room or a broken sync.
type disk struct {
	file
	room     *int
	syncErr  *error
	truncErr error
}

func (d disk) WriteAt(b []byte, at int64) (int, error) {
	if len(b) <= *d.room {
		*d.room -= len(b)
		return d.file.WriteAt(b, at)
	}
	n, _ := d.file.WriteAt(b[:*d.room], at)
	*d.room = 0
	return n, syscall.ENOSPC
}

func (d disk) Sync() error { return *d.syncErr }

func (d disk) Truncate(size int64) error {
	if d.truncErr != nil {
		return d.truncErr
	}
	return d.file.Truncate(size)
}

// onDisk makes the store write through such a disk.
func onDisk(s *Store, room *int, syncErr *error, truncErr error) {
	s.open = func(path string) (file, error) {
		f, err := openFile(path)
		return disk{f, room, syncErr, truncErr}, err
	}
}

func TestFullDiskAtEveryByte(t *testing.T) {
	_, content, ends := threeEntries(t)
	for _, truncErr := range []error{nil, syscall.EIO} {
		for room := range content {
			dir := t.TempDir()
			s := openStore(t, dir, 1<<20)
			left, noErr := room, error(nil)
			onDisk(s, &left, &noErr, truncErr)
			var want []string
			for n := range 3 {
				switch err := s.Put(entry(n)); {
				case err == nil:
					want = append(want, entry(n).ID)
				case errors.Is(err, syscall.ENOSPC):
					continue
				default:
					t.Fatal(err)
				}
			}
			if fit := slices.IndexFunc(ends, func(end int) bool { return room < end }); len(want) != fit {
				t.Fatalf("room %d: got %d entries, want %d", room, len(want), fit)
			}
			left = 1 << 20
			put(t, s, entry(5))
			_ = s.Close()
			wantHeld(t, openStore(t, dir, 1<<20), append(want, "id-5")...)
		}
	}
}

func TestFailedSyncForgetsWhatItDidNotSave(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, 1<<20)
	left, syncErr := 1<<20, error(nil)
	onDisk(s, &left, &syncErr, nil)
	put(t, s, entry(0))
	if err := s.Sync(); err != nil {
		t.Fatal(err)
	}
	put(t, s, entry(1))
	syncErr = syscall.EIO
	if err := s.Sync(); !errors.Is(err, syscall.EIO) {
		t.Fatalf("got %v, want EIO", err)
	}
	wantHeld(t, s, "id-0")
	syncErr = nil
	put(t, s, entry(1))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantHeld(t, openStore(t, dir, 1<<20), "id-0", "id-1")
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
