package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/agent/status"
)

// statusOf asks for the status as JSON.
func (l *living) statusOf() (int, gjson.Result) {
	l.t.Helper()
	code, stdout, stderr := l.ask("status", "--json")
	if !gjson.Valid(stdout) {
		l.t.Fatalf("got %q, %s", stdout, stderr)
	}
	return code, gjson.Parse(stdout)
}

func checkBalance(t *testing.T, s gjson.Result, want status.Records) {
	t.Helper()
	var got status.Records
	if err := json.Unmarshal([]byte(s.Get("records").Raw), &got); err != nil {
		t.Fatal(err)
	}
	if got != want || got.In != got.Sum() {
		t.Errorf("records: got %+v, want %+v", got, want)
	}
}

// The running process is asked, then one that was killed is judged by what it wrote, then one that has ended.
func TestStatusOfProcesses(t *testing.T) {
	l := live(t)
	l.add(oktaRecord(1), oktaRecord(2), "not JSON")
	l.until("three records", func() bool {
		_, s := l.statusOf()
		return s.Get("records.delivered").Int() == 2 && s.Get("records.dead").Int() == 1
	})
	code, s := l.statusOf()
	if code != done || !s.Get("healthy").Bool() || !s.Get("running").Bool() || s.Get("pid").Int() != int64(l.cmd.Process.Pid) {
		t.Errorf("got %d, %s", code, s)
	}
	want := status.Records{In: 3, Delivered: 2, Dead: 1}
	checkBalance(t, s, want)
	if got := s.Get(`sources.#(dataset=="okta.system").records`).Int(); got != 2 {
		t.Errorf("records of okta.system: got %d, want 2", got)
	}
	if in := s.Get("inputs.0"); in.Get("state").Str != "running" || in.Get("records").Int() != 3 || !strings.HasSuffix(in.Get("name").Str, "/in.ndjson") {
		t.Errorf("input: got %s", in)
	}
	text := l.must("status")
	for _, part := range []string{"healthy: pid", "in 3 = delivered 2 + duplicate 0 + dead 1", "okta.system", "warning  dead_letters", "counted       since "} {
		if !strings.Contains(text, part) {
			t.Errorf("text: no %q in\n%s", part, text)
		}
	}

	l.kill()
	code, s = l.statusOf()
	if code != wrong || s.Get("healthy").Bool() || s.Get("running").Bool() || s.Get("problems.#(id==not_running).text").Str == "" {
		t.Errorf("killed: got %d, %s", code, s)
	}
	l.start()
	l.stop()
	code, s = l.statusOf()
	if code != wrong || s.Get("running").Bool() {
		t.Errorf("ended: got %d, %s", code, s)
	}
	info, err := os.Stat(filepath.Join(l.dir, "data", status.FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("status file: got %v, %v, want mode 0600", info.Mode(), err)
	}
}

func TestStatusWithoutADirectory(t *testing.T) {
	dir := t.TempDir()
	if code, _, stderr := idwatch(t, "", "status", "--data-dir", dir); code != wrong || !strings.Contains(stderr, "no running process answers") {
		t.Errorf("empty directory: got %d, %q", code, stderr)
	}
	if code, _, stderr := idwatch(t, "", "status", "--data-dir", dir+"/none"); code != wrong || !strings.Contains(stderr, "no such file") {
		t.Errorf("no directory: got %d, %q", code, stderr)
	}
	if code, _, _ := idwatch(t, "", "status", "--config", dir+"/none.yaml"); code != misused {
		t.Errorf("no configuration: got %d", code)
	}
}

func TestReloadAndIdentityOfTheRunningProcess(t *testing.T) {
	context := filepath.Join(t.TempDir(), "context.yaml")
	write(t, context, []byte("identities: [{id: alice, kind: human, names: [alice@acme.example], owner: boss@acme.example}]\n"))
	l := live(t, "context: "+context)
	l.must("reload")
	write(t, context, []byte("identities: [{id: alice, kynd: human}]\n"))
	if code, _, stderr := l.ask("reload"); code != wrong || !strings.Contains(stderr, "context.yaml:1: identities[0].kynd: unknown key") {
		t.Errorf("bad context: got %d, %q", code, stderr)
	}
	l.add(`{"uuid":"u1","published":"2026-03-01T10:00:00.000Z","eventType":"user.session.start","outcome":{"result":"SUCCESS"},` +
		`"actor":{"id":"00u1","type":"User","alternateId":"Alice@acme.example"},"client":{"ipAddress":"192.0.2.1"}}`)
	l.until("alice to be known", func() bool { code, _, _ := l.ask("identity", "alice@acme.example"); return code == done })
	s := gjson.Parse(l.must("identity", "alice@acme.example", "--json"))
	if s.Get("owner").Str != "boss@acme.example" || s.Get("acts").Int() != 1 || s.Get("kind").Str != "human" {
		t.Errorf("identity: got %s", s)
	}
	if code, _, stderr := l.ask("identity", "bob"); code != wrong || !strings.Contains(stderr, "nobody of that name is known") {
		t.Errorf("unknown name: got %d, %q", code, stderr)
	}
	l.kill()
	if code, _, stderr := l.ask("reload"); code != wrong || !strings.Contains(stderr, "no running process") {
		t.Errorf("reload without a process: got %d, %q", code, stderr)
	}
}
