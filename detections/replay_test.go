package detections

import (
	"os"
	"testing"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// feeder hands a replay what a parser finds.
type feeder struct{ replay *Replay }

func (f feeder) TakeEvent(ev *ecs.Event)  { f.replay.Add(ev) }
func (f feeder) TakeDead(d *parsers.Dead) {}

// replayFiles runs files of records through parsers and detections.
func replayFiles(t *testing.T, context *Context, paths ...string) *Replay {
	t.Helper()
	p, err := parsers.New(parsers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := NewReplay(context, nil)
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := parsers.Split(file, func(text []byte, _ int64) error { p.Parse(text, feeder{r}); return nil }); err != nil {
			t.Error(err)
		}
		file.Close()
	}
	r.Run()
	return r
}
