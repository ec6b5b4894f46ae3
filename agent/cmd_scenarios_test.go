package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// scenarioDir makes a scenario of the smallest Okta record and what is expected of it.
func scenarioDir(t *testing.T, parent, name, expect string) string {
	t.Helper()
	dir := filepath.Join(parent, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "events.ndjson"), []byte(oktaRecord(1)+"\n"+oktaRecord(2)+"\n"))
	write(t, filepath.Join(dir, "expect.yaml"), []byte(expect))
	return dir
}

func TestScenariosAreChecked(t *testing.T) {
	all := t.TempDir()
	quiet := scenarioDir(t, all, "a-quiet", "name: Two sign-ins\nmax_alerts: 0\n")
	status, stdout, stderr := idwatch(t, "", "test", "--runs", "2", all)
	if want := "ok   " + quiet + ": Two sign-ins (0 alerts, 7 runs)\n"; status != done || stdout != want || stderr != "" {
		t.Errorf("got %d, %q, %q, want %q", status, stdout, stderr, want)
	}
	loud := scenarioDir(t, all, "b-loud", "name: Nothing there\nalerts:\n- {covers: XS19, identity: a@acme.example, min_score: 70}\n")
	status, stdout, stderr = idwatch(t, "", "test", "--runs", "1", all, loud)
	want := "FAIL " + loud + ": Nothing there (0 alerts, 6 runs)\n" +
		"     want an alert that covers XS19 about a@acme.example with 70 points or more\n      got nothing\n"
	if status != wrong || !strings.HasSuffix(stdout, want) || strings.Count(stdout, "\n") != 4 {
		t.Errorf("got %d, %q, want it to end with %q", status, stdout, want)
	}
	if stderr != "idwatch: 1 of 2 scenarios failed\n" {
		t.Errorf("stderr: got %q", stderr)
	}
}

func TestBadScenarios(t *testing.T) {
	for _, c := range []struct{ name, expect, want string }{
		{"unknown key", "name: a\nmax_alert: 0\n", `expect.yaml: [2:1] unknown field "max_alert"`},
		{"no name", "max_alerts: 0\n", "expect.yaml: name: is missing"},
		{"nothing", "name: a\n", "expect.yaml: expects nothing"},
		{"unknown row", "name: a\nnone: [ZZ1]\n", "none[0]: ZZ1 is neither a row of the catalogue nor a rule"},
		{"unknown covers", "name: a\nalerts: [{covers: XS99}]\n", "alerts[0].covers: XS99 is no row of the catalogue"},
		{"unknown rule", "name: a\nalerts: [{rule: no_such}]\n", "alerts[0].rule: there is no rule no_such"},
		{"two ways", "name: a\nalerts: [{rule: a, covers: AU1}]\n", "alerts[0]: want one of covers and rule"},
		{"score", "name: a\nalerts: [{covers: AU1, min_score: 101}]\n", "alerts[0].min_score: want 0 to 100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := scenarioDir(t, t.TempDir(), "s", c.expect)
			status, stdout, _ := idwatch(t, "", "test", dir)
			if status != wrong || !strings.HasPrefix(stdout, "FAIL "+dir+"\n") || !strings.Contains(stdout, c.want) {
				t.Errorf("got %d, %q, want %q in it", status, stdout, c.want)
			}
		})
	}
	dir := scenarioDir(t, t.TempDir(), "s", "name: a\nmax_alerts: 0\n")
	write(t, filepath.Join(dir, "context.yaml"), []byte("windows: [{}]"))
	if status, stdout, _ := idwatch(t, "", "test", dir); status != wrong || !strings.Contains(stdout, "context.yaml:1: windows[0].kind: is missing") {
		t.Errorf("bad context: got %d, %q", status, stdout)
	}
	write(t, filepath.Join(dir, "context.yaml"), nil)
	write(t, filepath.Join(dir, "events.ndjson"), nil)
	if status, stdout, _ := idwatch(t, "", "test", dir); status != wrong || !strings.Contains(stdout, "there are no records in it") {
		t.Errorf("no records: got %d, %q", status, stdout)
	}
}

func TestTestIsMisused(t *testing.T) {
	for args, want := range map[string]string{
		"":                  "name folders of scenarios",
		"/none":             "no such file",
		t.TempDir():         "no expect.yaml in",
		"--runs 0 testdata": "--runs: want 1 or more",
	} {
		status, _, stderr := idwatch(t, "", append([]string{"test"}, strings.Fields(args)...)...)
		if status != misused || !strings.Contains(stderr, want) {
			t.Errorf("%q: got %d, %q, want %q in it", args, status, stderr, want)
		}
	}
}
