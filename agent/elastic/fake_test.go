package elastic

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// fake is a cluster without a network: it answers requests one after the other as the test says.
type fake struct {
	answer func(r *asked) (*http.Response, error)

	mu    sync.Mutex
	asked []*asked
	has   map[string]bool            // ids that a search finds; without them there is no stream
	sifts []string                   // refreshes and searches
	look  func(n int) *http.Response // answers look-ups instead, unless it is nil or says nothing
}

// lookedUp answers refreshes and searches for ids.
func (f *fake) lookedUp(path string, body []byte) *http.Response {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sifts = append(f.sifts, path)
	if f.look != nil {
		if answer := f.look(len(f.sifts) - 1); answer != nil {
			return answer
		}
	}
	if f.has == nil {
		return respond(404, `{"error":{"type":"index_not_found_exception"}}`)
	}
	var hits []string
	for _, id := range gjson.GetBytes(body, "query.ids.values").Array() {
		if f.has[id.Str] {
			hits = append(hits, `{"_id":"`+id.Str+`"}`)
		}
	}
	return respond(200, `{"hits":{"hits":[`+strings.Join(hits, ",")+`]}}`)
}

// asked is one request as the fake got it.
type asked struct {
	n    int // how many came before
	req  *http.Request
	ids  []string
	body string
}

func (f *fake) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		req.Body = http.NoBody
	}
	body, err := io.ReadAll(req.Body)
	req.Body.Close()
	if path := req.URL.Path; strings.HasSuffix(path, "/_refresh") || strings.HasSuffix(path, "/_search") {
		return f.lookedUp(path, body), nil
	}
	if err != nil {
		return nil, err
	}
	a := &asked{req: req, body: plainText(req.Header, body)}
	for i, line := range strings.Split(a.body, "\n") {
		if i%2 == 0 && line != "" {
			a.ids = append(a.ids, gjson.Get(line, "create._id").Str)
		}
	}
	f.mu.Lock()
	a.n = len(f.asked)
	f.asked = append(f.asked, a)
	f.mu.Unlock()
	return f.answer(a)
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.asked)
}

func plainText(h http.Header, body []byte) string {
	if h.Get("Content-Encoding") != "gzip" {
		return string(body)
	}
	zip, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return err.Error()
	}
	plain, err := io.ReadAll(zip)
	if err != nil {
		return err.Error()
	}
	return string(plain)
}

// respond makes an answer as Elasticsearch gives it. Headers are pairs.
func respond(status int, body string, headers ...string) *http.Response {
	h := http.Header{"X-Elastic-Product": {"Elasticsearch"}}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// itemsOf makes the answer to a bulk request out of what is answered about each document.
func itemsOf(items ...string) *http.Response {
	failed := strings.Contains(strings.Join(items, ""), `"error"`)
	return respond(200, fmt.Sprintf(`{"took":3,"errors":%t,"items":[%s]}`, failed, strings.Join(items, ",")))
}

const itemCreated = itemMade

func itemFailed(status int, kind string) string {
	return fmt.Sprintf(`{"create":{"status":%d,"error":{"type":%q,"reason":"value [geheim] of [field]"}}}`, status, kind)
}

// created answers that all documents were created.
func created(a *asked) (*http.Response, error) {
	items := make([]string, len(a.ids))
	for i := range items {
		items[i] = itemCreated
	}
	return itemsOf(items...), nil
}

// newTestSender opens a sender to the fake and returns what it logs.
func newTestSender(t *testing.T, f *fake, s Settings) (*Sender, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	s.URLs = []string{"https://es.test:9200"}
	s.Log = slog.New(slog.NewTextHandler(log, nil))
	sender, err := open(s, f)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { sender.Close(t.Context()) })
	return sender, log
}

type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// testDocs makes n documents with the ids d0, d1 …
func testDocs(n int) []ecs.Doc {
	docs := make([]ecs.Doc, n)
	for i := range docs {
		docs[i] = ecs.Doc{
			Stream: "logs-okta.system-default",
			ID:     fmt.Sprintf("d%d", i),
			Body:   fmt.Appendf(nil, `{"@timestamp":"2026-09-01T00:00:00.000Z","n":%d}`, i),
		}
	}
	return docs
}
