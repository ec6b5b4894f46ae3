package torture

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/control"
	"github.com/idwatch/idwatch/agent/status"
)

// carrier takes records to a cluster.
type carrier interface {
	put(texts []string) error // errGone when it ended before it said that they are safe
	strike()                  // ends it at once
	kill()                    // the same, and waits for that
	end() error               // ends it in good order
}

// lives is a carrier that is killed now and then, and started again.
type lives struct {
	t      *testing.T
	config string
	start  func(t *testing.T, config string) carrier

	mu    sync.Mutex
	now   carrier
	kills int
}

// put hands over a batch until a carrier says that it is safe.
func (l *lives) put(texts []string) {
	l.t.Helper()
	for err := l.now.put(texts); err != nil; err = l.now.put(texts) {
		if !errors.Is(err, errGone) {
			l.t.Fatal(err)
		}
		l.begin()
	}
}

// begin starts a carrier, in the place of one that is gone.
func (l *lives) begin() {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now != nil {
		l.now.kill()
	}
	l.now = l.start(l.t, l.config)
}

// strike kills the carrier.
func (l *lives) strike() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now.strike()
	l.kills++
}

// feed hands over all batches within about a time, and kills the carrier so many times at random points.
func (l *lives) feed(batches [][]string, kills int, within time.Duration, r *rand.Rand) {
	l.t.Helper()
	l.begin()
	pause := within / time.Duration(len(batches))
	random := func() time.Duration { return time.Duration(r.Int64N(int64(2*pause) + 1)) }
	var deaths sync.WaitGroup
	defer deaths.Wait()
	for i, b := range batches {
		if (i+1)*kills/len(batches) > i*kills/len(batches) {
			after := random()
			deaths.Go(func() { time.Sleep(after); l.strike() })
		}
		l.put(b)
		time.Sleep(random()) // so that faults and kills find it at work
	}
}

// records are the balance of the running carrier.
func (l *lives) records() (status.Records, error) {
	var s status.Status
	err := control.Dial(filepath.Join(filepath.Dir(l.config), "data")).Call(l.t.Context(), "GET", "/v1/status", nil, &s)
	return s.Records, err
}

// delivered waits until n records are delivered.
func (l *lives) delivered(n int) (b status.Records) {
	l.t.Helper()
	for limit := time.Now().Add(10 * time.Minute); ; time.Sleep(50 * time.Millisecond) { // nothing tells
		var err error
		if b, err = l.records(); err != nil {
			l.t.Fatal(err)
		}
		if b.Spooled == 0 && b.In >= int64(n) {
			return b
		}
		if time.Now().After(limit) {
			l.t.Fatalf("not delivered in time: %+v", b)
		}
	}
}

// settle waits until n records are delivered and the engine has nothing more to say, ends the carrier in good order, and returns the
// balance.
func (l *lives) settle(n int) (b status.Records) {
	l.t.Helper()
	l.delivered(n)
	time.Sleep(quiet)
	b = l.delivered(n)
	if err := l.now.end(); err != nil {
		l.t.Errorf("end: %v", err)
	}
	return b
}
