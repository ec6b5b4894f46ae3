package torture

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/idwatch/idwatch/testdata/mix"
)

const (
	historyOf = 40 // records of each identity
	actsADay  = 2  // of each identity: the history is of twenty days
)

// small is what a machine with little memory gets.
const small = "cache: {bytes: 32MiB}"

// crowds are how many identities there are, and what a process may take in memory for them. The last one, 40,000,000 records, takes hours:
// IDWATCH_TORTURE_CROWD=1 has it measured.
var crowds = []struct {
	identities int
	cache      string
	resident   int64 // MiB
	long       bool
}{
	{identities: 1000, resident: 250},
	{identities: 10_000, cache: small, resident: 250},
	{identities: 100_000, cache: small, resident: 250},
	{identities: 1_000_000, cache: "cache: {identities: 1000000, bytes: 128MiB, disk: 4GiB}", resident: 1536, long: true},
}

// BenchmarkCrowd is what few and many identities take in memory, and what an act of theirs costs, by the measuring mix: each size in a
// process of its own, which runs parser, engine and cold store with the agent's bounds. It fails beyond the memory that it may take.
func BenchmarkCrowd(b *testing.B) {
	generator := mix.Generator(b)
	for _, c := range crowds {
		b.Run(strconv.Itoa(c.identities), func(b *testing.B) {
			if c.long && os.Getenv("IDWATCH_TORTURE_CROWD") == "" {
				b.Skip("IDWATCH_TORTURE_CROWD=1 has it measured")
			}
			for b.Loop() {
				m := measureCrowd(b, generator, c.identities, c.cache)
				m.report(b)
				if peak := m.Peak >> 20; peak > c.resident {
					b.Errorf("%d identities took %d MiB of memory, more than %d", c.identities, peak, c.resident)
				}
			}
		})
	}
}

// measureCrowd has a process take the history of so many identities.
func measureCrowd(b *testing.B, generator string, identities int, cache string) (m crowd) {
	b.Helper()
	records := identities * historyOf
	source := exec.Command(generator, "-n", strconv.Itoa(records), "-identities", strconv.Itoa(identities),
		"-rate", fmt.Sprint(float64(identities)*actsADay/86400))
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crowdCache+"="+cache+" # as configured", crowdDir+"="+b.TempDir())
	child.Stderr = os.Stderr
	in, err := source.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	child.Stdin = in // a file: nothing of this process stands between them
	if err := source.Start(); err != nil {
		b.Fatal(err)
	}
	out, err := child.Output()
	if err != nil {
		b.Fatalf("%v %s", err, out)
	}
	if err := source.Wait(); err != nil {
		b.Fatal(err)
	}
	if err := json.Unmarshal(out, &m); err != nil {
		b.Fatalf("%v %q", err, out)
	}
	if m.Records != records {
		b.Fatalf("got %d of %d records", m.Records, records)
	}
	return m
}

func (m *crowd) report(b *testing.B) {
	n, mib := float64(m.Records), func(bytes int64) float64 { return float64(bytes) / (1 << 20) }
	b.ReportMetric(0, "ns/op") // a round is no operation
	b.ReportMetric(m.Observe.Seconds()*1e6/n, "µs/record")
	b.ReportMetric(m.Processor.Seconds()*1e6/n, "cpu-µs/record")
	b.ReportMetric(mib(m.Resident), "rss-MiB")
	b.ReportMetric(mib(m.Peak), "peak-MiB")
	b.ReportMetric(mib(m.Heap), "heap-MiB")
	b.ReportMetric(mib(m.Estimate), "estimated-MiB")
	b.ReportMetric(float64(m.Identities), "hot")
	b.ReportMetric(float64(m.Cold), "cold")
	b.ReportMetric(float64(m.Returned), "returned")
	b.ReportMetric(float64(m.Open), "open-acts")
}
