package store

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

var day0 = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)

func settings(dir string) Settings {
	return Settings{Dir: dir, MaxBytes: 8 << 20, Log: slog.New(slog.DiscardHandler)}
}

func open(t *testing.T, s Settings) *Store {
	t.Helper()
	st, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// take hands a record over, n seconds after the first, in bytes that are used again at once.
func take(s *Store, n int, text string) {
	ev := ecs.Event{Dataset: "okta.system", Time: day0.Add(time.Duration(n) * time.Second), Original: []byte(text)}
	s.TakeEvent(&ev)
	clear(ev.Original)
}

// alert is a revision's document.
func alert(id string, revision, score int, more string) ecs.Doc {
	return ecs.Doc{
		Stream: "logs-idwatch.alert-default", ID: fmt.Sprintf("%s-%d", id, revision),
		Body: fmt.Appendf(nil, `{"@timestamp":"2026-09-01T08:00:00.000Z","event":{"id":%q,"action":"rule_a","severity":73,"risk_score":%d},"idwatch":{"revision":%d,"identity":{"id":"mara"}%s}}`,
			id, score, revision, more),
	}
}

// plain makes a document of a record's text: its id is the text.
func plain(_ string, text []byte) (ecs.Doc, bool) { return ecs.Doc{ID: string(text)}, true }
