package pipeline

import (
	"sync"

	"github.com/idwatch/idwatch/detections/latest"
)

// seen knows the documents that were made lately, by their ids and by the record that each was made of: another record of the same id is
// a duplicate, the same record again is not.
type seen struct {
	mu     sync.Mutex
	makers *latest.Map[[seenBytes]byte, maker]
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
	if s.makers == nil {
		s.makers = latest.New[[seenBytes]byte, maker](seenIDs)
	}
	made, known := s.makers.Add(key, by)
	return !known || made == by
}
