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
	checkBalance(t, p, Balance{In: 1000, Delivered: 1000})
}

// Whatever the number of goroutines: each record once, each batch told safe once, and the balance adds up.
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
			checkBalance(t, p, Balance{In: batches * (size + 1), Delivered: batches*size - refused, Dead: batches + refused})
			got := out.numbers()
			slices.Sort(got)
			if len(slices.Compact(got)) != batches*size-refused || len(out.sent(letters)) != batches+refused || len(yard.texts) != batches+refused {
				t.Errorf("got %d events, %d letters, %d buried", len(got), len(out.sent(letters)), len(yard.texts))
			}
		})
	}
}

// Safe is what is on the disk, whatever the output does; an empty batch is safe at once.
func TestSafeOnceOnTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, feed := start(t, Settings{Output: &fakeOutput{answer: gateway(nil).answer}})
		told := 0
		put(t, feed, entries(0, 3), func() { told++ })
		put(t, feed, nil, func() { told++ })
		if told != 2 {
			t.Errorf("told safe %d times, want 2", told)
		}
		giveUp(t, p, time.Second)
		checkBalance(t, p, Balance{In: 3, Spooled: 3})
	})
}

// At the bound new records are refused and old ones stay; once the output takes some there is room again.
func TestSpoolIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(gateway)
		out := &fakeOutput{answer: gate.answer}
		p, feed := start(t, Settings{Output: out, SpoolBytes: 20 << 10})
		n := 0
		for ; ; n++ {
			began := time.Now()
			ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
			err := feed.Put(ctx, entries(n, n+1), nil)
			stop()
			if err == nil {
				continue
			}
			if !errors.Is(err, ecs.ErrFull) || time.Since(began) != 3*time.Second {
				t.Errorf("got %v after %v, want %v after as long as ctx lasts", err, time.Since(began), ecs.ErrFull)
			}
			break
		}
		taken := make(chan error)
		go func() { taken <- feed.Put(t.Context(), entries(n, n+1), nil) }()
		synctest.Wait()
		close(gate)
		if err := <-taken; err != nil {
			t.Errorf("got %v once there was room", err)
		}
		finish(t, p)
		checkBalance(t, p, Balance{In: int64(n + 1), Delivered: int64(n + 1)})
		if got := len(out.numbers()); got != n+1 {
			t.Errorf("got %d events, want %d", got, n+1)
		}
	})
}

// What could not be delivered before the end is delivered after the next start, in order.
func TestCloseLeavesTheRestInTheSpool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		p, feed := start(t, Settings{Dir: dir, Output: &fakeOutput{answer: gateway(nil).answer}, Parsers: 2, Senders: 2})
		var want []string
		for n := range 20 {
			put(t, feed, entries(10*n, 10*n+10), nil)
		}
		for n := range 200 {
			want = append(want, fmt.Sprintf("r-%d", n))
		}
		giveUp(t, p, 10*time.Second)
		checkBalance(t, p, Balance{In: 200, Spooled: 200})
		out := &fakeOutput{}
		p, _ = start(t, Settings{Dir: dir, Output: out})
		finish(t, p)
		checkBalance(t, p, Balance{In: 200, Delivered: 200})
		if got := out.numbers(); !slices.Equal(got, want) {
			t.Errorf("got %d events, want 200 in order", len(got))
		}
	})
}

func TestCloseDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(gateway)
		out := &fakeOutput{answer: gate.answer}
		p, feed := start(t, Settings{Output: out, Parsers: 3})
		for n := range 50 {
			put(t, feed, entries(10*n, 10*n+10), nil)
		}
		time.AfterFunc(5*time.Second, func() { close(gate) })
		finish(t, p)
		checkBalance(t, p, Balance{In: 500, Delivered: 500})
		if len(out.numbers()) != 500 {
			t.Errorf("sent %d of 500 events", len(out.numbers()))
		}
		if err := feed.Put(t.Context(), entries(0, 1), nil); !errors.Is(err, ecs.ErrFull) {
			t.Errorf("after the end: got %v, want %v", err, ecs.ErrFull)
		}
	})
}

// A slow output holds neither the inputs nor the engine up, and bounds what is in memory; later all is delivered.
func TestOutputFallsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(gateway)
		out := &fakeOutput{answer: gate.answer}
		p, feed := start(t, Settings{Output: out, QueueBytes: 1, Detect: watching(100), Senders: 2})
		for n := range 40 {
			put(t, feed, entries(10*n, 10*n+10), nil)
			<-time.After(time.Second)
		}
		synctest.Wait()
		b := p.Balance()
		if b.Engine < 40 || b.In != 400 || b.Spooled != 400 || b.Level {
			t.Errorf("while the output is stuck: got %+v, want the engine to have seen all 400, and the sender behind", b)
		}
		if p.Stats().Alerts.Load() == 0 {
			t.Error("nothing was detected meanwhile")
		}
		close(gate)
		finish(t, p)
		checkBalance(t, p, Balance{In: 400, Delivered: 400})
		got := out.numbers()
		if slices.Sort(got); len(slices.Compact(got)) != 400 || len(got) != 400 {
			t.Errorf("got %d events, want each of 400 once", len(got))
		}
	})
}

// An output that fails for a while loses nothing.
func TestOutputThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken, tries := errors.New("output is broken"), 0
		out := &fakeOutput{answer: func(context.Context, []ecs.Doc) ([]ecs.Refused, error) {
			if tries++; tries < 4 {
				return nil, broken
			}
			return nil, nil
		}}
		p, feed := start(t, Settings{Output: out})
		for n := range 5 {
			put(t, feed, entries(n, n+1), nil)
		}
		finish(t, p)
		checkBalance(t, p, Balance{In: 5, Delivered: 5})
		if got := out.numbers(); len(got) != 5 {
			t.Errorf("got events %v, want 5", got)
		}
	})
}

// The same record twice makes one document, and is told from the same batch read twice.
func TestDuplicates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fail := true
		out := &fakeOutput{answer: func(context.Context, []ecs.Doc) ([]ecs.Refused, error) {
			if fail {
				fail = false
				return nil, errNoRoom
			}
			return nil, nil
		}}
		p, feed := start(t, Settings{Output: out})
		put(t, feed, entries(0, 5), nil)
		synctest.Wait()
		put(t, feed, append(entries(3, 7), entry(6)), nil)
		finish(t, p)
		checkBalance(t, p, Balance{In: 10, Delivered: 7, Duplicate: 3})
		if got := out.numbers(); len(got) != 7 {
			t.Errorf("got events %v, want 7", got)
		}
	})
}

func TestUnknownSource(t *testing.T) {
	p, _ := start(t, Settings{Output: &fakeOutput{}})
	defer finish(t, p)
	if _, err := p.From("syslog"); err == nil || !strings.Contains(err.Error(), "syslog") {
		t.Errorf("got %v, want an error that names the source", err)
	}
}

// Without a folder of its own a pipeline would write into whatever folder the process is in.
func TestNoFolder(t *testing.T) {
	if _, err := New(Settings{Output: &fakeOutput{}}); !errors.Is(err, errNoDir) {
		t.Errorf("got %v, want %v", err, errNoDir)
	}
}
