package detections

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	trail "github.com/idwatch/idwatch/parsers/cloudtrail"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// FuzzCloudTrailFacts: facts and signs are taken of any record that the parser lets through, outside of what guards detections.
func FuzzCloudTrailFacts(f *testing.F) {
	files, _ := filepath.Glob("../testdata/cloudtrail/*.log")
	scenes, _ := filepath.Glob("../testdata/scenarios/aws_*-fires/events.ndjson")
	for _, path := range append(files, scenes...) {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			f.Add(bytes.TrimSpace(line))
		}
	}
	reader := NewReader(Signs())
	f.Fuzz(func(t *testing.T, text []byte) {
		var r record.Record
		if r.Parse(text) != nil {
			return
		}
		ev := ecs.Event{Record: &r, Original: text}
		if trail.Parse(&ev) != nil {
			return
		}
		if a, ok := reader.Read(&ev); ok {
			checkFacts(t, a)
		}
	})
}

// checkFacts holds what every act is.
func checkFacts(t *testing.T, a *Act) {
	if a.ID == "" || a.Time.IsZero() {
		t.Error("an act without id or time")
	}
	if a.Born && (a.Failed || a.Object == "") {
		t.Errorf("%s made nothing: failed %t, object %q", a.Operation, a.Failed, a.Object)
	}
	if a.Lifetime < 0 || a.Number < 0 {
		t.Errorf("%s: lifetime %s, number %d", a.Operation, a.Lifetime, a.Number)
	}
	for _, l := range a.Links {
		if l.From == "" || l.To == "" || l.From == l.To || l.From == keyPrefix || l.To == keyPrefix {
			t.Errorf("a link from %q to %q", l.From, l.To)
		}
	}
}
