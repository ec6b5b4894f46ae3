package source

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers"
)

// pool is a taker that several inputs share, with batches that become safe elsewhere and in any order.
type pool struct {
	mu    sync.Mutex
	got   map[string]int
	want  int
	all   chan struct{} // closed when every record has come
	safes chan func()
}

func (p *pool) Put(_ context.Context, records [][]byte, safe func()) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, record := range records {
		if p.got[string(record)]++; len(p.got) == p.want && p.got[string(record)] == 1 {
			close(p.all)
		}
	}
	p.safes <- safe
	return nil
}

// A real writer, a real clock, and rotation at any moment.
func TestRotationUnderAWriter(t *testing.T) {
	const logs, perLog = 2, 30_000
	dir := t.TempDir()
	store, err := OpenPositions(filepath.Join(t.TempDir(), "positions.json"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p := &pool{got: map[string]int{}, want: logs * perLog, all: make(chan struct{}), safes: make(chan func(), 1<<16)}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for i := range logs {
		name := filepath.Join(dir, fmt.Sprintf("log%c", 'a'+i))
		files, err := NewFiles(FilesSettings{
			Path: name, Taker: p, Positions: store, Split: parsers.Split, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		files.scan() // before there is anything: all that comes is wanted
		running.Go(func() { _ = files.Run(ctx) })
		running.Go(func() { writeAndRotate(t, name, i*perLog, perLog) })
	}
	for range 3 {
		running.Go(func() { settleAll(ctx, p.safes) })
	}
	select {
	case <-p.all:
	case <-time.After(2 * time.Minute):
		t.Errorf("got %d records, want %d", len(p.got), p.want)
	}
	cancel()
	running.Wait()
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	twice := 0
	for _, n := range p.got {
		if n > 1 {
			twice++
		}
	}
	if twice > 0 {
		t.Errorf("got %d records twice", twice)
	}
}

func settleAll(ctx context.Context, safes chan func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case safe := <-safes:
			safe()
		}
	}
}

// writeAndRotate writes records, half a line at a time, and renames the file now and then.
func writeAndRotate(t *testing.T, name string, first, n int) {
	var f *os.File
	for i := range n {
		if i%4000 == 0 {
			if f != nil {
				_ = f.Close()
				_ = os.Rename(name, fmt.Sprintf("%s.%d", name, i))
			}
			var err error
			if f, err = os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
				t.Error(err)
				return
			}
		}
		line := text(first+i, 1)
		half := strings.Index(line, "x")
		_, _ = io.WriteString(f, line[:half])
		_, _ = io.WriteString(f, line[half:])
	}
	_ = f.Close()
}
