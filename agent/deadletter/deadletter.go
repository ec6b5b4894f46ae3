// Package deadletter keeps on disk what could not be read or was refused, with all its bytes, until somebody has looked at it.
//
// The store is a folder of append-only segments, bounded in size. When it is full the newest entry is refused with ErrFull and
// counted, and what is there stays: otherwise whoever can send us rubbish could flush the evidence of what came before it.
package deadletter

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"os"
	"sync"
	"time"
)

var (
	// ErrFull says that an entry was refused because the store holds as much as it may.
	ErrFull = errors.New("dead letter store is full")
	// ErrNotFound says that no entry has the id asked for.
	ErrNotFound = errors.New("no dead letter of this id")
	// ErrDamaged says that an entry was damaged on the disk after the store was opened.
	ErrDamaged = errors.New("dead letter is damaged")
)

const (
	// entryCharge is the least an entry counts towards the bound, so that memory for the index is bounded too.
	entryCharge = 512
	minSegment  = 64 << 10
	maxSegment  = 16 << 20
)

// Entry is one dead letter.
type Entry struct {
	ID     string    // made from input and bytes when empty
	Time   time.Time // when it was received
	Input  string    // where it came from
	Reason string    // what is wrong with it; names fields, never values
	Raw    []byte    // all bytes
}

// Stats counts what a store holds and what happened to it since it was opened.
type Stats struct {
	Entries int   // entries held
	Bytes   int64 // bytes on disk
	Put     int64 // entries stored
	Refused int64 // entries refused because the store was full
	Damaged int   // damaged places that were skipped
	Torn    int64 // bytes of unfinished writes that were cut off
}

// Store is a folder of dead letters. Its methods may be called at the same time. One process may open a folder at a time.
type Store struct {
	dir          string
	max, segment int64
	seed         maphash.Seed
	open         func(path string) (file, error)

	mu       sync.Mutex
	segments []*segment // oldest first
	index    map[uint64]place
	stats    Stats
	buf      []byte
}

// place is where an entry stands.
type place struct {
	seg  *segment
	at   int64
	size int
}

// Open opens the store in a folder, which it creates if need be, and mends it: an unfinished write at the end is cut off,
// damage elsewhere is skipped and counted.
func Open(dir string, maxBytes int64) (*Store, error) {
	s := &Store{
		dir: dir, max: maxBytes, segment: min(max(maxBytes/16, minSegment), maxSegment),
		seed: maphash.MakeSeed(), open: openFile, index: map[uint64]place{},
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open dead letters: %w", err)
	}
	segments, err := listSegments(dir)
	if err != nil {
		return nil, fmt.Errorf("open dead letters: %w", err)
	}
	s.segments = segments
	for i, g := range segments {
		if err := s.load(g, i == len(segments)-1); err != nil {
			return nil, fmt.Errorf("open dead letters: %w", err)
		}
	}
	return s, nil
}

func openFile(path string) (file, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}

// load reads one segment into the index.
func (s *Store) load(g *segment, last bool) error {
	b, err := os.ReadFile(g.path)
	if err != nil {
		return err
	}
	l := survey(b, g.mark)
	g.size, g.synced = int64(l.end), int64(l.end)
	s.stats.Damaged += len(l.gaps)
	for _, f := range l.frames {
		s.admit(g, b[f.at:f.at+f.size], int64(f.at))
	}
	if l.end == len(b) {
		return nil
	}
	if !last {
		s.stats.Damaged++
		return nil
	}
	s.stats.Torn += int64(len(b) - l.end)
	return os.Truncate(g.path, g.size)
}

// admit enters a sound frame into the index.
func (s *Store) admit(g *segment, frame []byte, at int64) {
	g.charged += charge(len(frame))
	e, err := entryOf(frame)
	if err != nil {
		s.stats.Damaged++
		return
	}
	if frame[stateAt] == removed { // any other state counts as live: damage must not hide an entry
		return
	}
	if _, twice := s.index[s.key(e.ID)]; !twice { // a failed sync can leave an entry in two segments
		s.enter(e.ID, place{g, at, len(frame)})
	}
}

func (s *Store) enter(id string, p place) {
	key := s.key(id)
	if old, damaged := s.index[key]; damaged {
		s.drop(key, old)
	}
	s.index[key] = p
	p.seg.live++
	s.stats.Entries++
}

func (s *Store) key(id string) uint64 { return maphash.String(s.seed, id) }

func charge(frame int) int64 { return max(int64(frame), entryCharge) }

// Put stores an entry, unless one of the same id is held already. It is safe from a crash of the process when Put returns,
// and from a crash of the machine after Sync. An error leaves the store as it was: the caller may try again.
func (s *Store) Put(e Entry) error {
	if e.ID == "" {
		e.ID = idOf(e)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, _, err := s.find(e.ID); err == nil {
		return nil
	}
	g, err := s.current()
	if err != nil {
		return fmt.Errorf("put dead letter: %w", err)
	}
	if s.buf, err = appendFrame(s.buf[:0], g.mark, e); err != nil {
		return fmt.Errorf("put dead letter: %w", err)
	}
	if s.charged()+charge(len(s.buf)) > s.max {
		s.stats.Refused++
		return ErrFull
	}
	at := g.size
	if err := g.append(s.buf); err != nil {
		return fmt.Errorf("put dead letter: %w", err)
	}
	g.charged += charge(len(s.buf))
	s.stats.Put++
	s.enter(e.ID, place{g, at, len(s.buf)})
	if cap(s.buf) > maxSegment {
		s.buf = nil
	}
	return nil
}

// idOf makes an id of what an entry says, so that the same one put again is the same.
func idOf(e Entry) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %s", len(e.Input), e.Input)
	h.Write(e.Raw)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (s *Store) charged() int64 {
	var sum int64
	for _, g := range s.segments {
		sum += g.charged
	}
	return sum
}
