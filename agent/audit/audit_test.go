package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// sink takes documents, unless it is away.
type sink struct {
	mu   sync.Mutex
	away bool
	ids  []string
}

func (s *sink) send(_ context.Context, docs []ecs.Doc) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return errors.New("away")
	}
	for _, d := range docs {
		s.ids = append(s.ids, d.ID)
	}
	return nil
}

// run has a log send until the returned function ends it.
func run(t *testing.T, dir string, to *sink) (*Log, func()) {
	t.Helper()
	l, err := Open(Settings{Dir: dir, Namespace: "ns", Send: to.send, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); l.Run(ctx) }()
	return l, func() { stop(); <-ended; l.Close() }
}

func note(t *testing.T, l *Log, reason string) string {
	t.Helper()
	id, err := l.Note(Entry{Action: RulesReload, Who: Who{"7", "joe"}, Reason: reason})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What is noted while the output is away goes out once, later, also by the next process.
func TestEachActGoesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, to := t.TempDir(), &sink{away: true}
		l, end := run(t, dir, to)
		want := []string{note(t, l, "one"), note(t, l, "two")}
		synctest.Wait()
		end()
		to.away = false
		l, end = run(t, dir, to)
		want = append(want, note(t, l, "three"))
		synctest.Wait()
		end()
		if !reflect.DeepEqual(to.ids, want) {
			t.Errorf("got %q, want %q", to.ids, want)
		}
		_, end = run(t, dir, to)
		synctest.Wait()
		end()
		if len(to.ids) != 3 {
			t.Errorf("a later process sent again: got %q", to.ids)
		}
	})
}

func TestTheOutputComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &sink{away: true}
		l, end := run(t, t.TempDir(), to)
		note(t, l, "one")
		synctest.Wait()
		to.mu.Lock()
		to.away = false
		to.mu.Unlock()
		time.Sleep(retry + time.Second)
		synctest.Wait()
		end()
		if len(to.ids) != 1 {
			t.Errorf("got %q, want one document", to.ids)
		}
	})
}

// A line that a crash left unfinished is cut off, and a damaged one keeps no other.
func TestDamage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, to := t.TempDir(), &sink{}
		path := filepath.Join(dir, logName)
		text := `{"stream":"logs-idwatch.audit-ns","id":"a","body":{}}` + "\n" + "rubbish\n" + `{"stream":"s","id":"b","body":{}}` + "\n" + `{"stream":"unfin`
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, sentName), []byte("999999"), 0o600); err != nil {
			t.Fatal(err)
		}
		l, end := run(t, dir, to)
		id := note(t, l, "c")
		synctest.Wait()
		end()
		if want := []string{"a", "b", id}; !reflect.DeepEqual(to.ids, want) {
			t.Errorf("got %q, want %q", to.ids, want)
		}
		after, err := os.ReadFile(path)
		if err != nil || bytes.Contains(after, []byte("unfin")) || bytes.Count(after, []byte("\n")) != 4 {
			t.Errorf("file: got %q, %v", after, err)
		}
	})
}

func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, to := t.TempDir(), &sink{}
		l, end := run(t, dir, to)
		big := strings.Repeat("x", 1<<20)
		for i := range 40 {
			if err := l.Put(ecs.Doc{Stream: "s", ID: fmt.Sprint(i), Body: []byte(`{"a":"` + big + `"}`)}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		end()
		files, _ := filepath.Glob(filepath.Join(dir, logName+"*"))
		if len(to.ids) != 40 || len(files) != 3 {
			t.Errorf("got %d documents sent and %d files, want 40 and 3", len(to.ids), len(files))
		}
		if err := l.Put(ecs.Doc{ID: "late"}); err == nil {
			t.Error("a closed log took a document")
		}
	})
}

func TestDocument(t *testing.T) {
	e := Entry{
		Time: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC), Action: WindowOpen, Who: Who{"1000", "joe"}, Path: "/etc/x", Hash: "abc", Reason: "a window",
		Changes: []Change{{Kind: "rules", Added: []string{"a.yml"}}}, Window: &Window{ID: "w", Kind: "deployment", Identities: []string{"i"}},
	}
	doc := e.document("ns")
	var got map[string]any
	if err := json.Unmarshal(doc.Body, &got); err != nil {
		t.Fatalf("%v in %s", err, doc.Body)
	}
	for path, want := range map[string]any{
		"event.kind": "event", "event.action": "window-open", "event.outcome": "success", "event.dataset": Dataset, "user.name": "joe", "user.id": "1000",
		"file.hash.sha256": "abc", "data_stream.namespace": "ns", "idwatch.audit.window.kind": "deployment", "@timestamp": "2026-09-01T08:00:00.000Z",
	} {
		var at any = got
		for _, key := range strings.Split(path, ".") {
			m, _ := at.(map[string]any)
			at = m[key]
		}
		if at != want {
			t.Errorf("%s: got %v, want %v", path, at, want)
		}
	}
	if doc.Stream != "logs-idwatch.audit-ns" || doc.ID == e.document("ns").ID {
		t.Errorf("got stream %s and id %s, want another id each time", doc.Stream, doc.ID)
	}
}

func TestDiff(t *testing.T) {
	before := Things{"a": {"same": "1", "other": "1", "gone": "1"}, "old": {"x": "1"}}
	after := Things{"a": {"same": "1", "other": "2", "new": "1"}, "b": {"y": "1"}}
	want := []Change{
		{Kind: "a", Added: []string{"new"}, Removed: []string{"gone"}, Changed: []string{"other"}},
		{Kind: "b", Added: []string{"y"}}, {Kind: "old", Removed: []string{"x"}},
	}
	if got := Diff(before, after); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := Diff(after, after); got != nil || Summary(got) != "nothing has changed" {
		t.Errorf("same: got %+v", got)
	}
}
