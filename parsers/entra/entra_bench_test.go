package entra

import (
	"bytes"
	"os"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// BenchmarkParse goes from a record's bytes to its document.
func BenchmarkParse(b *testing.B) {
	for _, name := range []string{"signin-interactive", "signin-service-principal", "signin-capital-keys", "audit-role-granted", "graph-user", "activity-role-assigned"} {
		b.Run(name, func(b *testing.B) {
			text, err := os.ReadFile("../../testdata/entra/" + name + ".log")
			if err != nil {
				b.Fatal(err)
			}
			text, _, _ = bytes.Cut(text, []byte("\n"))
			benchmark(b, text)
		})
	}
}

func benchmark(b *testing.B, text []byte) {
	var r record.Record
	var ev ecs.Event
	var body []byte
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Parse(text); err != nil {
			b.Fatal(err)
		}
		ev.Reset()
		ev.Record, ev.Original, ev.Namespace = &r, text, "default"
		if err := Parse(&ev); err != nil {
			b.Fatal(err)
		}
		body = ev.AppendJSON(body[:0])
	}
	b.ReportMetric(float64(len(text)), "bytes")
}

// BenchmarkIndex is the share of it that record.Parse takes.
func BenchmarkIndex(b *testing.B) {
	text, err := os.ReadFile("../../testdata/entra/signin-interactive.log")
	if err != nil {
		b.Fatal(err)
	}
	text = bytes.TrimSpace(text)
	var r record.Record
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := r.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
