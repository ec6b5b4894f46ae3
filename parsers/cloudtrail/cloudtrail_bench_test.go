package cloudtrail

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// BenchmarkParse goes from a record's bytes to its document's, the tape included.
func BenchmarkParse(b *testing.B) {
	for _, name := range []string{"portal-session", "key-life", "entities-stop-at-a-repeat", "digest"} {
		b.Run(name, func(b *testing.B) {
			text, err := os.ReadFile(filepath.Join(testdata, name+".log"))
			if err != nil {
				b.Fatal(err)
			}
			line, _, _ := bytes.Cut(text, []byte("\n"))
			benchmark(b, line)
		})
	}
}

func benchmark(b *testing.B, line []byte) {
	var r record.Record
	var ev ecs.Event
	var body []byte
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Parse(line); err != nil {
			b.Fatal(err)
		}
		ev.Reset()
		ev.Record, ev.Original, ev.Namespace = &r, line, "default"
		if err := Parse(&ev); err != nil {
			b.Fatal(err)
		}
		body = ev.AppendJSON(body[:0])
	}
}
