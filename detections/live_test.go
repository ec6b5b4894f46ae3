package detections

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// collector keeps the acts of events.
type collector struct {
	reader *Reader
	acts   []*Act
}

func (c *collector) TakeEvent(ev *ecs.Event) {
	if a, ok := c.reader.Read(ev); ok {
		c.acts = append(c.acts, a)
	}
}

func (c *collector) TakeDead(d *parsers.Dead) {}

// demoActs are the acts of three weeks of a small company with one abuse in it.
func demoActs(t *testing.T) []*Act {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("go", "run", "../testdata/demo/generate", "-out", dir).CombinedOutput(); err != nil {
		t.Fatalf("generate: %v\n%s", err, out)
	}
	p, err := parsers.New(parsers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{reader: NewReader(Signs())}
	err = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) == ".yaml" || filepath.Base(path) == "truth.ndjson" {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		return parsers.Split(file, func(text []byte, _ int64) error { p.Parse(text, c); return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(c.acts, byTime)
	return c.acts
}

// finals are the last revisions of alerts and signals, by id, as JSON without what may differ.
type finals map[string]string

func (f finals) take(d *Document) {
	if d.Withdrawn {
		delete(f, d.Alert.ID)
		return
	}
	c := *d
	c.Revision = 0
	f[d.Alert.ID] = string(c.AppendJSON(nil))
}

// replayed are the last revisions of a replay.
func replayed(acts []*Act, context *Context) finals {
	last := finals{}
	replay := NewReplay(context, nil)
	replay.acts = slices.Clone(acts)
	replay.Run()
	for _, a := range replay.Alerts() {
		last.take(&Document{Alert: a, Context: context})
	}
	return last
}

// TestLiveEqualsReplay: whatever the order within the lateness limit, the batches and the repeats, the last revisions of all alerts are
// those of a replay.
func TestLiveEqualsReplay(t *testing.T) {
	acts := demoActs(t)
	context := DefaultContext()
	want := replayed(acts, context)
	if len(want) < 5 {
		t.Fatalf("only %d alerts and signals in the demo", len(want))
	}
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			got := finals{}
			l := NewLive(LiveSettings{Context: context, Lateness: 15 * time.Minute, Publish: got.take})
			shuffled := delayed(acts, r, 14*time.Minute)
			for i := 0; i < len(shuffled); {
				n := min(1+r.IntN(300), len(shuffled)-i)
				batch := slices.Clone(shuffled[i : i+n])
				if r.IntN(4) == 0 && i > 50 {
					batch = append(batch, shuffled[i-50:i]...) // repeated
				}
				l.Observe(batch, shuffled[i+n-1].Time)
				i += n
			}
			l.Finish()
			if l.Late() > 0 {
				t.Errorf("%d acts came too late", l.Late())
			}
			compareFinals(t, got, want)
		})
	}
}

// delayed puts acts into an order of arrival: each comes up to most after its time.
func delayed(acts []*Act, r *rand.Rand, most time.Duration) []*Act {
	type arrival struct {
		at  time.Time
		act *Act
	}
	list := make([]arrival, len(acts))
	for i, a := range acts {
		list[i] = arrival{a.Time.Add(time.Duration(r.Int64N(int64(most)))), a}
	}
	slices.SortStableFunc(list, func(a, b arrival) int { return a.at.Compare(b.at) })
	shuffled := make([]*Act, len(list))
	for i := range list {
		shuffled[i] = list[i].act
	}
	return shuffled
}

func compareFinals(t *testing.T, got, want finals) {
	t.Helper()
	for id, doc := range want {
		if got[id] != doc {
			t.Errorf("alert %s\n got %s\nwant %s", id, got[id], doc)
		}
	}
	for id, doc := range got {
		if want[id] == "" {
			t.Errorf("alert too many: %s", doc)
		}
	}
}
