package source

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"
)

const (
	shortPoll = 50 * time.Millisecond  // after there was something to read
	longPoll  = 250 * time.Millisecond // after a while of nothing
	// A quiet file is closed and looked at by its name from then on.
	quietClose = 5 * time.Minute
	// What a deleted file still gets is waited for so long.
	deletedClose = 5 * time.Second
)

// FilesSettings says which files to read and where their records go.
type FilesSettings struct {
	Path      string // a file or a pattern as filepath.Match knows it
	FromEnd   bool   // skip what the files hold when they are looked for the first time ever
	Taker     Taker
	Positions *Positions
	Split     Split
	Log       *slog.Logger
}

// Files reads the files that a pattern names, and goes on reading what is appended to them.
//
// It follows a file through renaming and copying, finishes rotated files, compressed or not, and reads none twice. A rotated
// file that the pattern does not name is read as far as its content was being followed or is newer than what was read.
type Files struct {
	FilesSettings

	tails   []*tail
	resting map[fileID]stamp // files with nothing to read as long as they do not change
	failing map[string]string
	seen    look // what earlier processes saw
	scanned time.Time
	scanDue time.Duration
	queue   []candidate // files to be opened when there is room

	open, behind                              atomic.Int64
	records, bytes, errors, truncated, longer atomic.Int64
}

// stamp tells whether a file has changed.
type stamp struct{ size, mtime int64 }

func stampOf(info fs.FileInfo) stamp { return stamp{info.Size(), info.ModTime().UnixNano()} }

// NewFiles checks the pattern.
func NewFiles(s FilesSettings) (*Files, error) {
	if _, err := filepath.Match(s.Path, ""); err != nil || s.Path == "" {
		return nil, fmt.Errorf("read files %q: %w", s.Path, filepath.ErrBadPattern)
	}
	return &Files{FilesSettings: s, resting: map[fileID]stamp{}, failing: map[string]string{}}, nil
}

// Run reads until ctx ends. The positions are to be closed after the taker has called safe for what it has got.
func (f *Files) Run(ctx context.Context) error {
	defer f.closeAll()
	for pause := shortPoll; ctx.Err() == nil; {
		if f.scanned.IsZero() || time.Since(f.scanned) >= f.scanDue {
			f.scan()
		}
		if f.turns(ctx) {
			pause = shortPoll
			continue
		}
		Wait(ctx, pause)
		pause = min(2*pause, longPoll)
	}
	return nil
}

// turns gives every open file its turn and reports whether one of them has more to read.
func (f *Files) turns(ctx context.Context) (busy bool) {
	behind, kept := int64(0), f.tails[:0]
	for _, t := range f.tails {
		if ctx.Err() == nil {
			more, err := t.turn(ctx)
			busy = busy || more
			t.report(ctx, err)
		}
		if t.over {
			f.rest(t)
			continue
		}
		behind += t.behind()
		kept = append(kept, t)
	}
	clear(f.tails[len(kept):])
	f.tails = kept
	f.admitNext()
	for _, c := range f.queue {
		behind += c.info.Size()
	}
	f.open.Store(int64(len(f.tails)))
	f.behind.Store(behind)
	return busy
}

// rest closes a file until it changes.
func (f *Files) rest(t *tail) {
	if t.info == nil {
		t.info = t.c.info
	}
	f.resting[t.c.id] = stampOf(t.info)
	t.close()
	f.Positions.release(t.c.id)
}

func (f *Files) closeAll() {
	for _, t := range f.tails {
		t.close()
		f.Positions.release(t.c.id)
	}
	f.tails = nil
	f.open.Store(0)
}

// Stats returns the input's counters. It may be called at any time.
func (f *Files) Stats() Stats {
	return Stats{
		Files: int(f.open.Load()), Behind: f.behind.Load(), Records: f.records.Load(), Bytes: f.bytes.Load(),
		Errors: f.errors.Load(), Truncated: f.truncated.Load(), Long: f.longer.Load(),
	}
}
