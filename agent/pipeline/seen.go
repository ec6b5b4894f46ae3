package pipeline

import "sync"

// seen knows the documents that were made lately, by their ids and by the record that each was made of: another record of the same id is
// a duplicate, the same record again is not. It reaches back over seenIDs documents at least, and over twice as many at most.
type seen struct {
	mu         sync.Mutex
	young, old map[[seenBytes]byte]maker
}

// maker is the record that a document was first made of.
type maker struct {
	batch  uint64
	record uint32
}

const (
	seenIDs   = 1 << 17
	seenBytes = 32 // an id
)

// first reports whether no other record has made a document of this id.
func (s *seen) first(id []byte, by maker) bool {
	var key [seenBytes]byte
	copy(key[:], id)
	s.mu.Lock()
	defer s.mu.Unlock()
	m, known := s.young[key]
	if !known {
		m, known = s.old[key]
	}
	if known {
		return m == by
	}
	if s.young == nil || len(s.young) >= seenIDs {
		s.young, s.old = make(map[[seenBytes]byte]maker, seenIDs), s.young
	}
	s.young[key] = by
	return true
}
