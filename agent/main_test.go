package main

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/parsers"
)

// idwatch runs the program on a standard input.
func idwatch(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, talk bytes.Buffer
	status = run(args, strings.NewReader(stdin), &out, &talk)
	return status, out.String(), talk.String()
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		name, args string
		status     int
		stdout     string // a part of it
		stderr     string
	}{
		{"no command", "", misused, "", "name a command"},
		{"unknown command", "prase", misused, "", `unknown command "prase"`},
		{"unknown flag", "parse --geo", misused, "", "See 'idwatch parse --help'."},
		{"help", "--help", done, "Available Commands", ""},
		{"help on a command", "parse --help", done, "--preserve-original", ""},
		{"help as a command", "help version", done, "Go version", ""},
		{"argument too many", "version please", misused, "", "unknown command"},
		{"unknown source", "parse --source otka", misused, "", "unknown source"},
		{"file that is not there", "parse /none.ndjson", misused, "", "/none.ndjson: no such file or directory"},
		{"directory", "parse .", misused, "", "read .: is a directory"},
		{"database that is not there", "parse --geoip-city /none.mmdb", misused, "", "/none.mmdb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, stdout, stderr := idwatch(t, "", strings.Fields(c.args)...)
			if status != c.status {
				t.Errorf("status: got %d, want %d", status, c.status)
			}
			if !strings.Contains(stdout, c.stdout) || c.stdout == "" && stdout != "" {
				t.Errorf("stdout: got %q, want %q in it", stdout, c.stdout)
			}
			if !strings.Contains(stderr, c.stderr) || c.stderr == "" && stderr != "" {
				t.Errorf("stderr: got %q, want %q in it", stderr, c.stderr)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	status, stdout, _ := idwatch(t, "", "version")
	lines := strings.Split(stdout, "\n")
	if status != done || len(lines) != 4 || !strings.HasPrefix(lines[0], "idwatch ") ||
		!strings.HasPrefix(lines[1], "commit ") || lines[2] != runtime.Version() {
		t.Errorf("got %d, %q", status, stdout)
	}
}

// The configuration names the sources itself, because packages at the edge know no parsers.
func TestConfigurationKnowsEverySource(t *testing.T) {
	want := parsers.SourceNames()
	slices.Sort(want)
	for _, k := range config.Keys() {
		if k.Path != "source" && !strings.HasSuffix(k.Path, "].source") {
			continue
		}
		got := strings.Split(k.Type, " | ")
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", k.Path, got, want)
		}
	}
}
