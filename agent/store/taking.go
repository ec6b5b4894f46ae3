package store

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// TakeEvent takes a record into the window: the text as it came, from which its document can be made again. The event is valid during
// the call only. It never waits.
func (s *Store) TakeEvent(ev *ecs.Event) {
	if s.settings.MaxBytes <= 0 || len(ev.Dataset) > datasetMost {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	b := s.filling[ev.Dataset]
	if b == nil {
		b = s.newBlock(strings.Clone(ev.Dataset))
	}
	b.add(ev.Time.UnixMilli(), ev.Original)
	if len(b.text) < blockBytes {
		return
	}
	delete(s.filling, b.dataset)
	select {
	case s.full <- b:
	default:
		s.stats.RecordsDropped.Add(int64(b.records))
		s.keepSpare(b)
	}
}

// newBlock begins a block. The lock is held.
func (s *Store) newBlock(dataset string) *block {
	var b *block
	if n := len(s.spare); n > 0 {
		b, s.spare = s.spare[n-1], s.spare[:n-1]
	} else {
		b = &block{text: make([]byte, 0, blockBytes+blockBytes/8)}
	}
	b.reset(dataset, time.Now())
	s.filling[dataset] = b
	return b
}

// keepSpare keeps a block's memory for another. The lock is held.
func (s *Store) keepSpare(b *block) {
	if len(s.spare) < blocksQueued/2 && cap(b.text) <= 2*blockBytes {
		s.spare = append(s.spare, b)
	}
}

// letter is a revision of an alert that waits to be written.
type letter struct {
	revision int
	signal   bool
	body     []byte
}

// TakeLetters takes alerts and signals; documents of other streams are nobody's here. The bytes are copied. It never waits.
func (s *Store) TakeLetters(docs []ecs.Doc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range docs {
		signal := strings.HasPrefix(docs[i].Stream, "logs-idwatch.signal-")
		if signal || strings.HasPrefix(docs[i].Stream, "logs-idwatch.alert-") {
			s.takeLetter(&docs[i], signal)
		}
	}
}

// takeLetter takes one, whose id is the alert's and the revision's number. The lock is held.
func (s *Store) takeLetter(doc *ecs.Doc, signal bool) {
	id, number, _ := strings.Cut(doc.ID, "-")
	revision, err := strconv.Atoi(number)
	have, there := s.letters[id]
	if there && have.revision > revision {
		return
	}
	if err != nil || s.closed || s.waiting+len(doc.Body)-len(have.body) > letterBytes {
		s.stats.AlertsDropped.Add(1)
		return
	}
	s.letters[strings.Clone(id)] = letter{revision, signal, bytes.Clone(doc.Body)}
	s.waiting += len(doc.Body) - len(have.body)
}
