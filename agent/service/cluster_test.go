package service

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/agent/deadletter"
)

// cluster is a small server that takes bulk requests as Elasticsearch does.
type cluster struct {
	refuse string // documents that hold this are refused

	mu       sync.Mutex
	streams  map[string]int // documents taken, by data stream
	problems []string       // what Elasticsearch would not have liked
}

// ServeHTTP implements http.Handler.
func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.check("path", r.URL.Path, "/_bulk")
	c.check("pipeline", r.URL.Query().Get("pipeline"), "_none")
	c.check("authorization", r.Header.Get("Authorization"), "ApiKey aWQ6a2V5")
	c.check("encoding", r.Header.Get("Content-Encoding"), "gzip")
	body, err := gzip.NewReader(r.Body)
	if err != nil {
		c.problems = append(c.problems, err.Error())
		return
	}
	text, err := io.ReadAll(body)
	if err != nil {
		c.problems = append(c.problems, err.Error())
		return
	}
	items := c.take(strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"))
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"took":1,"errors":%v,"items":[%s]}`, strings.Contains(strings.Join(items, ""), `"error"`), strings.Join(items, ","))
}

// take answers about each document. Action and document stand in turn.
func (c *cluster) take(lines []string) (items []string) {
	for i := 0; i+1 < len(lines); i += 2 {
		action := gjson.Get(lines[i], "create")
		if !action.Get("_id").Exists() || !gjson.Valid(lines[i+1]) {
			c.problems = append(c.problems, "no create with an id before a document: "+lines[i])
		}
		if c.refuse != "" && strings.Contains(lines[i+1], c.refuse) && !strings.Contains(action.Get("_index").Str, "deadletter") {
			items = append(items, `{"create":{"status":400,"error":{"type":"document_parsing_exception","reason":"quoted"}}}`)
			continue
		}
		c.streams[action.Get("_index").Str]++
		items = append(items, `{"create":{"status":201}}`)
	}
	return items
}

func (c *cluster) check(what, got, want string) {
	if got != want {
		c.problems = append(c.problems, fmt.Sprintf("%s: got %q, want %q", what, got, want))
	}
}

func TestElasticsearchOutput(t *testing.T) {
	h := newHouse(t)
	es := &cluster{refuse: `"u-7"`, streams: map[string]int{}}
	server := httptest.NewServer(es)
	defer server.Close()
	key := h.write("key", "aWQ6a2V5\n")
	s := h.open(h.config("outputs: {elasticsearch: {url: '" + server.URL + "', api_key_file: " + key + ", namespace: ns}}"))
	for n := range 10 {
		h.put(s, oktaFrom("192.0.2.1", n))
	}
	h.put(s, "not JSON")
	stats := s.Stats()
	h.close(s)
	for _, p := range es.problems {
		t.Error(p)
	}
	if es.streams["logs-okta.system-ns"] != 9 || es.streams["logs-idwatch.deadletter-ns"] != 2 {
		t.Errorf("got %v, want 9 sign-ins and 2 dead letters", es.streams)
	}
	if in, delivered, dead := stats.In.Load(), stats.Delivered.Load(), stats.Dead.Load(); in != 11 || delivered != 9 || dead != 2 {
		t.Errorf("in, delivered, dead: got %d, %d, %d, want 11, 9, 2", in, delivered, dead)
	}
	checkGraves(t, h, "not JSON", `"u-7"`)
	if len(h.documents()) != 0 {
		t.Error("the file output is in use, though nobody named it")
	}
}

// checkGraves wants dead letters on disk that hold these texts, in this or the other order.
func checkGraves(t *testing.T, h house, texts ...string) {
	t.Helper()
	store, err := deadletter.Open(filepath.Join(h.path("data"), "deadletter"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var all strings.Builder
	if err := store.Each(func(e deadletter.Entry) error {
		fmt.Fprintf(&all, "%s: %s\n", e.Reason, e.Raw)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if !strings.Contains(all.String(), text) {
			t.Errorf("no %s among the dead letters on disk:\n%s", text, all.String())
		}
	}
	if store.Count() != len(texts) {
		t.Errorf("got %d dead letters on disk, want %d", store.Count(), len(texts))
	}
}

// Both outputs get every document, and one that either refuses becomes a dead letter.
func TestBothOutputs(t *testing.T) {
	h := newHouse(t)
	es := &cluster{refuse: `"u-2"`, streams: map[string]int{}}
	server := httptest.NewServer(es)
	defer server.Close()
	key := h.write("key", "aWQ6a2V5")
	s, err := Open(h.config("outputs: {elasticsearch: {url: '"+server.URL+"', api_key_file: "+key+"}, file: {}}"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		h.put(s, oktaFrom("192.0.2.1", n))
	}
	h.close(s)
	docs := h.documents()
	if es.streams["logs-okta.system-default"] != 2 || len(docs["logs-okta.system-default"]) != 3 {
		t.Errorf("got %v in the cluster and %d sign-ins in files, want 2 and 3", es.streams, len(docs["logs-okta.system-default"]))
	}
	if es.streams["logs-idwatch.deadletter-default"] != 1 || len(docs["logs-idwatch.deadletter-default"]) != 1 {
		t.Errorf("got %v in the cluster and %d dead letters in files, want 1 and 1", es.streams, len(docs["logs-idwatch.deadletter-default"]))
	}
}
