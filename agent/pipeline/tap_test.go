package pipeline

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// fakeTap keeps what it is shown.
type fakeTap struct {
	mu              sync.Mutex
	records, alerts []string
}

func (f *fakeTap) TakeEvent(ev *ecs.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.records = append(f.records, string(ev.Original))
}

func (f *fakeTap) TakeLetters(docs []ecs.Doc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range docs {
		f.alerts = append(f.alerts, strings.Clone(d.Stream))
	}
}

// TestTheTapDoesNotWaitForTheOutput: records and alerts are shown while the output cannot be reached.
func TestTheTapDoesNotWaitForTheOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tap := &fakeTap{}
		out := &fakeOutput{answer: func(ctx context.Context, _ []ecs.Doc) ([]ecs.Refused, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		p, feed := start(t, Settings{Output: out, Detect: watching(100), Parsers: 1, Tap: tap})
		put(t, feed, entries(0, 3), nil)
		synctest.Wait()
		tap.mu.Lock()
		if len(tap.records) != 3 || tap.records[1] != string(entry(1)) {
			t.Errorf("got records %q, want the three as they came", tap.records)
		}
		if len(tap.alerts) == 0 || tap.alerts[0] != alerts {
			t.Errorf("got %q, want an alert", tap.alerts)
		}
		tap.mu.Unlock()
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := p.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}
