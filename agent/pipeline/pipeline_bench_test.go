package pipeline

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// bodies is an output that builds request bodies and throws them away.
type bodies struct{ mu sync.Mutex }

func (b *bodies) Send(_ context.Context, docs []ecs.Doc) ([]ecs.Refused, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range docs {
		io.Discard.Write(d.Body)
	}
	return nil, nil
}

// BenchmarkPipeline goes from the bytes of a block of records to the documents of a request: what a record costs in
// the process, reading and the network apart.
func BenchmarkPipeline(b *testing.B) {
	var records [][]byte
	size := 0
	for _, name := range []string{"okta/session-start", "vault/secret-read", "entra/signin-interactive", "cloudtrail/key-life"} {
		text, err := os.ReadFile(filepath.Join("../../testdata", name+".log"))
		if err != nil {
			b.Fatal(err)
		}
		line, _, _ := bytes.Cut(text, []byte{'\n'})
		records = append(records, line)
		size += len(line)
	}
	block := make([][]byte, 0, 512)
	for len(block) < cap(block) {
		block = append(block, records...)
	}
	p, err := New(Settings{Dir: b.TempDir(), Output: &bodies{}, Logger: slog.New(slog.DiscardHandler), Parsers: 1})
	if err != nil {
		b.Fatal(err)
	}
	feed, err := p.From("auto")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(size / len(records) * len(block)))
	b.ReportAllocs()
	for b.Loop() {
		if err := feed.Put(context.Background(), block, nil); err != nil {
			b.Fatal(err)
		}
	}
	if err := p.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(p.Stats().In.Load()), "ns/record")
}
