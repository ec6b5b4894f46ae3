package source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// taker collects records.
type taker struct {
	mu      sync.Mutex
	records []string
	safes   []func()
	hold    bool // batches are not safe until the test says so
	full    bool // nothing is taken
	refused int
}

func (k *taker) Put(_ context.Context, records [][]byte, safe func()) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.full {
		k.refused++
		return ecs.ErrFull
	}
	for _, record := range records {
		k.take(record)
	}
	switch {
	case safe == nil:
	case k.hold:
		k.safes = append(k.safes, safe)
	default:
		safe()
	}
	return nil
}

// take takes envelopes apart, as the real taker does.
func (k *taker) take(record []byte) {
	if !bytes.HasPrefix(record, []byte(`{"Records":`)) && !bytes.HasPrefix(record, []byte("[")) {
		k.records = append(k.records, string(record))
		return
	}
	_ = parsers.Split(bytes.NewReader(record), func(inner []byte, _ int64) error {
		k.records = append(k.records, string(inner))
		return nil
	})
}

func (k *taker) set(change func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change()
}

// rig is a folder of logs with an input that reads them, inside a synctest bubble.
type rig struct {
	*testing.T
	dir    string // the logs
	data   string // the positions
	taker  *taker
	files  *Files
	store  *Positions
	cancel context.CancelFunc
	done   chan error
}

// inBubble runs a test with a rig.
func inBubble(t *testing.T, test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, dir: t.TempDir(), data: t.TempDir(), taker: &taker{}}
		defer r.stop()
		test(r)
	})
}

// start begins to read what matches name, as a process does.
func (r *rig) start(name string, change ...func(*FilesSettings)) {
	r.Helper()
	var err error
	if r.store, err = OpenPositions(r.positions(), slog.New(slog.DiscardHandler)); err != nil {
		r.Fatal(err)
	}
	r.store.write = writeUnsynced
	s := FilesSettings{
		Path: filepath.Join(r.dir, name), Taker: r.taker, Positions: r.store, Split: parsers.Split, Log: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&s)
	}
	if r.files, err = NewFiles(s); err != nil {
		r.Fatal(err)
	}
	ctx, cancel := context.WithCancel(r.Context())
	r.cancel, r.done = cancel, make(chan error, 1)
	go func() { r.done <- r.files.Run(ctx) }()
	r.settle()
}

// writeUnsynced spares the tests the time of a sync.
func writeUnsynced(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// stop ends the process, if one runs.
func (r *rig) stop() {
	r.Helper()
	if r.cancel == nil {
		return
	}
	r.cancel()
	if err := <-r.done; err != nil {
		r.Error(err)
	}
	if err := r.store.Close(); err != nil {
		r.Error(err)
	}
	r.cancel = nil
}

// settle lets enough time pass for everything there to be found and read.
func (r *rig) settle() { r.pass(4 * time.Second) }

func (r *rig) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (r *rig) positions() string { return filepath.Join(r.data, "positions.json") }

func (r *rig) path(name string) string { return filepath.Join(r.dir, name) }

func (r *rig) write(name, content string) {
	r.Helper()
	if err := os.WriteFile(r.path(name), []byte(content), 0o600); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) add(name, content string) {
	r.Helper()
	f, err := os.OpenFile(r.path(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		r.Fatal(err)
	}
	if _, err := io.WriteString(f, content); err != nil {
		r.Fatal(err)
	}
	_ = f.Close()
}

func (r *rig) rename(from, to string) {
	r.Helper()
	if err := os.Rename(r.path(from), r.path(to)); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) read(name string) string {
	r.Helper()
	b, err := os.ReadFile(r.path(name))
	if err != nil {
		r.Fatal(err)
	}
	return string(b)
}

func (r *rig) remove(name string) {
	r.Helper()
	if err := os.Remove(r.path(name)); err != nil {
		r.Fatal(err)
	}
}

// age gives a file a time of change that many hours ago.
func (r *rig) age(name string, hours int) {
	r.Helper()
	at := time.Unix(1_700_000_000-int64(hours)*3600, 0)
	if err := os.Chtimes(r.path(name), at, at); err != nil {
		r.Fatal(err)
	}
}

// compress replaces a file by its compressed copy, as rotation does.
func (r *rig) compress(name string) {
	r.Helper()
	info, err := os.Stat(r.path(name))
	if err != nil {
		r.Fatal(err)
	}
	r.write(name+".gz", gzipped(r.read(name)))
	if err := os.Chtimes(r.path(name+".gz"), info.ModTime(), info.ModTime()); err != nil {
		r.Fatal(err)
	}
	r.remove(name)
}

func gzipped(content string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, content)
	_ = z.Close()
	return b.String()
}

// records makes the records numbered from first; more than a few have long fingerprints.
func records(first, n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`{"n":%d,"text":"%s"}`, first+i, strings.Repeat("x", 40)))
	}
	return all
}

func text(first, n int) string { return strings.Join(records(first, n), "\n") + "\n" }

// want checks that the records so far are those, in any order between files, none twice.
func (r *rig) want(want ...string) {
	r.Helper()
	r.taker.mu.Lock()
	defer r.taker.mu.Unlock()
	got := slices.Clone(r.taker.records)
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		r.Fatalf("got %d records:\n%s\nwant %d:\n%s", len(got), clip(got), len(want), clip(want))
	}
}

func clip(all []string) string {
	var b strings.Builder
	for _, one := range all[:min(len(all), 8)] {
		fmt.Fprintln(&b, one[:min(len(one), 90)])
	}
	return b.String()
}
