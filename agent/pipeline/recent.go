package pipeline

import (
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/spool"
)

// recent holds batches that were just written to the spool, so that the engine need not read them back while it keeps up. What does not
// fit is read from the spool.
type recent struct {
	mu      sync.Mutex
	limit   int64
	bytes   int64
	batches map[uint64]*batch
}

// keepIn has an entry's texts kept once it is on the disk.
func (r *recent) keepIn(e *spool.Entry, source string, texts [][]byte, arrived time.Time) {
	e.Then = func(at spool.Position) {
		r.mu.Lock()
		defer r.mu.Unlock()
		size := sizeOf(texts)
		if r.bytes+size > r.limit {
			return
		}
		r.bytes += size
		r.batches[at.Number] = &batch{
			at: at, next: spool.Position{Number: at.Number + 1, Weight: at.Weight + uint64(len(texts))}, source: source, arrived: arrived, texts: texts,
		}
	}
}

// take returns a batch that is held, and lets go of it.
func (r *recent) take(number uint64) *batch {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.batches[number]
	if b != nil {
		delete(r.batches, number)
		r.bytes -= sizeOf(b.texts)
	}
	return b
}

func sizeOf(texts [][]byte) (size int64) {
	for _, t := range texts {
		size += int64(len(t))
	}
	return size
}
