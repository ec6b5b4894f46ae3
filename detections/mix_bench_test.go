package detections

import (
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/testdata/mix"
)

// mixFeeder hands what a parser finds to a reader and an engine, either of which may be missing, in batches as the pipeline does.
type mixFeeder struct {
	reader *Reader
	live   *Live
	batch  []*Act
}

func (f *mixFeeder) TakeEvent(ev *ecs.Event) {
	if f.reader == nil {
		return
	}
	if a, ok := f.reader.Read(ev); ok && f.live != nil {
		f.batch = append(f.batch, a)
		if len(f.batch) == 500 {
			f.flush()
		}
	}
}

func (f *mixFeeder) TakeDead(*parsers.Dead) {}

func (f *mixFeeder) flush() {
	f.live.Observe(f.batch, f.batch[len(f.batch)-1].Time)
	f.batch = f.batch[:0]
}

// BenchmarkDetect is what detection costs a record of the mix, or of the demo where there is no generator: the differences between
// parsing alone, reading acts, and running the engine. One round goes over all records.
func BenchmarkDetect(b *testing.B) {
	lines := mix.Records(b, 200_000, 20_000)
	for _, upTo := range []string{"parse", "read", "detect"} {
		b.Run(upTo, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := parsers.New(parsers.Options{})
				if err != nil {
					b.Fatal(err)
				}
				f := &mixFeeder{}
				if upTo != "parse" {
					f.reader = NewReader(Signs())
				}
				if upTo == "detect" {
					f.live = NewLive(LiveSettings{Context: DefaultContext(), Lateness: 15 * time.Minute, Bounds: Bounds{Identities: 100_000, Bytes: 256 << 20}, Publish: func(*Document) {}})
				}
				for _, line := range lines {
					p.Parse(line, f)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(len(lines)), "µs/record")
		})
	}
}
