package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

func TestOrder(t *testing.T) {
	out := &fakeOutput{}
	p, feed := start(t, Settings{Output: out})
	var want []string
	for n := 0; n < 1000; n += 25 {
		put(t, feed, entries(n, n+25), nil)
		for i := range 25 {
			want = append(want, fmt.Sprintf("r-%d", n+i))
		}
	}
	finish(t, p)
	if got := out.numbers(); !slices.Equal(got, want) {
		t.Errorf("got %d events, want %d in the order in which they came", len(got), len(want))
	}
	checkStats(t, p.Stats(), 1000, 1000, 0, 0)
}

// Whatever the number of goroutines: each record once, each batch told safe once, and the counters add up.
func TestAccounting(t *testing.T) {
	const batches, size = 60, 40
	for _, workers := range []int{1, 4} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			out := &fakeOutput{answer: refuseIf(func(d ecs.Doc) bool {
				return d.Stream == events && strings.Contains(string(d.Body), `7","`) // request ids that end in 7
			})}
			yard := &grave{}
			p, feed := start(t, Settings{Output: out, Dead: yard, Parsers: workers, Senders: workers})
			var told [batches]atomic.Int32
			for b := range batches {
				texts := append(entries(b*size, (b+1)*size), fmt.Appendf(nil, "no JSON %d", b), []byte("  \n"))
				put(t, feed, texts, func() { told[b].Add(1) })
			}
			finish(t, p)
			for b := range told {
				if n := told[b].Load(); n != 1 {
					t.Errorf("batch %d: told safe %d times, want 1", b, n)
				}
			}
			const refused = batches * size / 10
			checkStats(t, p.Stats(), batches*(size+1), batches*(size+1)-refused, refused, 0)
			got := out.numbers()
			slices.Sort(got)
			if len(slices.Compact(got)) != batches*size-refused || len(out.sent(letters)) != batches+refused || len(yard.texts) != batches+refused {
				t.Errorf("got %d events, %d letters, %d buried", len(got), len(out.sent(letters)), len(yard.texts))
			}
		})
	}
}

func TestSafeComesAfterDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(gateway)
		p, feed := start(t, Settings{Output: &fakeOutput{answer: gate.answer}})
		var told atomic.Int32
		put(t, feed, entries(0, 3), func() { told.Add(1) })
		put(t, feed, nil, func() { told.Add(1) }) // an empty batch is safe when all before it is
		synctest.Wait()
		if n := told.Load(); n != 0 {
			t.Errorf("told safe %d times before anything was delivered", n)
		}
		close(gate)
		synctest.Wait()
		if n := told.Load(); n != 2 {
			t.Errorf("told safe %d times after the delivery, want 2", n)
		}
		finish(t, p)
		if n := told.Load(); n != 2 {
			t.Errorf("told safe %d times in the end, want 2", n)
		}
	})
}

// occupy fills a pipeline of one parser and one sender whose output is blocked, up to its queue.
func occupy(t *testing.T, feed *Feed) {
	t.Helper()
	put(t, feed, entries(0, 1), nil) // with the sender
	synctest.Wait()
	put(t, feed, entries(1, 2), nil) // with the parser
	synctest.Wait()
}

func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(gateway)
		size := len(entry(2))
		p, feed := start(t, Settings{Output: &fakeOutput{answer: gate.answer}, QueueBytes: int64(2*size + size/2)})
		occupy(t, feed)
		put(t, feed, entries(2, 3), nil)
		put(t, feed, entries(3, 4), nil)
		began := time.Now()
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
		defer stop()
		if err := feed.Put(ctx, entries(4, 5), func() { t.Error("a refused batch was told safe") }); !errors.Is(err, ecs.ErrFull) {
			t.Errorf("got %v, want %v", err, ecs.ErrFull)
		}
		if waited := time.Since(began); waited != 3*time.Second {
			t.Errorf("waited %v for room, want as long as ctx lasts", waited)
		}
		taken := make(chan error)
		go func() { taken <- feed.Put(t.Context(), entries(5, 6), nil) }()
		synctest.Wait()
		close(gate)
		if err := <-taken; err != nil {
			t.Errorf("got %v once there was room", err)
		}
		finish(t, p)
		checkStats(t, p.Stats(), 5, 5, 0, 0)
	})
}

// A batch larger than the bound is taken when nothing else waits, or it would never be.
func TestBatchLargerThanTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(gateway)
		p, feed := start(t, Settings{Output: &fakeOutput{answer: gate.answer}, QueueBytes: 100})
		occupy(t, feed)
		put(t, feed, entries(2, 52), nil)
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if err := feed.Put(ctx, entries(52, 102), nil); !errors.Is(err, ecs.ErrFull) {
			t.Errorf("a second one: got %v, want %v", err, ecs.ErrFull)
		}
		close(gate)
		finish(t, p)
		checkStats(t, p.Stats(), 52, 52, 0, 0)
	})
}

// An output that cannot be reached holds Close up for as long as its ctx lasts, and nothing is told safe.
func TestCloseGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, feed := start(t, Settings{Output: &fakeOutput{answer: gateway(nil).answer}, Parsers: 2, Senders: 2})
		for n := range 20 {
			put(t, feed, entries(10*n, 10*n+10), func() { t.Error("told safe what was not delivered") })
		}
		began := time.Now()
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		if err := p.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		if waited := time.Since(began); waited != 10*time.Second {
			t.Errorf("waited %v", waited)
		}
		checkStats(t, p.Stats(), 200, 0, 0, 200)
	})
}

func TestCloseDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(gateway)
		out := &fakeOutput{answer: gate.answer}
		p, feed := start(t, Settings{Output: out, Parsers: 3})
		var told atomic.Int32
		for n := range 50 {
			put(t, feed, entries(10*n, 10*n+10), func() { told.Add(1) })
		}
		time.AfterFunc(5*time.Second, func() { close(gate) })
		finish(t, p)
		checkStats(t, p.Stats(), 500, 500, 0, 0)
		if n := told.Load(); n != 50 || len(out.numbers()) != 500 {
			t.Errorf("told %d of 50 batches safe, sent %d of 500 events", n, len(out.numbers()))
		}
		if err := feed.Put(t.Context(), entries(0, 1), nil); !errors.Is(err, ecs.ErrFull) {
			t.Errorf("after the end: got %v, want %v", err, ecs.ErrFull)
		}
	})
}

// An output that can never work does not stop the pipeline; what it did not take is not safe.
func TestOutputThatNeverWorks(t *testing.T) {
	broken := errors.New("output is broken")
	out := &fakeOutput{answer: func(context.Context, []ecs.Doc) ([]ecs.Refused, error) { return nil, broken }}
	p, feed := start(t, Settings{Output: out})
	for n := range 5 {
		put(t, feed, entries(n, n+1), func() { t.Error("told safe what was not delivered") })
	}
	finish(t, p)
	checkStats(t, p.Stats(), 5, 0, 0, 5)
}

func TestUnknownSource(t *testing.T) {
	p, _ := start(t, Settings{Output: &fakeOutput{}})
	defer finish(t, p)
	if _, err := p.From("syslog"); err == nil || !strings.Contains(err.Error(), "syslog") {
		t.Errorf("got %v, want an error that names the source", err)
	}
}
