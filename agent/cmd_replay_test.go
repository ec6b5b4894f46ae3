package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReplaySummary(t *testing.T) {
	dir := t.TempDir()
	records := filepath.Join(dir, "records")
	write(t, records, []byte(oktaRecord(1)+"\nno JSON\n"+oktaRecord(2)))
	events := filepath.Join(dir, "events")
	status, stdout, stderr := idwatch(t, "", "replay", "--events", events, records)
	if status != done || stdout != "" {
		t.Errorf("got %d, %q", status, stdout)
	}
	if !strings.HasPrefix(stderr, "3 records, 2 events, 1 dead, 1 identities, 0 alerts, 0 signals, ") {
		t.Errorf("summary: got %q", stderr)
	}
	if got := strings.Join(kinds(t, read(t, events)), " "); got != "u001 pipeline_error u002" {
		t.Errorf("events: got %q", got)
	}
}

func TestReplayStrict(t *testing.T) {
	status, _, stderr := idwatch(t, oktaRecord(1)+"\nno JSON\n", "replay", "--strict", "-")
	if status != wrong || !strings.Contains(stderr, "0 alerts, and 1 records that could not be read") {
		t.Errorf("got %d, %q", status, stderr)
	}
}

func TestReplayIsMisused(t *testing.T) {
	dir := t.TempDir()
	records := filepath.Join(dir, "records")
	write(t, records, []byte(oktaRecord(1)))
	config := filepath.Join(dir, "config.yaml")
	write(t, config, []byte("rules: /none\n"))
	house := filepath.Join(dir, "context.yaml")
	write(t, house, []byte("learning: {}\nalert_treshold: 1\n"))
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no file", nil, "name the files"},
		{"a file that is not there", []string{"/none"}, "/none: no such file"},
		{"rules", []string{"--rules", "/none", records}, "read rules: stat /none: no such file"},
		{"rules of the configuration", []string{"--config", config, records}, "config.yaml:1: rules: there is no such"},
		{"input as output", []string{"--alerts", records, records}, "is one of the files to read"},
		{"output that cannot be", []string{"--alerts", "/none/alerts", records}, "/none/alerts"},
		{"bad context", []string{"--context", house, records}, house + ":2: alert_treshold: unknown key (did you mean alert_threshold?)"},
		{"no context", []string{"--context", "/none", records}, "/none: no such file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, stdout, stderr := idwatch(t, "", append([]string{"replay"}, c.args...)...)
			if status != misused || stdout != "" || !strings.Contains(stderr, c.want) {
				t.Errorf("got %d, %q, %q, want %q in it", status, stdout, stderr, c.want)
			}
		})
	}
	if got := read(t, records); got != oktaRecord(1) {
		t.Errorf("the records were changed: %q", got)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
