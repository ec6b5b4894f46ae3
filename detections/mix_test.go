package detections

import (
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/testdata/mix"
)

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
	acts := actsOf(t, mix.Records(t, 60_000, 3000))
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
