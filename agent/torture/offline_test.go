package torture

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/pipeline"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// away is an output that cannot be reached until it can. It notes what arrives, and in which order.
type away struct {
	back chan struct{}

	mu     sync.Mutex
	events int
	docs   map[string]int // by native id
	early  int            // events that came before the last alert that waited
	alerts int
	owed   int // alerts that waited when it came back
	size   atomic.Int64
}

// Send implements pipeline.Output.
func (a *away) Send(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error) {
	select {
	case <-a.back:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, d := range docs {
		a.size.Add(int64(len(d.Body)))
		if len(d.Stream) > 12 && d.Stream[:12] == "logs-idwatch" {
			a.alerts++
			continue
		}
		if a.events++; a.alerts < a.owed {
			a.early++
		}
		a.docs[nativeID(string(d.Body))]++
	}
	return nil, nil
}

// TestDaysOffline: for days, in event time, nothing can be sent. The detections go on, memory stays as it is, the spool stays within its
// bound; then all is sent, alerts first.
func TestDaysOffline(t *testing.T) {
	n := number(t, "OFFLINE", 60_000)
	if testing.Short() {
		n = 5000
	}
	const perBatch = 200
	who := min(people, max(1, n/6000)) // so few that half the records fill what is remembered of each: memory has its final size then
	between := 7 * 24 * time.Hour / time.Duration(n)
	dir := t.TempDir()
	out := &away{back: make(chan struct{}), docs: map[string]int{}}
	p, err := pipeline.New(pipeline.Settings{
		Dir: dir, SpoolBytes: 2 << 30, Output: out, Logger: slog.New(slog.DiscardHandler), Parse: parsers.Options{Namespace: "default"},
		Detect: &pipeline.Detection{Context: detections.DefaultContext(), Lateness: 15 * time.Minute},
	})
	if err != nil {
		t.Fatal(err)
	}
	feed, err := p.From("auto")
	if err != nil {
		t.Fatal(err)
	}
	raw, began := int64(0), time.Now()
	var half uint64
	for from := 0; from < n; from += perBatch {
		var texts [][]byte
		for _, r := range recordsOf(who, from, min(n, from+perBatch), between) {
			texts = append(texts, []byte(r))
			raw += int64(len(r))
		}
		if err := feed.Put(t.Context(), texts, nil); err != nil {
			t.Fatal(err)
		}
		for p.Balance().Next-p.Balance().Engine > 50 {
			time.Sleep(time.Millisecond) // time runs fast, not faster than the engine
		}
		if from/perBatch == n/perBatch/2 {
			half = heap()
		}
	}
	for b := p.Balance(); b.Engine < b.Next; b = p.Balance() {
		time.Sleep(time.Millisecond)
	}
	if err := p.Save(); err != nil {
		t.Fatal(err)
	}
	end, took := heap(), time.Since(began)
	b := p.Balance()
	if b.In != int64(n) || b.Spooled != int64(n) || p.Stats().Alerts.Load() == 0 || b.Waiting == 0 {
		t.Errorf("offline: got %+v, %d alerts, want all %d spooled and alerts waiting", b, p.Stats().Alerts.Load(), n)
	}
	if end > half*3/2+32<<20 {
		t.Errorf("memory grew from %d to %d MiB in the second half", half>>20, end>>20)
	}
	state := sizeOf(t, filepath.Join(dir, "state"))
	t.Logf("%d records, %d MB raw, %d MB in the spool, state %d MB, taken at %.0f records/s, heap %d and %d MiB, %d alerts and signals wait",
		n, raw>>20, b.SpoolBytes>>20, state>>20, float64(n)/took.Seconds(), half>>20, end>>20, b.Waiting)

	out.owed = b.Waiting
	began = time.Now()
	close(out.back)
	if err := p.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	took = time.Since(began)
	after := p.Balance()
	if after.Delivered != int64(n) || after.Spooled+after.Lost+after.Dead+after.Duplicate != 0 || len(out.docs) != n {
		t.Errorf("back: got %+v, %d records at the output, want %d", after, len(out.docs), n)
	}
	for id, times := range out.docs {
		if times != 1 {
			t.Errorf("%s came %d times", id, times)
			break
		}
	}
	t.Logf("drained at %.0f records/s, %d events before the last alert that waited", float64(n)/took.Seconds(), out.early)
}

// heap is what is in use after a collection.
func heap() uint64 {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func sizeOf(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestSoak runs at full speed for a while and writes down memory, goroutines and open files, as CSV, where IDWATCH_TORTURE_SOAK_CSV says.
func TestSoak(t *testing.T) {
	seconds := number(t, "SOAK", 0)
	if seconds == 0 {
		t.Skip("IDWATCH_TORTURE_SOAK says for how many seconds")
	}
	csv, err := os.Create(os.Getenv("IDWATCH_TORTURE_SOAK_CSV"))
	if err != nil {
		t.Fatal(err)
	}
	defer csv.Close()
	fmt.Fprintln(csv, "second,records,rss_mib,heap_mib,goroutines,files,spool_mib")
	p, err := pipeline.New(pipeline.Settings{
		Dir: t.TempDir(), SpoolBytes: 1 << 30, Output: discard{}, Logger: slog.New(slog.DiscardHandler),
		Detect: &pipeline.Detection{ // new identities come all the time: the cache is so small that it fills within minutes
			Context: detections.DefaultContext(), Lateness: 15 * time.Minute, Bounds: detections.Bounds{Identities: 5000, Bytes: 64 << 20},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	feed, err := p.From("auto")
	if err != nil {
		t.Fatal(err)
	}
	began, next, saved := time.Now(), time.Now(), time.Now()
	for n := 0; time.Since(began) < time.Duration(seconds)*time.Second; n += 500 {
		var texts [][]byte
		for _, r := range records(n, n+500, 50*time.Millisecond) {
			texts = append(texts, []byte(r))
		}
		if err := feed.Put(t.Context(), texts, nil); err != nil {
			t.Fatal(err)
		}
		for p.Balance().Next-p.Balance().Engine > 50 {
			time.Sleep(time.Millisecond)
		}
		if time.Since(saved) > time.Minute { // as the agent does
			saved = time.Now()
			if err := p.Save(); err != nil {
				t.Fatal(err)
			}
		}
		if time.Now().After(next) {
			next = next.Add(max(time.Second, time.Duration(seconds)*time.Second/200))
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			files, _ := os.ReadDir("/proc/self/fd")
			fmt.Fprintf(csv, "%.0f,%d,%d,%d,%d,%d,%d\n", time.Since(began).Seconds(), p.Balance().In, resident()>>20, m.HeapAlloc>>20,
				runtime.NumGoroutine(), len(files), p.Balance().SpoolBytes>>20)
		}
	}
	if err := p.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// discard takes everything.
type discard struct{}

func (discard) Send(context.Context, []ecs.Doc) ([]ecs.Refused, error) { return nil, nil }

// resident is the memory of this process.
func resident() (bytes int64) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, pages int64
	fmt.Sscan(string(text), &size, &pages)
	return pages * int64(os.Getpagesize())
}
