// Package spool keeps entries on disk, in order, until all who read them have passed.
//
// A log is a folder of append-only segments. What Append has returned for is on the disk: one fsync serves all who wait. Damage is
// skipped to the next sound entry and counted, an unfinished write at the end is cut off, and a copy of either is kept. Each
// reader's position is saved before a segment is deleted. When the log holds as much as it may, new entries are refused and what is
// there stays.
package spool

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
)

var (
	// ErrFull says that the log holds as many bytes as it may.
	ErrFull = errors.New("spool is full")
	// ErrTooLarge says that an entry is larger than any may be: 512 MiB.
	ErrTooLarge = errors.New("entry is too large for the spool")
	// ErrClosed says that the log was closed.
	ErrClosed = errors.New("spool is closed")
)

const (
	minSegment = 1 << 20
	maxSegment = 64 << 20
	// segmentShare is how many segments make a full log.
	segmentShare = 32
	keptBuffer   = 8 << 20
)

// Position stands before an entry: its number, counted since the log began, and the weight of all entries before it.
type Position struct{ Number, Weight uint64 }

// Entry is what is appended. Its bytes are the parts in turn; its weight is what the caller counts, such as records.
type Entry struct {
	Parts  [][]byte
	Weight uint32
	// Then, if set, is called with the entry's position once it is on the disk, before any reader sees it.
	Then func(Position)
}

// Settings make a log.
type Settings struct {
	Dir      string
	FS       FS       // nil is Disk
	MaxBytes int64    // on disk; Append answers ErrFull beyond
	Readers  []string // those whose positions hold segments back
	Reserve  *Reserve // given up when the disk is full, nil for none
	Pack     bool     // compress segments that nobody will read soon
	Log      *slog.Logger
}

// Stats count what a log holds, and what happened to it since it was opened.
type Stats struct {
	Bytes    int64  // on disk
	Segments int    // files
	First    uint64 // number of the oldest entry that is held
	Next     uint64 // number of the next entry
	Damaged  int64  // places that were skipped
	Torn     int64  // bytes of an unfinished write that were cut off at opening
	Failed   int64  // appends that failed for another reason than the bound
	Packed   int64  // segments compressed
}

// Log is a log on disk. Its methods may be called at the same time. One process may open a folder at a time.
type Log struct {
	dir          string
	fs           FS
	max, segment int64
	reserve      *Reserve
	log          *slog.Logger
	pack         bool

	writing sync.Mutex // held by the one who writes for all who wait
	buf     []byte
	made    uint64 // of the next segment
	file    File   // of the last segment; nil when the next entry begins a new one

	saving sync.Mutex
	slots  *slots

	mu        sync.Mutex
	pending   *group
	segments  []*segment // oldest first
	next      Position
	positions map[string]Position
	note      []byte
	changed   chan struct{} // closed and replaced when entries come or room is made
	stats     Stats
	kept      map[string]bool // copies of damage
	closed    bool

	packing sync.WaitGroup
	stop    chan struct{}
}

// Open opens the log in a folder, which it creates if need be. It deletes nothing that holds entries.
func Open(s Settings) (*Log, error) {
	l := &Log{
		dir: s.Dir, fs: s.FS, max: s.MaxBytes, segment: min(max(s.MaxBytes/segmentShare, minSegment), maxSegment), reserve: s.Reserve,
		log: s.Log, pack: s.Pack, positions: map[string]Position{}, changed: make(chan struct{}), kept: map[string]bool{}, stop: make(chan struct{}),
	}
	if l.fs == nil {
		l.fs = Disk{}
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if err := l.open(s.Readers); err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	if l.pack {
		l.packing.Go(l.packAll)
	}
	return l, nil
}

func (l *Log) open(readers []string) error {
	if err := l.list(); err != nil {
		return err
	}
	saved, err := l.openSlots()
	if err != nil {
		return err
	}
	if err := l.findEnd(saved.next.Number); err != nil {
		return err
	}
	l.note = saved.note
	if saved.next.Number > l.next.Number {
		l.next = saved.next // entries that were there at the last save are gone: readers will count them
	}
	first := Position{}
	if len(l.segments) > 0 {
		first.Number = l.segments[0].first
	} else {
		first = l.next
	}
	for _, name := range readers {
		at, known := saved.positions[name]
		if !known {
			at = first
		}
		if at.Number > l.next.Number {
			at = l.next
		}
		l.positions[name] = at
	}
	l.drop()
	return nil
}

// findEnd finds the end of the last segment that holds entries.
func (l *Log) findEnd(known uint64) error {
	least := uint64(0) // there were entries up to here, whatever is left of them
	for n := len(l.segments); n > 0; n-- {
		g := l.segments[n-1]
		end, err := l.cutTail(g, known)
		if err != nil {
			return err
		}
		least = max(least, g.first)
		if g.size > 0 {
			l.next = Position{max(end.Number, least), end.Weight}
			return nil
		}
		if err := l.fs.Remove(l.path(g.name)); err != nil {
			return err
		}
		l.segments = l.segments[:n-1]
	}
	l.next.Number = least
	return nil
}

// Next is the position of the next entry.
func (l *Log) Next() Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next
}

// Position is where a reader stands, as it was last told to Keep.
func (l *Log) Position(reader string) Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.positions[reader]
}

// Note is what was given to the last Save.
func (l *Log) Note() []byte { return l.note }

// Keep notes that a reader needs nothing before a position, which never goes back. It counts once it is saved.
func (l *Log) Keep(reader string, at Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at.Number > l.positions[reader].Number {
		l.positions[reader] = at
	}
}

// Save makes the positions and a note durable, and then deletes the segments that all readers have passed. The note may have up to 3 KiB.
func (l *Log) Save(note []byte) error {
	l.saving.Lock()
	defer l.saving.Unlock()
	l.mu.Lock()
	s := saved{next: l.next, positions: maps.Clone(l.positions), note: note}
	l.mu.Unlock()
	if err := l.slots.save(s); err != nil {
		return fmt.Errorf("save positions: %w", err)
	}
	l.dropBefore(s.least())
	return nil
}

// drop deletes what all readers have passed, as saved.
func (l *Log) drop() { l.dropBefore(saved{positions: l.positions}.least()) }

func (l *Log) dropBefore(least uint64) {
	l.mu.Lock()
	var gone []*segment
	for len(l.segments) > 1 && l.segments[1].first <= least {
		gone = append(gone, l.segments[0])
		l.segments = l.segments[1:]
	}
	l.mu.Unlock()
	for i, g := range gone {
		if err := l.fs.Remove(l.path(g.name)); err != nil {
			l.log.Error("segment not deleted, tried again later", "err", err)
			l.mu.Lock()
			l.segments = append(gone[i:len(gone):len(gone)], l.segments...)
			l.mu.Unlock()
			break
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell()
}

// Changed returns a channel that is closed when entries come, room is made or the log is closed.
func (l *Log) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}

// tell wakes all who wait. The caller holds mu.
func (l *Log) tell() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// Stats returns the log's counters.
func (l *Log) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.stats
	s.Bytes, s.Segments, s.Next, s.First = l.bytes(), len(l.segments), l.next.Number, l.next.Number
	if len(l.segments) > 0 {
		s.First = l.segments[0].first
	}
	return s
}

// bytes is what the segments take. The caller holds mu.
func (l *Log) bytes() (sum int64) {
	for _, g := range l.segments {
		sum += g.size
	}
	return sum
}

// Close takes no more entries and closes the files. It does not save.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	l.tell()
	l.mu.Unlock()
	close(l.stop)
	l.packing.Wait()
	l.writing.Lock()
	defer l.writing.Unlock()
	l.saving.Lock()
	defer l.saving.Unlock()
	err := l.slots.close()
	if l.file != nil {
		err = errors.Join(err, l.file.Close())
		l.file = nil
	}
	return err
}
