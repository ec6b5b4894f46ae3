package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/idwatch/idwatch/agent/service"
)

// letters lists the dead letters by reason.
func (l *living) letters() map[string]service.Letter {
	l.t.Helper()
	found := map[string]service.Letter{}
	for line := range strings.Lines(l.must("deadletter", "list", "--json")) {
		var one service.Letter
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			l.t.Fatal(err)
		}
		found[string(one.Raw)] = one
	}
	return found
}

func TestDeadLettersOfTheRunningProcess(t *testing.T) {
	l := live(t)
	hostile := "no \x1b[31mJSON\x07 \xff"
	l.add(hostile, "not JSON either")
	l.until("two dead letters", func() bool { return len(l.letters()) == 2 })
	one := l.letters()[hostile]
	if one.Bytes != len(hostile) || one.Source == "" && one.Reason == "" {
		t.Errorf("letter: got %+v", one)
	}
	text := l.must("deadletter", "list")
	if strings.ContainsAny(text, "\x1b\x07") || !strings.Contains(text, one.ID[:12]) || strings.Count(text, "\n") != 3 {
		t.Errorf("list: got %q", text)
	}
	if got := l.must("deadletter", "show", "--raw", one.ID[:12]); got != hostile {
		t.Errorf("raw: got %q, want %q", got, hostile)
	}
	if got := l.must("deadletter", "show", one.ID); strings.ContainsAny(got, "\x1b\x07") || !strings.Contains(got, one.ID) {
		t.Errorf("show: got %q", got)
	}
	if code, _, stderr := l.ask("deadletter", "show", "nobody"); code != wrong || !strings.Contains(stderr, "no dead letter of this id") {
		t.Errorf("unknown id: got %d, %q", code, stderr)
	}
	code, stdout, _ := l.ask("deadletter", "retry", "--all")
	if code != wrong || strings.Count(stdout, "stays: is still not readable") != 2 || len(l.letters()) != 2 {
		t.Errorf("retry of what cannot be read: got %d, %q, %d letters", code, stdout, len(l.letters()))
	}
	l.must("deadletter", "remove", one.ID)
	if left := l.letters(); len(left) != 1 || left[hostile].ID != "" {
		t.Errorf("after one was removed: got %v", left)
	}
	if code, _, _ := l.ask("deadletter", "retry"); code != misused {
		t.Errorf("retry of nothing: got %d, want %d", code, misused)
	}
}

// The same commands on a directory that no process has.
func TestDeadLettersWithoutAProcess(t *testing.T) {
	l := live(t)
	l.add("not JSON")
	l.until("a dead letter", func() bool { return len(l.letters()) == 1 })
	l.kill()
	one := l.letters()["not JSON"]
	if got := l.must("deadletter", "show", "--raw", one.ID); got != "not JSON" {
		t.Errorf("raw: got %q", got)
	}
	if got := l.must("deadletter", "retry", one.ID); !strings.Contains(got, "at the next start") {
		t.Errorf("retry: got %q", got)
	}
	l.start()
	l.until("the noted letter to be retried", func() bool { return strings.Contains(l.talk.String(), `msg="dead letters retried" done=0 kept=1`) })
	if acts := l.audited("deadletter-retry"); acts.Get("idwatch.audit.letters.0").Str != one.ID || acts.Get("user.id").Str != strconv.Itoa(os.Getuid()) {
		t.Errorf("audit: got %s, want who asked while nothing ran", acts)
	}
	if left, _ := filepath.Glob(l.dir + "/data/retry/*"); len(left) != 0 || len(l.letters()) != 1 {
		t.Errorf("got %d notes and %d letters, want none and one", len(left), len(l.letters()))
	}
}

// picky is a cluster that refuses a document until it is told not to.
type picky struct {
	refuses atomic.Bool
	taken   atomic.Int64
}

// ServeHTTP implements http.Handler.
func (p *picky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path != "/_bulk" {
		fmt.Fprint(w, `{"version":{"number":"8.17.0"}}`)
		return
	}
	body, err := gzip.NewReader(r.Body)
	if err != nil {
		return
	}
	text, _ := io.ReadAll(body)
	var items []string
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	for i := 0; i+1 < len(lines); i += 2 {
		if p.refuses.Load() && bytes.Contains(lines[i], []byte("logs-okta.system-")) {
			items = append(items, `{"create":{"status":400,"error":{"type":"document_parsing_exception"}}}`)
			continue
		}
		if bytes.Contains(lines[i], []byte("logs-okta.system-")) {
			p.taken.Add(1)
		}
		items = append(items, `{"create":{"status":201}}`)
	}
	fmt.Fprintf(w, `{"took":1,"errors":%v,"items":[%s]}`, p.refuses.Load(), strings.Join(items, ","))
}

// A document that was refused goes out after the mapping was mended.
func TestRefusedDocumentIsSentAgain(t *testing.T) {
	es := &picky{}
	es.refuses.Store(true)
	server := httptest.NewServer(es)
	defer server.Close()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("aWQ6a2V5"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := live(t, "outputs: {elasticsearch: {url: '"+server.URL+"', api_key_file: "+key+"}}")
	l.add(oktaRecord(1))
	l.until("a refused document", func() bool { return len(l.letters()) == 1 })
	if code, stdout, _ := l.ask("deadletter", "retry", "--all"); code != wrong || !strings.Contains(stdout, "is still refused: document_parsing_exception") {
		t.Errorf("retry before the mapping was mended: got %d, %q", code, stdout)
	}
	es.refuses.Store(false)
	if got := l.must("deadletter", "retry", "--all"); !strings.Contains(got, "retried") {
		t.Errorf("retry: got %q", got)
	}
	if es.taken.Load() != 1 || len(l.letters()) != 0 {
		t.Errorf("got %d documents and %d letters, want one and none", es.taken.Load(), len(l.letters()))
	}
}

// A record that was read as another source's comes to life when it is retried.
func TestRecordOfAnotherSourceIsReadAgain(t *testing.T) {
	l := live(t)
	l.stop()
	write(t, l.config, []byte("data_dir: "+l.dir+"/data\ninputs: [{type: file, path: "+l.dir+"/in.ndjson, source: vault}]\nconsole: {listen: 'off'}\n"))
	l.start()
	l.add(oktaRecord(1))
	l.until("a dead letter", func() bool { return len(l.letters()) == 1 })
	l.must("deadletter", "retry", "--all")
	l.until("the record to be delivered", func() bool {
		_, s := l.statusOf()
		return s.Get("records.delivered").Int() == 1 && s.Get("dead_letters.entries").Int() == 0
	})
	docs, err := os.ReadFile(l.dir + "/data/out/logs-okta.system-default.ndjson")
	if err != nil || !bytes.Contains(docs, []byte(`"u001"`)) {
		t.Errorf("got %q, %v, want the record", docs, err)
	}
}
