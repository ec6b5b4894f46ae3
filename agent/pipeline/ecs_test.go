package pipeline

import (
	"fmt"
	"testing"

	"github.com/idwatch/idwatch/parsers"
)

// ecsDocument is an ECS document for a data stream of its own.
func ecsDocument(n int) []byte {
	return fmt.Appendf(nil, `{"@timestamp":"2026-09-15T08:00:00Z","event":{"kind":"event","id":"%d"},"data_stream":{"type":"logs","dataset":"github.audit","namespace":"code"}}`, n)
}

// ECS documents are context: none goes out, and their batch is safe all the same. From an input that delivers they go to their own
// stream.
func TestECSDocuments(t *testing.T) {
	out := &fakeOutput{}
	p, _ := start(t, Settings{Output: out, Parse: parsers.Options{Streams: []string{"logs-github.audit-code"}}})
	context, err := p.From("ecs")
	if err != nil {
		t.Fatal(err)
	}
	delivered, err := p.From(parsers.ECSDelivered)
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 2)
	put(t, context, [][]byte{ecsDocument(1), ecsDocument(2)}, func() { told <- "context" })
	if got := <-told; got != "context" {
		t.Errorf("got %s told safe, want the context", got)
	}
	put(t, delivered, [][]byte{ecsDocument(3)}, func() { told <- "delivered" })
	finish(t, p)
	checkBalance(t, p, Balance{In: 1, Delivered: 1})
	if got := p.Stats().Context.Load(); got != 2 {
		t.Errorf("got %d documents counted as context, want 2", got)
	}
	if sent := out.sent("logs-github.audit-code"); len(sent) != 1 {
		t.Errorf("got %d documents in their own stream, want 1", len(sent))
	}
}
