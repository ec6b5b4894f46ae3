package source

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkLines reads a file of 64 MiB out of the page cache.
func BenchmarkLines(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"400B", 400}, {"2kB", 2000}, {"20kB", 20000}} {
		b.Run(size.name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "log")
			line := append(bytes.Repeat([]byte("x"), size.bytes-1), '\n')
			if err := os.WriteFile(path, bytes.Repeat(line, 64<<20/size.bytes), 0o600); err != nil {
				b.Fatal(err)
			}
			f, err := os.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			b.SetBytes(int64(64 << 20 / size.bytes * size.bytes))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = f.Seek(0, io.SeekStart)
				l := lines{r: f}
				for err := error(nil); err == nil; {
					_, _, err = l.next(blockBytes)
				}
			}
		})
	}
}

// nobody takes everything and keeps nothing.
type nobody struct{}

func (nobody) Put(_ context.Context, _ [][]byte, safe func()) error {
	safe()
	return nil
}

// BenchmarkFiles reads the same as an input does, with fingerprints and positions.
func BenchmarkFiles(b *testing.B) {
	path := filepath.Join(b.TempDir(), "log")
	line := append(bytes.Repeat([]byte("x"), 1999), '\n')
	if err := os.WriteFile(path, bytes.Repeat(line, 32<<10), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(2000 * 32 << 10)
	b.ReportAllocs()
	for b.Loop() {
		log := slog.New(slog.DiscardHandler)
		store := &Positions{
			path: path + ".positions", log: log, opened: time.Now(), dirty: make(chan struct{}, 1), looks: map[string]look{},
			current: map[fileID]*position{}, starts: map[start][]*position{}, short: map[int]int{}, owners: map[fileID]*Files{},
		}
		files, err := NewFiles(FilesSettings{Path: path, Taker: nobody{}, Positions: store, Log: log})
		if err != nil {
			b.Fatal(err)
		}
		files.scan()
		for files.turns(b.Context()) {
		}
		files.closeAll()
	}
}
