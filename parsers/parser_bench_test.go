package parsers

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/testdata/mix"
)

// encoder counts and encodes what a parser finds, as the pipeline does.
type encoder struct {
	buffer []byte
	dead   int
}

func (e *encoder) TakeEvent(ev *ecs.Event) {
	e.buffer = ev.AppendID(e.buffer[:0])
	e.buffer = ev.AppendJSON(e.buffer)
}

func (e *encoder) TakeDead(*Dead) { e.dead++ }

// BenchmarkParse goes from a record's bytes to its document's, for one ordinary record of each source.
func BenchmarkParse(b *testing.B) {
	for _, name := range []string{"okta/session-start", "vault/secret-read", "entra/signin-interactive", "cloudtrail/key-life"} {
		text, err := os.ReadFile(filepath.Join("../testdata", name+".log"))
		if err != nil {
			b.Fatal(err)
		}
		line, _, _ := bytes.Cut(text, []byte{'\n'})
		b.Run(filepath.Dir(name), func(b *testing.B) {
			p, err := New(Options{})
			if err != nil {
				b.Fatal(err)
			}
			e := &encoder{buffer: make([]byte, 0, 1<<16)}
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				p.Parse(line, e)
			}
			if e.dead > 0 {
				b.Fatalf("%d records were not read", e.dead)
			}
		})
	}
}

// BenchmarkParseMix is the figure that has a budget: bytes to document for a mean record of the measuring mix.
func BenchmarkParseMix(b *testing.B) {
	records := mix.Records(b, 20_000, 20_000)
	p, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	e := &encoder{buffer: make([]byte, 0, 1<<16)}
	size := 0
	for _, record := range records { // caches warm up, buffers grow
		p.Parse(record, e)
		size += len(record)
	}
	b.SetBytes(int64(size / len(records)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p.Parse(records[i%len(records)], e)
	}
	if e.dead > 0 {
		b.Fatalf("%d records were not read", e.dead)
	}
}
