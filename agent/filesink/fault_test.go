package filesink

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// disk is what a test does to the files of a sink.
type disk struct {
	room  atomic.Int64 // bytes until it is full
	fixed atomic.Bool  // truncating fails too
	sick  atomic.Bool  // syncing fails
	calls atomic.Int64 // writes
	syncs atomic.Int64
}

type diskFile struct {
	handle
	d *disk
}

func (f diskFile) WriteAt(b []byte, at int64) (int, error) {
	f.d.calls.Add(1)
	room := f.d.room.Load()
	if int64(len(b)) <= room {
		f.d.room.Add(-int64(len(b)))
		return f.handle.WriteAt(b, at)
	}
	n, _ := f.handle.WriteAt(b[:room], at)
	f.d.room.Store(0)
	return n, syscall.ENOSPC
}

func (f diskFile) Truncate(size int64) error {
	if f.d.fixed.Load() {
		return syscall.EIO
	}
	return f.handle.Truncate(size)
}

func (f diskFile) Sync() error {
	f.d.syncs.Add(1)
	if f.d.sick.Load() {
		return syscall.EIO
	}
	return f.handle.Sync()
}

func newDisk(s *Sink, room int64) *disk {
	d := &disk{}
	d.room.Store(room)
	s.open = func(path string) (handle, error) {
		f, err := openFile(path)
		return diskFile{f, d}, err
	}
	return d
}

// A disk that is full after any number of bytes costs nothing but time, also when the torn line cannot be cut off at once.
func TestFullDiskAtEveryByte(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		for room := range int64(5 * 8) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				s := openSink(t, Settings{Dir: dir})
				d := newDisk(s, room)
				d.fixed.Store(fixed)
				done := make(chan error, 1)
				go func() {
					_, err := s.Send(t.Context(), docs("s", 0, 2))
					if err == nil {
						_, err = s.Send(t.Context(), docs("s", 2, 3))
					}
					done <- err
				}()
				synctest.Wait()
				d.fixed.Store(false)
				<-time.After(time.Minute)
				d.room.Store(1 << 20)
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				wantLines(t, dir, "s", 0, 5)
				if got := s.Stats(); got.Errors == 0 || got.Documents != 5 {
					t.Errorf("room %d: got %+v, want errors and 5 documents", room, got)
				}
			})
		}
	}
}

func TestRetryBacksOffAndEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openSink(t, Settings{Dir: t.TempDir()})
		d := newDisk(s, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := s.Send(ctx, docs("s", 0, 1))
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("got %v, want the deadline and the reason", err)
		}
		if n := d.calls.Load(); n < 700 || n > 750 {
			t.Errorf("got %d attempts in an hour, want one each 5 s", n)
		}
	})
}

func TestFailedSyncIsCounted(t *testing.T) {
	dir := t.TempDir()
	s := openSink(t, Settings{Dir: dir, MaxBytes: 10})
	d := newDisk(s, 1<<20)
	d.sick.Store(true)
	send(t, s, docs("s", 0, 1))
	send(t, s, docs("s", 1, 1))
	if err := s.Close(t.Context()); !errors.Is(err, syscall.EIO) {
		t.Errorf("got %v, want EIO", err)
	}
	if got := s.Stats().Unsynced; got != 2 {
		t.Errorf("got %d unsynced, want 2", got)
	}
	wantLines(t, dir, "s", 0, 2)
	if _, err := s.Send(t.Context(), docs("s", 2, 1)); !errors.Is(err, errClosed) {
		t.Errorf("got %v, want an error after Close", err)
	}
}

// Sync syncs each file that was written to since, once. A failure is told once and counted: what is lost of it the kernel does not say again.
func TestSync(t *testing.T) {
	dir := t.TempDir()
	s := openSink(t, Settings{Dir: dir})
	d := newDisk(s, 1<<20)
	want := func(step string, syncs int64, err error) {
		t.Helper()
		d.syncs.Store(0)
		if got := s.Sync(); !errors.Is(got, err) || d.syncs.Load() != syncs {
			t.Errorf("%s: got %v and %d syncs, want %v and %d", step, got, d.syncs.Load(), err, syncs)
		}
	}
	want("nothing written", 0, nil)
	send(t, s, docs("one", 0, 1))
	send(t, s, docs("two", 0, 1))
	want("two files written", 2, nil)
	want("nothing new", 0, nil)
	send(t, s, docs("two", 1, 1))
	want("one written", 1, nil)
	send(t, s, docs("one", 1, 1))
	d.sick.Store(true)
	want("sick", 1, syscall.EIO)
	want("told", 0, nil)
	if got := s.Stats().Unsynced; got != 1 {
		t.Errorf("got %d unsynced, want 1", got)
	}
	d.sick.Store(false)
	send(t, s, docs("one", 2, 1))
	want("mended", 1, nil)
}

// A file that somebody moves away is synced before another one takes its name: its documents count as delivered.
func TestMovedFileIsSynced(t *testing.T) {
	dir := t.TempDir()
	s := openSink(t, Settings{Dir: dir})
	d := newDisk(s, 1<<20)
	send(t, s, docs("s", 0, 1))
	if err := os.Rename(filepath.Join(dir, "s.ndjson"), filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	send(t, s, docs("s", 1, 1))
	if got := d.syncs.Load(); got != 1 {
		t.Errorf("got %d syncs, want 1, of the file that was moved", got)
	}
}
