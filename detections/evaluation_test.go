package detections

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const evaluation = "../docs/evaluation.md"

// TestEvaluation makes docs/evaluation.md from runs over real records, so that it says what is so.
func TestEvaluation(t *testing.T) {
	if _, err := os.Stat(realRecords); err != nil {
		t.Skip("no real records beside the repository")
	}
	var b bytes.Buffer
	b.WriteString("# What the detections make of real records\n\n<!-- Made from runs: go test ./detections -run TestEvaluation -update -->\n\n")
	b.WriteString("Public records that are not part of this repository; the tests that make this page skip where they are not.\nScores are those of the alert's last revision; folded and withdrawn alerts are left out.\n")
	evaluateTechniques(t, &b)
	evaluateDeployment(t, &b)
	evaluateVault(t, &b)
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(evaluation, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(evaluation)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s is not what the runs give: go test ./detections -run TestEvaluation -update writes it again; got:\n%s", evaluation, b.Bytes())
	}
}

// evaluateTechniques has a row for each technique: what it is found by, with and without its user agents.
func evaluateTechniques(t *testing.T, b *bytes.Buffer) {
	files, _ := filepath.Glob(realRecords + "stratus/logs/*.json")
	b.WriteString("\n## Attack techniques in AWS\n\nRecords of Stratus Red Team (DataDog, Apache 2.0), each technique replayed alone after nine quiet days of the same accounts: a few lists\n")
	b.WriteString("and look-ups a day. Wanted: an alert that covers what the technique does, at most one an actor. Last column: the same without any user agent.\n\n")
	b.WriteString("| technique | alerts | rows | score | records in evidence | blanked |\n| --- | --- | --- | --- | --- | --- |\n")
	found, blanked := 0, 0
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		records := readTrail(t, path)
		history := quietWeek(records)
		plain := loud(replayTrail(t, DefaultContext(), false, history, records))
		blank := loud(replayTrail(t, DefaultContext(), true, history, records))
		found, blanked = found+min(len(plain), 1), blanked+min(len(blank), 1)
		var rules, rows, scores, evidence []string
		for _, a := range plain {
			rules, rows = append(rules, "`"+a.Rule.ID+"`"), append(rows, strings.Join(a.Rule.Covers, " "))
			scores, evidence = append(scores, fmt.Sprint(a.Score)), append(evidence, fmt.Sprint(len(a.Evidence)))
		}
		same := "same alerts"
		if !slices.Equal(ruleIDs(plain), ruleIDs(blank)) {
			same = strings.Join(ruleIDs(blank), ", ")
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s of %d | %s |\n", name, strings.Join(rules, ", "), strings.Join(rows, ", "), strings.Join(scores, ", "), strings.Join(evidence, ", "), len(records), same)
	}
	fmt.Fprintf(b, "\n%d of %d techniques found, %d with all user agents blanked.\n", found, len(files), blanked)
}

func ruleIDs(alerts []*Alert) []string {
	var ids []string
	for _, a := range alerts {
		ids = append(ids, a.Rule.ID)
	}
	return ids
}

// deploymentRuns are the ways in which the labelled hour is replayed.
func deploymentRuns() []deploymentRun {
	declared := DefaultContext()
	declared.Identities = []Known{{ID: "bert-jan", Names: []string{"arn:aws:iam::123837392027:user/bert-jan"}, Owner: "platform@acme.example"}}
	declared.Windows = []Window{{
		Kind: "deployment", From: time.Date(2023, 7, 10, 11, 0, 0, 0, time.UTC), Until: time.Date(2023, 7, 10, 13, 0, 0, 0, time.UTC), Identities: []string{"bert-jan"},
	}}
	declared.Index()
	return []deploymentRun{
		{"nothing declared", DefaultContext(), false, 20}, {"nothing declared, no user agents", DefaultContext(), true, 20},
		{"window declared", declared, false, 10}, {"window declared, no user agents", declared, true, 10},
	}
}

type deploymentRun struct {
	name    string
	context *Context
	blank   bool
	limit   int // of records of the deployment in alerts
}

// evaluateDeployment tells how much of a deployment and of the attack within stands in alerts.
func evaluateDeployment(t *testing.T, b *bytes.Buffer) {
	records, labels := deploymentRecords(t), readLabels(t)
	of := map[string]int{}
	for _, class := range labels {
		of[class]++
	}
	deployed := of["deploy"] + of["terraform_other"]
	fmt.Fprintf(b, "\n## A deployment with an attack in it\n\nAn hour of one account (Invictus IR, MIT) in which one key runs Terraform and attacks: %d labelled records, %d of the deployment, %d of the\n", len(labels)-1, deployed, of["attack"])
	b.WriteString("attack. Wanted: at most 20 records of the deployment in the evidence of alerts, 10 when its window and identity are declared, and at least\n40 of the attack.\n\n")
	b.WriteString("| | records of the deployment | of the attack | others |\n| --- | --- | --- | --- |\n")
	var alerts []string
	for _, run := range deploymentRuns() {
		r := replayTrail(t, run.context, run.blank, records)
		counts, _ := weighDeployment(r, labels)
		fmt.Fprintf(b, "| %s | %d of %d | %d of %d | %d |\n", run.name, counts["deploy"]+counts["terraform_other"], deployed, counts["attack"], of["attack"], counts["other"])
		if !run.blank {
			alerts = append(alerts, deploymentAlerts(run.name, r, labels))
		}
	}
	b.WriteString(strings.Join(alerts, ""))
}

// deploymentAlerts is a table of the alerts of one run.
func deploymentAlerts(name string, r *Replay, labels map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nAlerts with %s:\n\n| time | alert | rows | score | attack | deployment | other |\n| --- | --- | --- | --- | --- | --- | --- |\n", name)
	for _, a := range loud(r) {
		of := map[string]int{}
		for _, e := range a.Evidence {
			of[labels[nativeIDs[e.ID]]]++
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %d | %d | %d | %d |\n", a.Anchor.Time.Format(time.TimeOnly), a.Rule.ID, strings.Join(a.Rule.Covers, " "), a.Score,
			of["attack"], of["deploy"]+of["terraform_other"], of["other"])
	}
	return b.String()
}

func deploymentRecords(t *testing.T) []trailRecord {
	t.Helper()
	files, _ := filepath.Glob(realRecords + "invictus/CloudTrail/*.json")
	var records []trailRecord
	for _, path := range files {
		records = append(records, readTrail(t, path)...)
	}
	return records
}

// evaluateVault tells what a real audit log gives.
func evaluateVault(t *testing.T, b *bytes.Buffer) {
	b.WriteString("\n## A server's audit log\n\n155 entries of an OpenBao server: set up by root, a person's quiet day, an AppRole that reads everything, a root token, an administrator's\n")
	b.WriteString("policy, the audit device off. Wanted: each loud moment an alert, the quiet ones none, root's set-up at most one of each kind.\n\n")
	b.WriteString("| alert | rows | score | records in evidence |\n| --- | --- | --- | --- |\n")
	for _, a := range loud(replayFiles(t, DefaultContext(), realRecords+"vault/audit.log")) {
		fmt.Fprintf(b, "| `%s` | %s | %d | %d |\n", a.Rule.ID, strings.Join(a.Rule.Covers, " "), a.Score, len(a.Evidence))
	}
}
