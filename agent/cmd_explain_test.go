package main

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/agent/store"
	"github.com/idwatch/idwatch/parsers/ecs"
)

const alertLine = `{"@timestamp":"2026-09-01T08:00:00Z","event":{"id":"ABC123","kind":"alert","reason":"alice\u001b[31m did it","risk_score":60},` +
	`"rule":{"id":"any_x","name":"X","description":"What X is."},"idwatch":{"covers":["XS1"],"revision":0,"identity":{"id":"alice","kind":"human","unowned":true},` +
	`"score":{"parts":[{"name":"any_x","points":75,"reason":"X"},{"name":"blocked","points":-15,"reason":"the act was refused"}]},` +
	`"evidence":[{"id":"D1","index":"logs-okta.system-default","timestamp":"2026-09-01T08:00:00Z","summary":"alice: login"}],` +
	`"gaps":["okta.system: silent"],"counterfactual":"without it"}}` + "\n"

func TestExplain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "alerts")
	second := strings.Replace(strings.Replace(alertLine, `"revision":0`, `"revision":1,"withdrawn":true`, 1), `"risk_score":60`, `"risk_score":61`, 1)
	write(t, file, []byte(second+alertLine+strings.Replace(alertLine, "ABC123", "ABD123", 1)+`{"id":"ABC123"}`+"\nnot JSON, ABC123\n"))
	status, stdout, stderr := idwatch(t, "", "explain", "abc", file)
	if status != done || stderr != "" {
		t.Fatalf("got %d, %q", status, stderr)
	}
	for _, want := range []string{
		"alice?[31m did it\n", "an alert, revision 1, withdrawn", "nobody is named", "alice: login  logs-okta.system-default/D1",
		"+75", "-15", "= 61", "okta.system: silent", "without it",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("got %s\nwant %q in it", stdout, want)
		}
	}
	for id, want := range map[string]string{"AB": "more than one alert's id begins so", "ZZ": "there is no alert of that id"} {
		if status, _, stderr := idwatch(t, "", "explain", id, file); status != wrong || !strings.Contains(stderr, want) {
			t.Errorf("%s: got %d, %q, want %q", id, status, stderr, want)
		}
	}
	if status, _, stderr := idwatch(t, "", "explain"); status != misused || !strings.Contains(stderr, "name an alert") {
		t.Errorf("without an alert: got %d, %q", status, stderr)
	}
}

func TestExplainFromTheStore(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "idwatch.yaml")
	write(t, config, []byte("data_dir: "+dir+"\n"))
	if status, _, stderr := idwatch(t, "", "explain", "--config", config, "ABC"); status != misused || !strings.Contains(stderr, "name the configuration, or files") {
		t.Errorf("without a store: got %d, %q", status, stderr)
	}
	s, err := store.Open(store.Settings{Dir: filepath.Join(dir, "store"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s.TakeLetters([]ecs.Doc{{Stream: "logs-idwatch.alert-default", ID: "ABC123-0", Body: []byte(alertLine)}})
	s.Flush()
	if _, err := s.Annotate(t.Context(), store.Note{Alert: "ABC123", Author: "ana", Kind: store.NoteAck, Text: "mine\x1b[31m"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := idwatch(t, "", "explain", "--config", config, "abc")
	if status != done || !strings.Contains(stdout, "alice?[31m did it\n") || !strings.Contains(stdout, "ana: acknowledge mine?[31m\n") {
		t.Errorf("got %d, %q, %q, want the alert and the note on it", status, stdout, stderr)
	}
	if status, _, stderr := idwatch(t, "", "explain", "--config", config, "zz"); status != wrong || !strings.Contains(stderr, "there is no alert of that id") {
		t.Errorf("another alert: got %d, %q", status, stderr)
	}
}
