// Package filesink writes documents to NDJSON files, one file for each data stream, rotated by size and age.
//
// A line is the document as Elasticsearch would get it, nothing more. What Send has returned for survives a crash of the
// process; a crash of the machine can cost what was not yet synced, which happens at Sync, at rotation and at Close.
package filesink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// What a Sink does when its settings do not say.
const (
	DefaultMaxBytes = 256 << 20
	DefaultKeep     = 16
)

const (
	firstPause = 50 * time.Millisecond
	longPause  = 5 * time.Second
	maxName    = 200
)

// Settings says where documents go and how much of them is kept.
type Settings struct {
	Dir      string        // folder, created with mode 0700 if need be
	MaxBytes int64         // a file that would grow beyond is rotated first; DefaultMaxBytes when 0
	MaxAge   time.Duration // a file older than this is rotated at the next write; never when 0
	Keep     int           // rotated files kept for each stream; DefaultKeep when 0, all when negative
	Log      *slog.Logger
}

// Stats counts what a Sink did.
type Stats struct {
	Documents int64 // documents written
	Bytes     int64 // bytes written
	Refused   int64 // documents refused
	Errors    int64 // failed writes, each of which was or is tried again
	Rotated   int64 // files rotated
	Removed   int64 // rotated files removed, being more than those to keep
	Cut       int64 // bytes of unfinished lines cut off when a file was opened
	Unsynced  int64 // failed syncs: what such a file holds is in doubt
}

// Sink writes documents to files. Its methods may be called at the same time.
type Sink struct {
	settings Settings
	open     func(path string) (handle, error) // tests put in files that fail
	now      func() time.Time
	buffers  sync.Pool
	stuck    stuck

	mu     sync.Mutex
	outs   map[string]*output
	closed bool

	documents, written, refused, errors, rotated, removed, cut, unsynced atomic.Int64
}

var errClosed = errors.New("file output is closed")

// Open prepares the folder.
func Open(s Settings) (*Sink, error) {
	if s.MaxBytes == 0 {
		s.MaxBytes = DefaultMaxBytes
	}
	if s.Keep == 0 {
		s.Keep = DefaultKeep
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open file output: %w", err)
	}
	return &Sink{settings: s, open: openFile, now: time.Now, outs: map[string]*output{}}, nil
}

// Send writes the documents, each stream's with one write, and returns those that no file can take. What fails otherwise,
// a full disk for instance, is tried again until ctx ends; then some of the documents may be written and others not.
func (s *Sink) Send(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error) {
	groups, refused := s.group(docs)
	s.refused.Add(int64(len(refused)))
	for _, g := range groups {
		if err := s.deliver(ctx, g); err != nil {
			return nil, fmt.Errorf("write documents: %w", err)
		}
		s.buffers.Put(g)
	}
	return refused, nil
}

// group is what one stream's file gets.
type group struct {
	stream string
	docs   int
	lines  []byte
}

// group sorts documents by stream, in order, and refuses those that are none.
func (s *Sink) group(docs []ecs.Doc) (groups []*group, refused []ecs.Refused) {
	for i, doc := range docs {
		if kind := faultOf(doc); kind != "" {
			refused = append(refused, ecs.Refused{Index: i, Type: kind})
			continue
		}
		g := find(groups, doc.Stream)
		if g == nil {
			g = s.newGroup(doc.Stream)
			groups = append(groups, g)
		}
		g.docs++
		g.lines = append(append(g.lines, doc.Body...), '\n')
	}
	return groups, refused
}

func (s *Sink) newGroup(stream string) *group {
	g, ok := s.buffers.Get().(*group)
	if !ok {
		g = &group{}
	}
	g.stream, g.docs, g.lines = stream, 0, g.lines[:0]
	return g
}

// find is a search through a list because a batch has a handful of streams.
func find(groups []*group, stream string) *group {
	for _, g := range groups {
		if g.stream == stream {
			return g
		}
	}
	return nil
}

// faultOf says why a document cannot be a line of a file, "" when it can.
func faultOf(doc ecs.Doc) string {
	if !isFileName(doc.Stream) {
		return "invalid_stream_name"
	}
	if len(doc.Body) == 0 || bytes.IndexByte(doc.Body, '\n') >= 0 {
		return "invalid_document"
	}
	return ""
}

// isFileName lets through what is a data stream's name and, with no separator and no dot in front, a harmless file name.
func isFileName(stream string) bool {
	if stream == "" || len(stream) > maxName || stream[0] == '.' || stream[0] == '-' {
		return false
	}
	for _, c := range []byte(stream) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// Sync makes what was sent safe from a crash of the machine. An error is told once: which of it is lost the kernel does not say again.
func (s *Sink) Sync() error {
	s.mu.Lock()
	outs := slices.Collect(maps.Values(s.outs))
	s.mu.Unlock()
	var all []error
	for _, o := range outs {
		all = append(all, o.sync())
	}
	if err := errors.Join(all...); err != nil {
		return fmt.Errorf("sync file output: %w", err)
	}
	return nil
}

// Close syncs and closes all files.
func (s *Sink) Close(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	var all []error
	for _, o := range s.outs {
		all = append(all, o.close())
	}
	if err := errors.Join(all...); err != nil {
		return fmt.Errorf("close file output: %w", err)
	}
	return nil
}

// Stats returns the sink's counters.
func (s *Sink) Stats() Stats {
	return Stats{
		Documents: s.documents.Load(), Bytes: s.written.Load(), Refused: s.refused.Load(), Errors: s.errors.Load(),
		Rotated: s.rotated.Load(), Removed: s.removed.Load(), Cut: s.cut.Load(), Unsynced: s.unsynced.Load(),
	}
}
