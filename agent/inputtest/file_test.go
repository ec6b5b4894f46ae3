package inputtest

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"testing"
)

// TestFile: every line is there once, though the agent is killed again and again and the file is turned over while nobody looks: renamed,
// and the one before compressed, as logrotate does it.
func TestFile(t *testing.T) {
	r := newRig(t, "- {type: file, path: 'DIR/audit.log*', from: beginning, source: okta}\n")
	w := &writer{r: r}
	w.open()
	r.start()
	for n := 1; n <= 3; n++ {
		w.upTo(r.records * n / 4)
		r.until("documents", func() bool { return r.documents() > r.records*(2*n-1)/8 }) // about half of what was written
		r.kill()
		w.turnOver(n)
		w.upTo(w.next + r.records/10)
		r.start()
	}
	w.upTo(r.records)
	r.exactlyOnce()
}

// writer writes a log.
type writer struct {
	r    *rig
	file *os.File
	next int
}

func (w *writer) open() {
	w.r.t.Helper()
	file, err := os.Create(w.r.path("audit.log"))
	if err != nil {
		w.r.t.Fatal(err)
	}
	w.file = file
	w.r.t.Cleanup(func() { _ = file.Close() })
}

// upTo writes records up to that number.
func (w *writer) upTo(end int) {
	w.r.t.Helper()
	for ; w.next < min(end, w.r.records); w.next++ {
		if _, err := fmt.Fprintln(w.file, record(w.next)); err != nil {
			w.r.t.Fatal(err)
		}
	}
}

// turnOver renames the file, begins another, and compresses the one that was renamed the time before.
func (w *writer) turnOver(n int) {
	w.r.t.Helper()
	if err := os.Rename(w.r.path("audit.log"), w.r.path(fmt.Sprint("audit.log.", n))); err != nil {
		w.r.t.Fatal(err)
	}
	w.open()
	if n > 1 {
		w.compress(w.r.path(fmt.Sprint("audit.log.", n-1)))
	}
}

func (w *writer) compress(path string) {
	w.r.t.Helper()
	from, err := os.Open(path)
	if err != nil {
		w.r.t.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(path + ".gz")
	if err != nil {
		w.r.t.Fatal(err)
	}
	defer to.Close()
	z := gzip.NewWriter(to)
	if _, err := io.Copy(z, from); err != nil {
		w.r.t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		w.r.t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		w.r.t.Fatal(err)
	}
}
