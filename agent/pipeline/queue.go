package pipeline

import (
	"context"
	"sync"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// batch is what an input hands over at once.
type batch struct {
	texts  [][]byte
	source string
	safe   func()
	size   int64
	number uint64 // counts the batches taken, from 0
}

// queue holds batches in memory, bounded by their bytes. It stands where the spool will: what it holds is lost with the process,
// which is why inputs that can read again hear only after delivery that a batch is safe.
type queue struct {
	mu     sync.Mutex
	list   []batch
	bytes  int64
	limit  int64
	closed bool
	taken  uint64
	change chan struct{} // closed and replaced whenever something changes
}

func newQueue(limit int64) *queue {
	return &queue{limit: limit, change: make(chan struct{})}
}

// put appends a batch. One that is larger than the limit waits for an empty queue.
func (q *queue) put(ctx context.Context, b batch) error {
	for _, text := range b.texts {
		b.size += int64(len(text))
	}
	for {
		changed, err := q.tryPut(b)
		if changed == nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ecs.ErrFull
		}
	}
}

// tryPut appends a batch, or returns the channel to wait on.
func (q *queue) tryPut(b batch) (<-chan struct{}, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, ecs.ErrFull
	}
	if q.bytes > 0 && q.bytes+b.size > q.limit {
		return q.change, nil
	}
	q.list = append(q.list, b)
	q.bytes += b.size
	q.changed()
	return nil, nil
}

// take returns the oldest batch. Without wait it answers at once; ok is false when there is none, or none will come.
func (q *queue) take(wait bool) (b batch, ok bool) {
	for {
		q.mu.Lock()
		if len(q.list) > 0 {
			b = q.list[0]
			q.list[0] = batch{}
			q.list = q.list[1:]
			q.bytes -= b.size
			b.number = q.taken
			q.taken++
			q.changed()
			q.mu.Unlock()
			return b, true
		}
		closed, change := q.closed, q.change
		q.mu.Unlock()
		if closed || !wait {
			return batch{}, false
		}
		<-change
	}
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.changed()
}

// changed wakes all who wait. The caller holds the lock.
func (q *queue) changed() {
	close(q.change)
	q.change = make(chan struct{})
}
