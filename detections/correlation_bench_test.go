package detections

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// openGroups is how many groups of a correlation are open at a time.
const openGroups = 10_000

// hitActs are records that each meet a rule, of as many groups, some a second.
func hitActs(n int) []*Act {
	acts := make([]*Act, n)
	for i := range acts {
		group := fmt.Sprintf("group-%d", i*7919%openGroups)
		acts[i] = &Act{
			ID: fmt.Sprintf("%08d", i), Time: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 10 * time.Millisecond),
			Dataset: "okta.system", Action: "user.session.start", Activity: ecs.SignIn, Actor: ecs.Identity{ID: "u" + group, Kind: ecs.Human},
			Hits: []Hit{{Rule: "base", Fields: []HitField{{Name: "user", Values: []string{group}}}}},
		}
	}
	return acts
}

// countHits is a correlation that keeps all groups open.
func countHits(group string) *Added {
	return &Added{Detections: []*Detection{{
		Rule: Rule{ID: "many", Name: "Many", Points: 60}, Within: time.Hour,
		Correlation: &Correlation{
			Kind: EventCount, Of: []CountedRule{{Rule: "base", Group: []string{group}}}, Group: []string{group}, Span: time.Hour,
			Limits: []Limit{{MoreOrEqual, 5000}},
		},
	}}}
}

// cpuTime is what the process has taken of the processor, which other processes change less than the time that passes.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkCorrelation measures what open groups of a correlation cost a record, every one of which is counted: the difference to none.
func BenchmarkCorrelation(b *testing.B) {
	const batch, warm = 256, 2 * openGroups
	for _, way := range []struct {
		name  string
		added *Added
	}{{"none", nil}, {"field", countHits("user")}, {"identity", countHits(LinkedIdentity)}} {
		b.Run(way.name, func(b *testing.B) {
			acts := hitActs(warm + b.N + batch)
			l := NewLive(LiveSettings{Context: DefaultContext(), Added: way.added, Lateness: time.Minute, Publish: func(*Document) {}})
			observe := func(acts []*Act) {
				for len(acts) > 0 {
					n := min(batch, len(acts))
					l.Observe(acts[:n:n], acts[n-1].Time)
					acts = acts[n:]
				}
			}
			observe(acts[:warm])
			b.ReportAllocs()
			b.ResetTimer()
			before := cpuTime(b)
			observe(acts[warm : warm+b.N])
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}
