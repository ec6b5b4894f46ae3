package deadletter

import (
	"fmt"
	"os"

	"github.com/idwatch/idwatch/agent/durable"
)

// current is the segment to write to. A full one is closed and the next one begun.
func (s *Store) current() (*segment, error) {
	seq := 1
	if n := len(s.segments); n > 0 {
		last := s.segments[n-1]
		if !last.sealed && last.size < s.segment {
			return last, s.reopen(last)
		}
		if err := s.sync(last); err != nil {
			return nil, err
		}
		if err := last.seal(); err != nil {
			return nil, err
		}
		seq = last.seq + 1
	}
	return s.begin(seq)
}

// reopen makes a segment of an earlier process writable.
func (s *Store) reopen(g *segment) error {
	if g.file != nil {
		return nil
	}
	f, err := s.open(g.path)
	if err == nil {
		g.file = f
	}
	return err
}

// begin creates a segment.
func (s *Store) begin(seq int) (*segment, error) {
	g := newSegment(s.dir, seq)
	f, err := s.open(g.path)
	if err != nil {
		return nil, err
	}
	if err := durable.SyncDir(s.dir); err != nil {
		_ = f.Close()
		_ = os.Remove(g.path)
		return nil, err
	}
	g.file = f
	s.segments = append(s.segments, g)
	return g, nil
}

// Sync makes every entry put so far durable. After an error those put since the last Sync are forgotten
// and have to be put again: what the disk holds of them after a failed sync is anybody's guess.
func (s *Store) Sync() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.segments)
	if n == 0 {
		return nil
	}
	if err := s.sync(s.segments[n-1]); err != nil {
		return fmt.Errorf("sync dead letters: %w", err)
	}
	return nil
}

// sync makes a segment durable. When that fails no second try is believed: the kernel calls the lost pages clean.
func (s *Store) sync(g *segment) error {
	err := g.sync()
	if err == nil {
		return nil
	}
	for key, p := range s.index {
		if p.seg == g && p.at >= g.synced {
			s.drop(key, p)
			s.stats.Put--
		}
	}
	_ = g.file.Truncate(g.synced)
	g.size = g.synced
	_ = g.seal()
	return err
}

func (s *Store) drop(key uint64, p place) {
	delete(s.index, key)
	p.seg.live--
	s.stats.Entries--
}

// Remove gives up an entry, for instance after it was sent again. Its bytes are freed with the last entry of its segment.
func (s *Store) Remove(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, _, err := s.find(id)
	if err != nil {
		return err
	}
	if err := p.seg.setState(p.at, removed); err != nil {
		return fmt.Errorf("remove dead letter: %w", err)
	}
	s.drop(s.key(id), p)
	return s.release(p.seg)
}

// release deletes a segment without entries.
func (s *Store) release(g *segment) error {
	if g.live > 0 {
		return nil
	}
	_ = g.seal()
	if err := os.Remove(g.path); err != nil {
		return fmt.Errorf("remove dead letters: %w", err)
	}
	kept := s.segments[:0]
	for _, other := range s.segments {
		if other != g {
			kept = append(kept, other)
		}
	}
	s.segments = kept
	return durable.SyncDir(s.dir)
}

// Close makes everything durable and closes the store.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.segments {
		err := s.sync(g)
		if closing := g.seal(); err == nil {
			err = closing
		}
		if err != nil {
			return fmt.Errorf("close dead letters: %w", err)
		}
	}
	return nil
}
