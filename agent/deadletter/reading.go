package deadletter

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Get returns the entry of an id.
func (s *Store) Get(id string) (Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, e, err := s.find(id)
	return e, err
}

// find looks an id up and reads its entry, for the index holds no more than a hash of it.
func (s *Store) find(id string) (place, Entry, error) {
	p, ok := s.index[s.key(id)]
	if !ok {
		return p, Entry{}, ErrNotFound
	}
	e, err := p.read()
	if err != nil {
		return p, e, fmt.Errorf("read dead letter: %w", err)
	}
	if e.ID != id {
		return p, Entry{}, ErrNotFound
	}
	return p, e, nil
}

func (p place) read() (Entry, error) {
	frame, err := p.seg.read(p.at, p.size)
	if err != nil {
		return Entry{}, err
	}
	return entryOf(frame)
}

// Each calls visit for every entry, oldest first, until it returns an error. Entries put meanwhile may be missed,
// those removed meanwhile are. What was damaged since the store was opened is left out and counted.
func (s *Store) Each(visit func(Entry) error) error {
	for _, p := range s.places() {
		e, err := s.visible(p)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read dead letter: %w", err)
		}
		if err := visit(e); err != nil {
			return err
		}
	}
	return nil
}

// places lists where entries stand, oldest first.
func (s *Store) places() []place {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]place, 0, len(s.index))
	for _, p := range s.index {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b place) int {
		if a.seg != b.seg {
			return a.seg.seq - b.seg.seq
		}
		return int(a.at - b.at)
	})
	return all
}

// visible reads an entry unless it is gone by now.
func (s *Store) visible(p place) (Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := p.read()
	switch {
	case errors.Is(err, ErrDamaged):
		s.stats.Damaged++
		return e, ErrNotFound
	case errors.Is(err, fs.ErrNotExist):
		return e, ErrNotFound
	case err != nil:
		return e, err
	}
	if now, ok := s.index[s.key(e.ID)]; !ok || now != p {
		return e, ErrNotFound
	}
	return e, nil
}

// Count is the number of entries held.
func (s *Store) Count() int { return s.Stats().Entries }

// Bytes is what the entries take on the disk.
func (s *Store) Bytes() int64 { return s.Stats().Bytes }

// Stats returns the store's counters.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	for _, g := range s.segments {
		stats.Bytes += g.size
	}
	return stats
}
