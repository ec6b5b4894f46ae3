package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// fakeIntake takes batches unless told otherwise.
type fakeIntake struct {
	mu    sync.Mutex
	texts []string
	put   func(context.Context) error
	close func(context.Context) error
}

func (f *fakeIntake) Put(ctx context.Context, records [][]byte, _ func()) error {
	if f.put != nil {
		if err := f.put(ctx); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range records {
		f.texts = append(f.texts, string(r))
	}
	return nil
}

func (f *fakeIntake) Close(ctx context.Context) error {
	if f.close != nil {
		return f.close(ctx)
	}
	return nil
}

func waitForEnd(ctx context.Context) error {
	<-ctx.Done()
	return ecs.ErrFull
}

// started starts an instance on an intake.
func started(t *testing.T, in intake, log io.Writer) *instance {
	t.Helper()
	open := func(settings, *slog.Logger) (intake, error) { return in, nil }
	i, err := start(settings{}, open, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func goldenChunk(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "parsers", "chunk", "testdata", name+".msgpack"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A flush keeps nothing of the memory that Fluent Bit lends it.
func TestFlushCopies(t *testing.T) {
	in := &fakeIntake{}
	data := goldenChunk(t, "lines")
	if !started(t, in, io.Discard).flush(data, 1) {
		t.Fatal("chunk not taken")
	}
	clear(data)
	want, err := os.ReadFile(filepath.Join("..", "parsers", "chunk", "testdata", "records.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(in.texts, "\n") + "\n"; got != string(want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFlushKeepsTheRestForQuarantine(t *testing.T) {
	for name, want := range map[string]string{
		"truncated":  "Fluent Bit chunk: chunk ends inside a record; 100 bytes, base64: kpLXAGmlRs0HJw4A",
		"damaged":    "Fluent Bit chunk: bytes are not MessagePack; 835 bytes, base64: wZKS",
		"text":       "Fluent Bit chunk: no record starts here; 10 bytes, base64: cGxhaW4gdGV4dA==",
		"unreadable": "Fluent Bit chunk: record is not a map; 18 bytes, base64: ktcAaaVGzQcnDgCmbm8gbWFw",
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			in := &fakeIntake{}
			i := started(t, in, &log)
			for _, chunk := range []string{name, name, "lines"} {
				if !i.flush(goldenChunk(t, chunk), 1) {
					t.Fatalf("chunk %s not taken", chunk)
				}
			}
			all := strings.Join(in.texts, "\n")
			if strings.Count(all, want) != 2 || !strings.Contains(all, `"uuid"`) {
				t.Errorf("got %s, want twice %s", all, want)
			}
			if got := log.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "times=2") || strings.Contains(got, "uuid") {
				t.Errorf("got log %s", got)
			}
		})
	}
}

func TestFlushOfNothing(t *testing.T) {
	in := &fakeIntake{put: func(context.Context) error { return errors.New("asked for nothing") }}
	if !started(t, in, io.Discard).flush(nil, 1) {
		t.Error("empty chunk not taken")
	}
}

func TestFlushWaitsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		in := &fakeIntake{put: waitForEnd}
		i := started(t, in, &log)
		for range 3 {
			before := time.Now()
			if i.flush(goldenChunk(t, "lines"), 1) || time.Since(before) != putWait {
				t.Errorf("got an answer after %v, want a refusal after %v", time.Since(before), putWait)
			}
		}
		in.put = nil
		if !i.flush(goldenChunk(t, "lines"), 1) {
			t.Error("chunk not taken")
		}
		if got := log.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "times=3") {
			t.Errorf("got log %s", got)
		}
	})
}

func TestFlushAfterExitIsRefused(t *testing.T) {
	i := started(t, &fakeIntake{}, io.Discard)
	i.exit()
	i.exit()
	if i.flush(goldenChunk(t, "lines"), 1) {
		t.Error("chunk taken after exit")
	}
}

func TestExitEndsWaitingFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := started(t, &fakeIntake{put: waitForEnd}, io.Discard)
		before := time.Now()
		answers := make(chan bool)
		go func() { answers <- i.flush(goldenChunk(t, "lines"), 1) }()
		synctest.Wait()
		i.exit()
		if <-answers || time.Since(before) != 0 {
			t.Errorf("flush went on for %v", time.Since(before))
		}
	})
}

func TestExitIsBounded(t *testing.T) {
	for name, closing := range map[string]func(release chan bool) func(context.Context) error{
		"slow":   func(chan bool) func(context.Context) error { return waitForEnd },
		"hangs":  func(c chan bool) func(context.Context) error { return func(context.Context) error { <-c; return nil } },
		"panics": func(chan bool) func(context.Context) error { return func(context.Context) error { panic("close") } },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				release := make(chan bool)
				i := started(t, &fakeIntake{close: closing(release)}, &log)
				before := time.Now()
				i.exit()
				if took := time.Since(before); took > exitWait+exitGrace || log.Len() == 0 {
					t.Errorf("exit took %v and logged %q", took, log.String())
				}
				close(release) // ends what hangs
			})
		})
	}
}

func TestInitWaitsForTheInstanceBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		open := func(settings, *slog.Logger) (intake, error) {
			if time.Since(begin) < 3*time.Second {
				return nil, errInUse
			}
			return &fakeIntake{}, nil
		}
		if _, err := start(settings{}, open, slog.New(slog.DiscardHandler)); err != nil {
			t.Error(err)
		}
	})
}

func TestInitGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		open := func(settings, *slog.Logger) (intake, error) { return nil, errInUse }
		_, err := start(settings{}, open, slog.New(slog.DiscardHandler))
		if took := time.Since(begin); !errors.Is(err, errInUse) || took < openWait || took > openWait+time.Second {
			t.Errorf("got %v after %v", err, took)
		}
	})
	open := func(settings, *slog.Logger) (intake, error) { return nil, os.ErrNotExist }
	if _, err := start(settings{}, open, slog.New(slog.DiscardHandler)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want the error at once", err)
	}
}

func TestWarnsWithoutWorkers(t *testing.T) {
	for flushThread, warnings := range map[int]int{7: 1, 8: 0} {
		var log bytes.Buffer
		i := started(t, &fakeIntake{}, &log)
		i.initThread = 7
		for range 2 {
			i.flush(nil, flushThread)
		}
		if got := strings.Count(log.String(), "workers"); got != warnings {
			t.Errorf("flush on thread %d: got %d warnings, want %d", flushThread, got, warnings)
		}
	}
}

func TestFlushesAtTheSameTime(t *testing.T) {
	in := &fakeIntake{}
	i := started(t, in, io.Discard)
	data := goldenChunk(t, "lines")
	var all sync.WaitGroup
	for thread := range 8 {
		all.Go(func() { i.flush(data, thread) })
	}
	all.Wait()
	if len(in.texts) != 32 {
		t.Errorf("got %d records, want 32", len(in.texts))
	}
}
