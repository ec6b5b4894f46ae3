// Package sourcetest stands in for what is behind an input.
package sourcetest

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Taker keeps what it gets and decides when that is safe: at once, if nobody tells it otherwise.
type Taker struct {
	Came chan struct{} // gets something for each batch; may be nil

	mu      sync.Mutex
	records []string
	full    bool
	hold    bool
	held    []func()
}

// Put implements source.Taker.
func (t *Taker) Put(_ context.Context, records [][]byte, safe func()) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.full {
		return ecs.ErrFull
	}
	for _, r := range records {
		t.records = append(t.records, string(r))
	}
	if safe != nil {
		t.held = append(t.held, safe)
	}
	t.release()
	if t.Came != nil {
		t.Came <- struct{}{}
	}
	return nil
}

// Fill says whether there is no room.
func (t *Taker) Fill(full bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.full = full
}

// Hold says whether nothing becomes safe. What was held does so as soon as that ends.
func (t *Taker) Hold(hold bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hold = hold
	t.release()
}

func (t *Taker) release() {
	if t.hold {
		return
	}
	for _, safe := range t.held {
		safe()
	}
	t.held = nil
}

// Records are those that came, in order.
func (t *Taker) Records() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.records)
}

// Got is all that came, as one text.
func (t *Taker) Got() string { return strings.Join(t.Records(), "|") }
