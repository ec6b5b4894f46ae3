package source

import (
	"errors"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/durable"
)

// savedRig reads a file and stops, and returns what was saved.
func savedRig(r *rig) string {
	r.write("log", text(0, 50))
	r.start("log", func(s *FilesSettings) { s.FromEnd = true })
	r.add("log", text(50, 5))
	r.settle()
	r.want(records(50, 5)...)
	r.stop()
	b, err := os.ReadFile(r.positions())
	if err != nil {
		r.Fatal(err)
	}
	return string(b)
}

func TestDamagedPositionsCostNoRecord(t *testing.T) {
	inBubble(t, func(r *rig) {
		whole := savedRig(r)
		r.add("log", text(55, 1))
		for n := 0; n < len(whole); n += 9 {
			if err := os.WriteFile(r.positions(), []byte(whole[:n]), 0o600); err != nil {
				t.Fatal(err)
			}
			r.taker.records = nil
			r.start("log", func(s *FilesSettings) { s.FromEnd = true })
			r.want(records(0, 56)...) // all again, though only new ones were asked for
			r.stop()
			if kept, err := os.ReadFile(r.positions() + ".damaged"); err != nil || string(kept) != whole[:n] {
				t.Fatalf("cut at %d: the damaged file was not kept: %v", n, err)
			}
		}
	})
}

func TestPositionsAreForTheOwnerOnly(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.write("log", text(0, 1))
		r.start("log")
		r.store.write = durable.WriteFile
		r.stop()
		if info, err := os.Stat(r.positions()); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("got %v, %v, want mode 0600", info, err)
		}
	})
}

func TestPositionsThatCannotBeSaved(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.write("log", text(0, 10))
		full := true
		var told strings.Builder
		r.start("log")
		r.store.log = slog.New(slog.NewTextHandler(&told, nil))
		r.store.write = func(path string, content []byte) error {
			if full {
				return syscall.ENOSPC
			}
			return writeUnsynced(path, content)
		}
		r.add("log", text(10, 1))
		r.pass(time.Minute)
		full = false
		r.settle()
		if n := strings.Count(told.String(), "\n"); n != 2 {
			t.Errorf("got %d lines in the log, want one of the trouble and one of its end:\n%s", n, told.String())
		}
		saved, err := os.ReadFile(r.positions())
		if err != nil {
			t.Fatal(err)
		}
		r.stop()
		if err := os.WriteFile(r.positions(), saved, 0o600); err != nil {
			t.Fatal(err)
		}
		r.start("log")
		r.want(records(0, 11)...)
	})
}

func TestCloseTellsThatPositionsWereNotSaved(t *testing.T) {
	p, err := OpenPositions(t.TempDir()+"/positions.json", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p.write = func(string, []byte) error { return syscall.EROFS }
	if err := p.Close(); !errors.Is(err, syscall.EROFS) {
		t.Errorf("got %v, want EROFS", err)
	}
}

func TestPositionsOfGoneFilesAreForgottenInTheEnd(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.start("log-*")
		for i := range 3 * goneKept {
			name := "log-" + records(i, 1)[0][5:8]
			r.write(strings.Map(fileRune, name), text(i, 30))
			if i%200 == 199 {
				r.settle()
			}
		}
		r.settle()
		entries, err := os.ReadDir(r.dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries[1:] {
			r.remove(e.Name())
		}
		r.pass(20 * time.Minute)
		r.add(entries[0].Name(), text(9999, 1))
		r.pass(time.Minute)
		if n := len(r.store.snapshot().Positions); n > goneKept+1 {
			t.Errorf("got %d positions, want %d of gone files and 1", n, goneKept)
		}
		before := len(r.taker.records)
		r.stop()
		r.start("log-*")
		if n := len(r.taker.records) - before; n != 0 {
			t.Errorf("got %d records again of the file that is there", n)
		}
	})
}
