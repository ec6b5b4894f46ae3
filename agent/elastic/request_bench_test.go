package elastic

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// benchDocs makes 2,000 documents of about 2.5 kB, a full request, of texts that compress as audit documents do.
func benchDocs() (docs []ecs.Doc, part []int, bytes int) {
	random := rand.New(rand.NewPCG(1, 2))
	word := func() string { return fmt.Sprintf("%08x", random.Uint32()) }
	for i := range 2000 {
		var b strings.Builder
		fmt.Fprintf(&b, `{"@timestamp":"2026-09-01T00:%02d:00.000Z"`, i%60)
		for field := range 40 {
			fmt.Fprintf(&b, `,"okta.field_number_%d":{"id":"0oa%s","name":"Some words of text"}`, field, word())
		}
		b.WriteByte('}')
		docs = append(docs, ecs.Doc{
			Stream: "logs-okta.system-default",
			ID:     "0001K8R4S" + word() + word() + word()[:7],
			Body:   []byte(b.String()),
		})
		part = append(part, i)
		bytes += b.Len()
	}
	return docs, part, bytes
}

func BenchmarkBulkBody(b *testing.B) {
	docs, part, bytes := benchDocs()
	for _, compression := range []string{"none", "gzip"} {
		b.Run(compression, func(b *testing.B) {
			pool := requests{compress: compression == "gzip"}
			b.ReportAllocs()
			b.SetBytes(int64(bytes))
			for b.Loop() {
				q := pool.take()
				q.build(docs, part)
				pool.give(q)
			}
			perDocument(b, len(docs))
		})
	}
}

func BenchmarkAnswer(b *testing.B) {
	const n = 2000
	usual := `{"errors":false,"items":[` + strings.Repeat(itemCreated+",", n-1) + itemCreated + `]}`
	mixed := `{"errors":true,"items":[` + strings.Repeat(itemCreated+",", n-1) + itemFailed(409, "version_conflict_engine_exception") + `]}`
	for name, text := range map[string]string{"created": usual, "one_failed": mixed} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := parseAnswer([]byte(text), n); err != nil {
					b.Fatal(err)
				}
			}
			perDocument(b, n)
		})
	}
}

// BenchmarkSend includes both ends of a connection on this machine.
func BenchmarkSend(b *testing.B) {
	docs, _, bytes := benchDocs()
	answer := `{"errors":false,"items":[` + strings.Repeat(itemCreated+",", len(docs)-1) + itemCreated + `]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		io.WriteString(w, answer)
	}))
	b.Cleanup(server.Close)
	for _, compression := range []string{"none", "gzip"} {
		b.Run(compression, func(b *testing.B) {
			s, err := Open(Settings{URLs: []string{server.URL}, Compression: compression})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { s.Close(context.Background()) })
			b.ReportAllocs()
			b.SetBytes(int64(bytes))
			for b.Loop() {
				if _, err := s.Send(b.Context(), docs); err != nil {
					b.Fatal(err)
				}
			}
			perDocument(b, len(docs))
		})
	}
}

func perDocument(b *testing.B, docs int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(docs), "ns/doc")
}
