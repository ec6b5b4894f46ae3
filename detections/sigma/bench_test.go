package sigma

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/enrich"
	"github.com/idwatch/idwatch/testdata/mix"
)

// mixEvents are events of the measuring mix, each with a parser of its own, which nobody uses again.
func mixEvents(t testing.TB) []*ecs.Event {
	t.Helper()
	var k keeper
	options := parsers.Options{Enrich: enrich.New(nil)}
	for _, line := range mix.Records(t, 400, 200) {
		p, err := parsers.New(options)
		if err != nil {
			t.Fatal(err)
		}
		p.Parse(line, &k)
	}
	if len(k.events) < 100 {
		t.Fatalf("got %d events", len(k.events))
	}
	return k.events
}

type keeper struct{ events []*ecs.Event }

func (k *keeper) TakeEvent(ev *ecs.Event) { k.events = append(k.events, ev) }
func (k *keeper) TakeDead(*parsers.Dead)  {}

// processorTime is what the process has taken of the processor.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// variants are so many rules, made of the given ones: other ids, other values beside theirs.
func variants(files []File, n int) []File {
	var all []File
	for i := 0; len(all) < n; i++ {
		f := files[i%len(files)]
		round := i / len(files)
		text := string(f.Text)
		if strings.Contains(text, "timeframe:") || strings.Contains(text, "|expand") || !strings.Contains(text, "detection:") {
			continue
		}
		var b strings.Builder
		for line := range strings.Lines(text) {
			if id, ok := strings.CutPrefix(line, "id: "); ok {
				line = fmt.Sprintf("id: %s-%d\n", strings.TrimSpace(id), round)
			}
			b.WriteString(line)
		}
		all = append(all, File{fmt.Sprintf("%d/%s", round, f.Name), []byte(b.String())})
	}
	return all
}

// BenchmarkMatch: records of the mix, parsed already, against all public rules and against 1,000 variants of them.
func BenchmarkMatch(b *testing.B) {
	public := publicFiles(b)
	events := mixEvents(b)
	for _, c := range []struct {
		name  string
		files []File
	}{{"public", public}, {"variants1000", variants(public, 1000)}} {
		s := Compile(Parse(c.files))
		b.Run(fmt.Sprintf("%s-%d", c.name, len(s.Rules)), func(b *testing.B) {
			m := s.NewMatcher()
			var a detections.Act
			hits, i, began := 0, 0, processorTime(b)
			b.ReportAllocs()
			for b.Loop() {
				a.Signs, a.Hits = a.Signs[:0], a.Hits[:0]
				m.Match(events[i], &a)
				hits += len(a.Signs)
				if i++; i == len(events) {
					i = 0
				}
			}
			took := processorTime(b) - began // b.Elapsed counts what other programs took, too
			b.ReportMetric(float64(b.N)/took.Seconds(), "records/cpu-s")
			b.ReportMetric(float64(hits)/float64(b.N), "hits/record")
		})
	}
}
