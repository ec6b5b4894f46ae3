package elastic

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// gate lets requests to the cluster through, a few at a time. After a failure it is closed for a while, each time longer; then one
// request goes first, and each success lets one more go beside it, so that a cluster that has just come back is not run over.
type gate struct {
	width int // requests under way at most

	mu       sync.Mutex
	open     int // requests that may be under way now
	inside   int
	first    int // who wait and go before all others
	failures int // in a row
	until    time.Time
	changed  chan struct{} // closed when one of these has changed
}

// pauses are how long the gate stays closed after the first failure, and at most.
type pauses struct{ first, longest time.Duration }

// maxAfter is how long a server may ask to be left alone.
const maxAfter = 5 * time.Minute

func newGate(width int) *gate {
	return &gate{width: width, open: width, changed: make(chan struct{})}
}

// enter waits until a request may go. One that is urgent goes before all that are not.
func (g *gate) enter(ctx context.Context, urgent bool) error {
	g.queue(urgent, 1)
	defer g.queue(urgent, -1)
	for ctx.Err() == nil {
		changed, wait := g.try(urgent)
		if changed == nil {
			return nil
		}
		pause(ctx, wait, changed)
	}
	return ctx.Err()
}

// queue counts those who go first, and tells the others when the last of them has gone.
func (g *gate) queue(urgent bool, n int) {
	if !urgent {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.first += n; g.first == 0 {
		g.tell()
	}
}

// try goes in, or tells what to wait for. A wait of 0 is for the change alone.
func (g *gate) try(urgent bool) (changed <-chan struct{}, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if wait = time.Until(g.until); wait > 0 {
		return g.changed, wait
	}
	if g.inside >= g.open || g.first > 0 && !urgent {
		return g.changed, 0
	}
	g.inside++
	return nil, 0
}

// succeeded leaves after an answer. A busy cluster gets fewer requests at a time.
func (g *gate) succeeded(busy bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failures = 0
	if busy {
		g.open = max(1, g.open/2)
	} else {
		g.open = min(g.open+1, g.width)
	}
	g.left()
}

// failed leaves after a request that got no proper answer. The server may have asked for a longer pause.
func (g *gate) failed(p pauses, after time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if time.Until(g.until) <= 0 { // requests that fail together count as one failure
		g.failures++
	}
	g.open = 1
	wait := max(p.of(g.failures), min(after, maxAfter))
	if until := time.Now().Add(wait); until.After(g.until) {
		g.until = until
	}
	g.left()
}

// abandoned leaves after a request that its own sender broke off.
func (g *gate) abandoned() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left()
}

func (g *gate) left() {
	g.inside--
	g.tell()
}

// tell wakes all who wait. The lock is held.
func (g *gate) tell() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// of is the pause after so many failures in a row: doubled each time, and half of it by chance.
func (p pauses) of(failures int) time.Duration {
	d := p.longest
	if n := max(0, failures-1); n < 16 {
		d = min(p.longest, p.first<<n)
	}
	return d/2 + rand.N(d/2+1)
}

// pause waits for a time or, if 0 is given, without a limit; for a change; or for the end of ctx.
func pause(ctx context.Context, d time.Duration, changed <-chan struct{}) {
	var late <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-ctx.Done():
	case <-late:
	case <-changed:
	}
}
