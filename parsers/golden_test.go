package parsers

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

var update = flag.Bool("update", false, "write the golden files again")

// received stands for the time of arrival, which only dead letters have.
var received = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

// TestGolden reads every testdata/<source>/<case>.log and compares the documents with <case>.golden.json beside it.
func TestGolden(t *testing.T) {
	cases, err := filepath.Glob("../testdata/*/*.log")
	if err != nil || len(cases) < 20 {
		t.Fatalf("got %d cases, %v", len(cases), err)
	}
	for _, path := range cases {
		source := filepath.Base(filepath.Dir(path))
		name := strings.TrimSuffix(filepath.Base(path), ".log")
		t.Run(source+"/"+name, func(t *testing.T) {
			got := documents(t, source, path)
			golden := strings.TrimSuffix(path, ".log") + ".golden.json"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs; got:\n%s", golden, got)
			}
		})
	}
}

// documents parses a file the way the agent does and prints what Elasticsearch would get.
func documents(t *testing.T, source, path string) []byte {
	t.Helper()
	p, err := New(Options{Source: source})
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var docs []ecs.Doc
	if err := Split(file, func(text []byte, _ int64) error {
		docs = p.Append(docs, text, received)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, doc := range docs {
		out.WriteString(doc.Stream + " " + doc.ID + "\n")
		if err := json.Indent(&out, doc.Body, "", "  "); err != nil {
			t.Fatalf("document is not JSON: %v", err)
		}
		out.WriteByte('\n')
	}
	return out.Bytes()
}
