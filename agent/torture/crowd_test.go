package torture

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/idwatch/idwatch/agent/coldstore"
	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/service"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// crowdCache is set for the process that takes the records of a crowd: its configuration. crowdDir is the directory of its cold store.
const (
	crowdCache = "IDWATCH_TORTURE_CROWD_CACHE"
	crowdDir   = "IDWATCH_TORTURE_CROWD_DIR"
)

// crowd is what a process came to that took so many records.
type crowd struct {
	Records    int
	Observe    time.Duration // in the engine, its reader included
	Processor  time.Duration // of the whole process, parser and garbage collector included
	Resident   int64         // at the end
	Peak       int64         // the most that was resident
	Heap       int64         // after a collection
	Estimate   int64         // the engine's, of what it bounds
	Identities int           // in memory
	Cold       int           // records on disk
	Returned   int64         // identities and credentials that came back from there
	Open       int           // acts that wait for older ones
}

// serveCrowd takes records, one a line, as the agent does, and tells what they came to.
func serveCrowd(dir, cache string, in io.Reader, out io.Writer) error {
	c, err := config.Parse("crowd", []byte(cache))
	if err != nil {
		return err
	}
	service.SparingMemory()
	cold, err := coldstore.Open(dir, int64(c.Cache.Disk))
	if err != nil {
		return err
	}
	defer cold.Close()
	parser, err := parsers.New(parsers.Options{})
	if err != nil {
		return err
	}
	f := &crowdFeed{reader: detections.NewReader(detections.Signs())}
	f.live = detections.NewLive(detections.LiveSettings{
		Context: detections.DefaultContext(), Lateness: c.Lateness, Cold: cold, Publish: func(*detections.Document) {},
		Bounds: detections.Bounds{Identities: c.Cache.Identities, Bytes: int64(c.Cache.Bytes), Open: c.Cache.Open},
	})
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		parser.Parse(lines.Bytes(), f)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	f.flush()
	if err := f.live.Snapshot(io.Discard); err != nil { // as the agent does every minute or so
		return err
	}
	return json.NewEncoder(out).Encode(f.measure(cold))
}

// crowdFeed hands what the parser finds to the engine, in batches.
type crowdFeed struct {
	reader *detections.Reader
	live   *detections.Live
	acts   []*detections.Act
	crowd  crowd
}

func (f *crowdFeed) TakeDead(*parsers.Dead) {}

func (f *crowdFeed) TakeEvent(ev *ecs.Event) {
	f.crowd.Records++
	began := time.Now()
	if a, ok := f.reader.Read(ev); ok {
		f.acts = append(f.acts, a)
	}
	f.crowd.Observe += time.Since(began)
	if len(f.acts) == 500 {
		f.flush()
	}
}

func (f *crowdFeed) flush() {
	if len(f.acts) == 0 {
		return
	}
	began := time.Now()
	f.live.Observe(f.acts, f.acts[len(f.acts)-1].Time)
	f.crowd.Observe += time.Since(began)
	f.acts = f.acts[:0]
}

func (f *crowdFeed) measure(cold *coldstore.Store) *crowd {
	m, memory := &f.crowd, processMemory()
	m.Resident, m.Peak = memory["VmRSS"], memory["VmHWM"]
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) == nil {
		m.Processor = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	runtime.GC()
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	m.Heap, m.Open = int64(heap.HeapAlloc), f.live.Open()
	m.Identities, m.Estimate = f.live.Identities()
	s := cold.Stats()
	m.Cold, m.Returned = s.Records, s.Hits
	runtime.KeepAlive(f)
	return m
}

// processMemory is what the kernel says of this process' memory, in bytes; empty where it does not.
func processMemory() map[string]int64 {
	sizes := map[string]int64{}
	text, _ := os.ReadFile("/proc/self/status")
	for line := range bytes.Lines(text) {
		var name string
		var size int64
		if n, _ := fmt.Sscanf(string(line), "%s %d kB", &name, &size); n == 2 {
			sizes[name[:len(name)-1]] = size << 10
		}
	}
	return sizes
}
