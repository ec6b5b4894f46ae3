package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

const scenarioWithRules = "../testdata/sigma/scenarios/key-by-script"

func TestRulesCheck(t *testing.T) {
	status, stdout, stderr := idwatch(t, "", "rules", "check", "--list", scenarioWithRules+"/rules")
	if status != done || !strings.Contains(stdout, "Sign-in refused (but not: Not the scanner)") || stderr != "2 rules and 0 correlations in force, 0 refused\n" {
		t.Errorf("got %d, %q, %q", status, stdout, stderr)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "one.yml"), []byte("title: Good\nlogsource: {product: okta}\ndetection: {s: {eventTipe: x}, condition: s}\n---\n"+
		"title: Bad\nlogsource: {product: okta}\ndetection:\n  s: {eventType|odd: x}\n  condition: s\n"))
	status, stdout, stderr = idwatch(t, "", "rules", "check", dir)
	file := filepath.Join(dir, "one.yml")
	want := file + ":3: Good: warning: no record of okta.system has a field eventTipe\n" + file + ":8: Bad: eventType|odd: modifier odd is not supported\n"
	if status != wrong || stdout != want || !strings.Contains(stderr, "1 rules and 0 correlations in force, 1 refused") {
		t.Errorf("got %d, %q, %q, want %q", status, stdout, stderr, want)
	}
	if status, _, stderr := idwatch(t, "", "rules", "check", "/none"); status != misused || !strings.Contains(stderr, "/none") {
		t.Errorf("got %d, %q", status, stderr)
	}
}

func TestReplayWithRules(t *testing.T) {
	status, stdout, stderr := idwatch(t, "", "replay", "--rules", scenarioWithRules+"/rules", scenarioWithRules+"/events.ndjson")
	if status != done || strings.Count(stdout, "\n") != 2 {
		t.Fatalf("got %d, %q, %q, want two alerts", status, stdout, stderr)
	}
	var alert struct {
		Rule struct {
			ID, License, Ruleset string
			Author, Reference    []string
		}
		Event  struct{ Severity int }
		Threat struct {
			Technique struct {
				ID           []string
				Subtechnique struct{ ID []string }
			}
			Tactic struct{ Name []string }
		}
	}
	first, _, _ := strings.Cut(stdout, "\n")
	if err := json.Unmarshal([]byte(first), &alert); err != nil {
		t.Fatal(err)
	}
	r := alert.Rule
	if r.ID != "8f5b1a60-6a2f-4a43-9d0e-0f6f3d6a7c11" || r.Author[0] != "Acme Detection Team" || r.License != "DRL-1.1" || r.Ruleset != "sigma" || len(r.Reference) != 2 {
		t.Errorf("rule: got %+v", r)
	}
	if th := alert.Threat; th.Technique.ID[0] != "T1098" || th.Technique.Subtechnique.ID[0] != "T1098.001" || th.Tactic.Name[0] != "Persistence" || alert.Event.Severity != 73 {
		t.Errorf("threat: got %+v", alert)
	}
}

func TestRulesBench(t *testing.T) {
	status, stdout, stderr := idwatch(t, "", "rules", "bench", scenarioWithRules+"/rules", scenarioWithRules+"/events.ndjson")
	if status != done || !strings.HasPrefix(stdout, "2 rules over 6 records: ") || !strings.Contains(stdout, " 3 hits\n") && !strings.Contains(stdout, " 2 hits\n") {
		t.Errorf("got %d, %q, %q", status, stdout, stderr)
	}
	if !strings.Contains(stdout, "Access key made by a script") {
		t.Errorf("got %q, want each rule", stdout)
	}
}

func TestRulesDiff(t *testing.T) {
	dir := t.TempDir()
	events := scenarioWithRules + "/events.ndjson"
	write(t, filepath.Join(dir, "keys.yml"), []byte("title: Any key\nid: 8f5b1a60-6a2f-4a43-9d0e-0f6f3d6a7c11\nlogsource: {product: aws}\n"+
		"detection: {s: {eventName: CreateAccessKey}, condition: s}\nlevel: critical\n"))
	status, stdout, stderr := idwatch(t, "", "rules", "diff", scenarioWithRules+"/rules", dir, events)
	if status != done || !strings.HasSuffix(stderr, "2 alerts gained, 1 lost, 1 changed\n") {
		t.Fatalf("got %d, %q, %q", status, stdout, stderr)
	}
	lines := strings.Split(stdout, "\n")
	if want := "~ 2026-09-15T09:01:00Z 85 (was 65) 8f5b1a60-6a2f-4a43-9d0e-0f6f3d6a7c11"; !strings.HasPrefix(lines[0], want) {
		t.Errorf("got %q, want it to begin with %q", lines[0], want)
	}
	if status, stdout, _ := idwatch(t, "", "rules", "diff", "--json", dir, dir, events); status != done || stdout != "" {
		t.Errorf("the same twice: got %d, %q", status, stdout)
	}
}
