package detections

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers"
)

// mixSource makes the records that speed and noise are measured with: four sources, and people and machines that each come from
// two usual addresses.
const mixSource = "../../shared/bench/genlogs"

// mixRecords makes records of the mix, or skips the test where there is no generator.
func mixRecords(t testing.TB, records, identities int, more ...string) [][]byte {
	t.Helper()
	if _, err := os.Stat(mixSource); err != nil {
		t.Skip("no generator beside the repository")
	}
	maker := filepath.Join(t.TempDir(), "genlogs")
	build := exec.Command("go", "build", "-o", maker, ".")
	build.Dir = mixSource
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the generator: %v\n%s", err, out)
	}
	out, err := exec.Command(maker, append([]string{"-n", fmt.Sprint(records), "-identities", fmt.Sprint(identities)}, more...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := make([][]byte, 0, records)
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		lines = append(lines, bytes.Clone(s.Bytes()))
	}
	return lines
}

// actsOf reads records.
func actsOf(t testing.TB, lines [][]byte) []*Act {
	t.Helper()
	p, err := parsers.New(parsers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{reader: NewReader(Signs())}
	for _, line := range lines {
		p.Parse(line, c)
	}
	return c.acts
}

// TestMixIsQuiet: ordinary work of people and machines, each from two networks, of whom nobody knows more than an hour, is no alert.
func TestMixIsQuiet(t *testing.T) {
	acts := actsOf(t, mixRecords(t, 60_000, 3000))
	alerts, documents := map[string]bool{}, 0
	l := NewLive(LiveSettings{Context: DefaultContext(), Lateness: 15 * time.Minute, Publish: func(d *Document) {
		documents++
		if !d.Alert.Signal {
			alerts[d.Alert.Rule.ID+" "+d.Alert.Sentence()] = true
		}
	}})
	for len(acts) > 0 {
		n := min(500, len(acts))
		l.Observe(acts[:n:n], acts[n-1].Time)
		acts = acts[n:]
	}
	l.Finish()
	if len(alerts) > 6 {
		t.Errorf("got %d alerts in 60,000 ordinary records, want 6 at most: %v", len(alerts), alerts)
	}
	if documents > 6000 {
		t.Errorf("got %d documents of alerts and signals, want 6,000 at most", documents)
	}
}
