package parsers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestECSAllowList: a document goes to no data stream but those that its input may write to.
func TestECSAllowList(t *testing.T) {
	p, err := New(Options{Source: ECSDelivered, Streams: []string{"logs-github.audit-default"}})
	if err != nil {
		t.Fatal(err)
	}
	const head = `{"@timestamp":"2026-09-15T08:00:00Z","event":{"kind":"event"},"data_stream":{"type":"logs","dataset":`
	for stream, want := range map[string]string{
		`"github.audit"}}`:                         "logs-github.audit-default",
		`"github.audit","namespace":"elsewhere"}}`: "logs-idwatch.deadletter-default",
		`"okta.system"}}`:                          "logs-idwatch.deadletter-default",
	} {
		docs := p.Append(nil, []byte(head+stream), time.Unix(0, 0))
		if len(docs) != 1 || docs[0].Stream != want {
			t.Errorf("%s: got %v, want one document for %s", stream, docs, want)
		}
	}
}

// TestVendorsStayVendors: a shipper that puts ECS fields beside a vendor's own members changes nothing about whose record it is.
func TestVendorsStayVendors(t *testing.T) {
	files, _ := filepath.Glob("../testdata/*/*.log")
	p, _ := New(Options{})
	tried := 0
	for _, file := range files {
		source := filepath.Base(filepath.Dir(file))
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			plain := p.Append(nil, []byte(line), received)
			if source == "ecs" || !strings.HasPrefix(line, "{") || len(plain) != 1 || strings.Contains(plain[0].Stream, "idwatch") || strings.Contains(line, `"detail-type"`) {
				continue
			}
			tried++
			shipped := p.Append(nil, []byte(`{"@timestamp":"2026-09-15T08:00:00Z","ecs":{"version":"8.0.0"},"event":{"kind":"event"},`+line[1:]), received)
			if len(shipped) != 1 || shipped[0].Stream != plain[0].Stream {
				t.Errorf("%s: got %s, want %s", file, shipped[0].Stream, plain[0].Stream)
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d records were tried", tried)
	}
}
