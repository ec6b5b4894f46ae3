package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// entry is record n: an entry of Vault's log, which reads a secret.
func entry(n int) []byte {
	return fmt.Appendf(nil, `{"time":"2026-09-01T08:%02d:%02dZ","type":"response","auth":{"display_name":"approle","metadata":{"role_name":"ci"},"token_type":"service"},`+
		`"request":{"id":"r-%d","operation":"read","mount_type":"kv","path":"kv/data/team/app","remote_address":"198.51.100.9"}}`, n/60%60, n%60, n)
}

// entries are the records from, from+1 … to-1.
func entries(from, to int) (texts [][]byte) {
	for n := from; n < to; n++ {
		texts = append(texts, entry(n))
	}
	return texts
}

// fakeOutput keeps what it is sent. answer, if set, is asked first; what it refuses is not kept.
type fakeOutput struct {
	answer func(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error)

	mu     sync.Mutex
	docs   []ecs.Doc
	killed bool // with the process: nothing more arrives
}

// Send implements Output.
func (f *fakeOutput) Send(ctx context.Context, docs []ecs.Doc) (refused []ecs.Refused, err error) {
	if f.answer != nil {
		if refused, err = f.answer(ctx, docs); err != nil {
			return nil, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.killed {
		return nil, errKilled
	}
	for i, d := range docs {
		if !slices.ContainsFunc(refused, func(r ecs.Refused) bool { return r.Index == i }) {
			f.docs = append(f.docs, ecs.Doc{Stream: strings.Clone(d.Stream), ID: strings.Clone(d.ID), Body: bytes.Clone(d.Body)})
		}
	}
	return refused, nil
}

// sent are the documents of one data stream.
func (f *fakeOutput) sent(stream string) (docs []ecs.Doc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.docs {
		if d.Stream == stream {
			docs = append(docs, d)
		}
	}
	return docs
}

const (
	events  = "logs-hashicorp_vault.audit-test"
	letters = "logs-idwatch.deadletter-test"
)

// numbers are the request ids of the events, in the order in which they were sent.
func (f *fakeOutput) numbers() (ids []string) {
	for _, d := range f.sent(events) {
		ids = append(ids, gjson.GetBytes(d.Body, "event.id").Str)
	}
	return ids
}

// refuseIf makes an answer that refuses the documents that do fits.
func refuseIf(does func(ecs.Doc) bool) func(context.Context, []ecs.Doc) ([]ecs.Refused, error) {
	return func(_ context.Context, docs []ecs.Doc) (refused []ecs.Refused, _ error) {
		for i, d := range docs {
			if does(d) {
				refused = append(refused, ecs.Refused{Index: i, Status: 400, Type: "document_parsing_exception"})
			}
		}
		return refused, nil
	}
}

// gateway is an output's answer that waits until it is opened, or ctx ends.
type gateway chan struct{}

func (g gateway) answer(ctx context.Context, _ []ecs.Doc) ([]ecs.Refused, error) {
	select {
	case <-g:
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// grave is a graveyard in memory.
type grave struct {
	full bool

	mu      sync.Mutex
	reasons []string
	texts   []string
	synced  int // how many texts were there at the last Sync
}

var errKilled = errors.New("the process is gone")

var errNoRoom = errors.New("no room")

// Bury implements Graveyard.
func (g *grave) Bury(_, reason string, text []byte) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.full {
		return errNoRoom
	}
	g.reasons, g.texts = append(g.reasons, reason), append(g.texts, string(text))
	return nil
}

// Sync implements Graveyard.
func (g *grave) Sync() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.synced = len(g.texts)
	return nil
}

// start makes a pipeline with one goroutine for each part, unless the settings say otherwise, and a feed of it.
func start(t *testing.T, s Settings) (*Pipeline, *Feed) {
	t.Helper()
	s.Parse.Namespace = "test"
	s.Parsers, s.Senders = max(s.Parsers, 1), max(s.Senders, 1)
	if s.Dir == "" {
		s.Dir = t.TempDir()
	}
	p, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	feed, err := p.From("auto")
	if err != nil {
		t.Fatal(err)
	}
	return p, feed
}

// put hands over a batch that there is room for.
func put(t *testing.T, feed *Feed, texts [][]byte, safe func()) {
	t.Helper()
	if err := feed.Put(t.Context(), texts, safe); err != nil {
		t.Fatalf("Put: %v", err)
	}
}

// finish closes a pipeline that is to deliver all it has.
func finish(t *testing.T, p *Pipeline) {
	t.Helper()
	if err := p.Close(t.Context()); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

// checkBalance compares what became of the records, which must add up.
func checkBalance(t *testing.T, p *Pipeline, want Balance) {
	t.Helper()
	b := p.Balance()
	got := Balance{In: b.In, Delivered: b.Delivered, Duplicate: b.Duplicate, Dead: b.Dead, Spooled: b.Spooled, Lost: b.Lost}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if b.In != b.Delivered+b.Duplicate+b.Dead+b.Spooled+b.Lost {
		t.Errorf("the balance does not add up: %+v", b)
	}
}

// giveUp closes a pipeline that cannot deliver all it has within a time.
func giveUp(t *testing.T, p *Pipeline, after time.Duration) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), after)
	defer stop()
	began := time.Now()
	if err := p.Close(ctx); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if took := time.Since(began); took != after {
		t.Errorf("Close took %v, want %v", took, after)
	}
}
