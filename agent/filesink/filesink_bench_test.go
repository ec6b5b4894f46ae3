package filesink

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
)

func BenchmarkSend(b *testing.B) {
	s, err := Open(Settings{Dir: b.TempDir(), MaxBytes: 64 << 20, Keep: 1, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	var all []ecs.Doc
	for range 500 {
		all = append(all, ecs.Doc{Stream: "logs-okta.system-default", Body: bytes.Repeat([]byte("x"), 2<<10)})
	}
	b.SetBytes(500 * 2 << 10)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Send(b.Context(), all); err != nil {
			b.Fatal(err)
		}
	}
}
