package cloudtrail

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

var update = flag.Bool("update", false, "rewrite golden files")

const testdata = "../../testdata/cloudtrail"

// TestGolden compares the documents of testdata/cloudtrail, case by case.
func TestGolden(t *testing.T) {
	cases, err := filepath.Glob(filepath.Join(testdata, "*.log"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("got %d cases (%v), want some", len(cases), err)
	}
	for _, name := range cases {
		golden := strings.TrimSuffix(name, ".log") + ".golden.json"
		t.Run(strings.TrimSuffix(filepath.Base(name), ".log"), func(t *testing.T) {
			var out bytes.Buffer
			for line := range bytes.Lines(read(t, name)) {
				out.Write(indented(t, bytes.TrimSpace(line)))
			}
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := read(t, golden); !bytes.Equal(out.Bytes(), want) {
				t.Errorf("got %s, want %s", out.Bytes(), want)
			}
		})
	}
}

// indented is the golden form of a record's document, or of the error.
func indented(t *testing.T, line []byte) []byte {
	t.Helper()
	body, err := document(line)
	if err != nil {
		return []byte("error: " + err.Error() + "\n")
	}
	var out bytes.Buffer
	if err := json.Indent(&out, body, "", "  "); err != nil {
		t.Fatalf("document is not JSON: %v", err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

func document(line []byte) ([]byte, error) {
	var r record.Record
	if err := r.Parse(line); err != nil {
		return nil, err
	}
	ev := event(&r, line)
	if err := Parse(ev); err != nil {
		return nil, err
	}
	return ev.AppendJSON(nil), nil
}

func event(r *record.Record, line []byte) *ecs.Event {
	return &ecs.Event{Record: r, Original: line, Namespace: "default"}
}

// parse is a record's document, decoded.
func parse(t *testing.T, line string) map[string]any {
	t.Helper()
	body, err := document([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatalf("document is not JSON: %v", err)
	}
	return doc
}
