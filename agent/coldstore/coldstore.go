// Package coldstore keeps on disk what does not fit into memory: small records by key, the last one of each. It is a cache that
// outlives the process: what a crash takes away is missed, and damage is found, set aside and counted, never read.
package coldstore

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

const (
	// segmentBytes is how large a file grows.
	segmentBytes = 16 << 20
	writeBytes   = 256 << 10 // written at once
	readBytes    = 64 << 10  // read at once, of a whole segment
	// recordMost bounds a record. A larger one is not kept.
	recordMost = 1 << 20
)

// place is where a record stands, in eight bytes, because there are many: its segment's number, its offset, and its size in steps of
// sizeStep. What is read of it may be a little more than its frame.
type place uint64

const (
	sizeStep   = 32
	sizeBits   = 16
	offsetBits = 24
)

func placeOf(segment uint32, offset int64, size int64) place {
	steps := (size + sizeStep - 1) / sizeStep
	return place(uint64(segment)<<(offsetBits+sizeBits) | uint64(offset)<<sizeBits | uint64(steps))
}

func (p place) segment() uint32 { return uint32(p >> (offsetBits + sizeBits)) }
func (p place) offset() int64   { return int64(p >> sizeBits & (1<<offsetBits - 1)) }
func (p place) size() int64     { return int64(p&(1<<sizeBits-1)) * sizeStep }

// segment is one file.
type segment struct {
	number uint32
	file   *os.File
	size   int64 // with what is not flushed
	live   int64 // bytes of records that are the last of their key, in steps of sizeStep each
}

// Store is an open store. Its methods may be called by several goroutines.
type Store struct {
	mu       sync.Mutex
	dir      string
	most     int64 // bytes on disk
	segments []*segment
	out      *bufio.Writer // to the last segment
	index    map[uint64]place
	stats    Stats
}

// Stats count what happened.
type Stats struct {
	Records int   // that can be found
	Hits    int64 // answers with a record
	Misses  int64 // answers without one: most names are new
	Bytes   int64 // on disk
	Dropped int   // records given up for want of room
	Damaged int   // files with damage, whose bytes were set aside
	Failed  int   // records not written or not read
}

// Open opens the store in a directory, which it makes if it must. It keeps at most so many bytes, and no less than a few files.
func Open(dir string, most int64) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make cold store: %w", err)
	}
	s := &Store{dir: dir, most: max(most, 4*segmentBytes), index: map[uint64]place{}}
	names, err := filepath.Glob(filepath.Join(dir, "*.cold"))
	if err != nil {
		return nil, fmt.Errorf("list cold store: %w", err)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := s.load(name); err != nil {
			s.closeAll()
			return nil, err
		}
	}
	if err := s.resume(); err != nil {
		s.closeAll()
		return nil, err
	}
	return s, nil
}

// resume goes on writing where the last process ended.
func (s *Store) resume() error {
	if len(s.segments) == 0 {
		return s.roll()
	}
	last := s.segments[len(s.segments)-1]
	if _, err := last.file.Seek(last.size, io.SeekStart); err != nil {
		return fmt.Errorf("open cold store: %w", err)
	}
	s.out = bufio.NewWriterSize(last.file, writeBytes)
	return nil
}

// Put keeps a record, which replaces an earlier one of the key. What cannot be written is counted, and later answered as if it had never been.
func (s *Store) Put(key uint64, record []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.put(key, record); err != nil {
		s.stats.Failed++
	}
}

var errTooLarge = errors.New("record too large")

func (s *Store) put(key uint64, record []byte) error {
	if len(record) > recordMost {
		return errTooLarge
	}
	last := s.segments[len(s.segments)-1]
	if last.size+frameSize(record) > segmentBytes {
		if err := s.roll(); err != nil {
			return err
		}
		if err := s.tidy(); err != nil {
			return err
		}
		last = s.segments[len(s.segments)-1]
	}
	return s.append(last, key, record)
}

// append writes a frame to the last segment.
func (s *Store) append(last *segment, key uint64, record []byte) error {
	frame := appendFrame(s.out.AvailableBuffer(), key, record)
	if _, err := s.out.Write(frame); err != nil {
		return fmt.Errorf("write cold store: %w", err)
	}
	at := placeOf(last.number, last.size, int64(len(frame)))
	last.size += int64(len(frame))
	s.stats.Bytes += int64(len(frame))
	s.note(key, at)
	return nil
}

// note makes a frame the last one of its key.
func (s *Store) note(key uint64, at place) {
	if before, there := s.index[key]; there {
		s.segment(before.segment()).live -= before.size()
	}
	s.index[key] = at
	s.segment(at.segment()).live += at.size()
}

// Get returns the last record of a key, nil when there is none or it cannot be read.
func (s *Store) Get(key uint64) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, there := s.index[key]
	if !there {
		s.stats.Misses++
		return nil
	}
	record, err := s.read(key, at)
	if err != nil {
		s.stats.Misses++
		s.stats.Failed++
		s.segment(at.segment()).live -= at.size()
		delete(s.index, key)
		return nil
	}
	s.stats.Hits++
	return record
}

func (s *Store) read(key uint64, at place) ([]byte, error) {
	if at.segment() == s.segments[len(s.segments)-1].number {
		if err := s.out.Flush(); err != nil {
			return nil, fmt.Errorf("write cold store: %w", err)
		}
	}
	frame := make([]byte, at.size())
	n, err := s.segment(at.segment()).file.ReadAt(frame, at.offset())
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("read cold store: %w", err)
	}
	have, record, err := readFrame(frame[:n])
	if err == nil && have != key {
		err = errDamaged
	}
	return record, err
}

// segment finds a segment, which is there.
func (s *Store) segment(number uint32) *segment {
	i, _ := slices.BinarySearchFunc(s.segments, number, func(g *segment, n uint32) int { return int(g.number) - int(n) })
	return s.segments[i]
}

// Stats are the counters.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Records = len(s.index)
	return s.stats
}

// Close writes what is in memory and ends.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.out.Flush()
	return errors.Join(err, s.closeAll())
}

func (s *Store) closeAll() error {
	var all []error
	for _, g := range s.segments {
		all = append(all, g.file.Close())
	}
	return errors.Join(all...)
}

// remove deletes a segment's file.
func (s *Store) remove(g *segment) error {
	s.stats.Bytes -= g.size
	err := errors.Join(g.file.Close(), os.Remove(g.file.Name()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
