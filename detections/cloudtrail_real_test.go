package detections

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

const realRecords = "../../shared/real/"

// trailRecord is a CloudTrail record as a test changes it.
type trailRecord = map[string]any

func readTrail(t *testing.T, path string) []trailRecord {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []trailRecord
	if strings.HasPrefix(strings.TrimSpace(string(text)), "[") {
		err = json.Unmarshal(text, &list)
	} else {
		var file struct{ Records []trailRecord }
		err = json.Unmarshal(text, &file)
		list = file.Records
	}
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// replayTrail runs records through parser and engine. Blank takes the user agent out of all of them.
func replayTrail(t *testing.T, context *Context, blank bool, lists ...[]trailRecord) *Replay {
	t.Helper()
	p, err := parsers.New(parsers.Options{Source: "cloudtrail"})
	if err != nil {
		t.Fatal(err)
	}
	r := NewReplay(context, nil)
	for _, record := range slices.Concat(lists...) {
		if blank {
			record = maps.Clone(record)
			delete(record, "userAgent")
		}
		text, _ := json.Marshal(record)
		p.Parse(text, trailFeeder{r})
	}
	r.Run()
	if broken := r.Broken(); len(broken) > 0 {
		t.Errorf("detections panicked: %v", broken)
	}
	return r
}

// trailFeeder hands a replay what a parser finds and keeps the vendor's id of each document.
type trailFeeder struct{ replay *Replay }

func (f trailFeeder) TakeEvent(ev *ecs.Event) {
	nativeIDs[string(ev.AppendID(nil))] = strings.Clone(ev.ID)
	f.replay.Add(ev)
}
func (f trailFeeder) TakeDead(*parsers.Dead) {}

// nativeIDs gives document ids their eventID.
var nativeIDs = map[string]string{}

// loud lists what counts: alerts that stand in no bigger one.
func loud(r *Replay) []*Alert {
	return slices.DeleteFunc(r.Alerts(), func(a *Alert) bool { return a.Signal || a.Folded != "" })
}

// quietWeek makes nine ordinary days of those who act in the records: a few lists and look-ups a day.
func quietWeek(records []trailRecord) (history []trailRecord) {
	first := time.Now()
	seen := map[string]trailRecord{}
	for _, r := range records {
		at, _ := time.Parse(time.RFC3339, r["eventTime"].(string))
		if at.Before(first) {
			first = at
		}
		who, _ := r["userIdentity"].(map[string]any)
		if id := fmt.Sprint(who["arn"], who["accessKeyId"]); seen[id] == nil {
			seen[id] = r
		}
	}
	calls := [][2]string{{"ec2", "DescribeInstances"}, {"ec2", "DescribeVpcs"}, {"s3", "ListBuckets"}, {"iam", "GetUser"}, {"monitoring", "DescribeAlarms"}}
	for n, id := range slices.Sorted(maps.Keys(seen)) {
		sample := seen[id]
		address := sample["sourceIPAddress"]
		if strings.Contains(id, "/i-") {
			address = "198.51.100.20" // a machine's own
		}
		for i := range 9 * len(calls) {
			at := first.Add(-9*24*time.Hour + time.Duration(i)*9*24*time.Hour/time.Duration(9*len(calls)) - time.Hour)
			call := calls[i%len(calls)]
			history = append(history, trailRecord{
				"eventVersion": "1.09", "userIdentity": sample["userIdentity"], "eventTime": at.UTC().Format(time.RFC3339),
				"eventSource": call[0] + ".amazonaws.com", "eventName": call[1], "awsRegion": sample["awsRegion"], "sourceIPAddress": address,
				"userAgent": "aws-cli/2.15", "eventID": fmt.Sprintf("00000000-0000-4000-8000-%06d%06d", n, i), "readOnly": true, "eventType": "AwsApiCall",
				"managementEvent": true, "recipientAccountId": sample["recipientAccountId"], "eventCategory": "Management",
			})
		}
	}
	return history
}

// techniques says which rows of the catalogue fit what each technique does.
var techniques = map[string]string{
	"aws.credential-access.ec2-get-password-data":                 "CR14",
	"aws.credential-access.ec2-steal-instance-credentials":        "NH9 DA7",
	"aws.credential-access.secretsmanager-batch-retrieve-secrets": "CR12",
	"aws.credential-access.secretsmanager-retrieve-secrets":       "CR12",
	"aws.defense-evasion.cloudtrail-delete":                       "DE8",
	"aws.defense-evasion.dns-delete-logs":                         "DE10",
	"aws.defense-evasion.vpc-remove-flow-logs":                    "DE10",
	"aws.discovery.ec2-download-user-data":                        "CR14",
	"aws.execution.ec2-launch-unusual-instances":                  "NH14",
	"aws.execution.ssm-send-command":                              "DA7",
	"aws.exfiltration.ec2-share-ami":                              "DA3",
	"aws.impact.bedrock-invoke-model":                             "NH16",
	"aws.initial-access.console-login-without-mfa":                "AU25",
	"aws.lateral-movement.ec2-instance-connect":                   "DA7",
	"aws.persistence.iam-backdoor-role":                           "PR14",
	"aws.persistence.iam-backdoor-user":                           "CR9",
	"aws.persistence.iam-create-admin-user":                       "PR15",
	"aws.persistence.iam-create-backdoor-role":                    "PR15 PR14",
	"aws.persistence.iam-create-user-login-profile":               "CR9",
	"aws.persistence.lambda-layer-extension":                      "DA8",
	"aws.persistence.rolesanywhere-create-trust-anchor":           "CR16",
	"aws.persistence.sts-federation-token":                        "SE12",
	"aws.privilege-escalation.iam-update-user-login-profile":      "CR9",
}

// TestRealTechniques replays each technique of shared/real/stratus alone: it must be found, by rows that fit, with at most
// one alert an actor.
func TestRealTechniques(t *testing.T) {
	files, _ := filepath.Glob(realRecords + "stratus/logs/*.json")
	if len(files) == 0 {
		t.Skip("no real records beside the repository")
	}
	var table strings.Builder
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		records := readTrail(t, path)
		history := quietWeek(records)
		for _, blank := range []bool{false, true} {
			alerts := loud(replayTrail(t, DefaultContext(), blank, history, records))
			checkTechnique(t, name, alerts)
			if !blank {
				for _, a := range alerts {
					fmt.Fprintf(&table, "%-62s %3d %-36s %-10s %2d of %2d records  %s\n", name, a.Score, a.Rule.ID, strings.Join(a.Rule.Covers, " "), len(a.Evidence), len(records), a.Who)
				}
			}
		}
		if n := len(loud(replayTrail(t, DefaultContext(), true, records))); n == 0 {
			fmt.Fprintf(&table, "%-62s without any history: nothing\n", name)
		}
	}
	t.Log("\n" + table.String())
}

func checkTechnique(t *testing.T, name string, alerts []*Alert) {
	t.Helper()
	fits := false
	byActor := map[string]int{}
	for _, a := range alerts {
		byActor[a.Who]++
		for _, row := range strings.Fields(techniques[name]) {
			fits = fits || slices.Contains(a.Rule.Covers, row)
		}
	}
	if !fits {
		t.Errorf("%s: no alert covers %s", name, techniques[name])
	}
	for who, n := range byActor {
		if n > 1 {
			t.Errorf("%s: %d alerts on %s", name, n, who)
		}
	}
}

// TestRealDeployment replays the labelled hour of shared/real/invictus, in which one key deploys and attacks.
func TestRealDeployment(t *testing.T) {
	records := deploymentRecords(t)
	if len(records) == 0 {
		t.Skip("no real records beside the repository")
	}
	labels := readLabels(t)
	for _, run := range deploymentRuns() {
		counts, table := weighDeployment(replayTrail(t, run.context, run.blank, records), labels)
		t.Logf("%s: %v\n%s", run.name, counts, table)
		if n := counts["deploy"] + counts["terraform_other"]; n > run.limit {
			t.Errorf("%s: %d records of the deployment stand in alerts, want at most %d", run.name, n, run.limit)
		}
		if counts["attack"] < 40 {
			t.Errorf("%s: %d records of the attack stand in alerts, want at least 40", run.name, counts["attack"])
		}
	}
}

// readLabels reads the class of each record.
func readLabels(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(realRecords + "invictus/labels.tsv")
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{}
	for line := range strings.Lines(string(text)) {
		id, class, _ := strings.Cut(strings.TrimSpace(line), "\t")
		labels[id] = class
	}
	return labels
}

// weighDeployment counts the records that stand in alerts by class, each once, and makes a table of the alerts.
func weighDeployment(r *Replay, labels map[string]string) (counts map[string]int, table string) {
	counts = map[string]int{}
	seen := map[string]bool{}
	var text strings.Builder
	for _, a := range loud(r) {
		of := map[string]int{}
		for _, e := range a.Evidence {
			class := labels[nativeIDs[e.ID]]
			of[class]++
			if !seen[e.ID] {
				seen[e.ID] = true
				counts[class]++
			}
		}
		fmt.Fprintf(&text, "%s %3d %-36s %-10s %v %s\n", a.Anchor.Time.Format("15:04:05"), a.Score, a.Rule.ID, strings.Join(a.Rule.Covers, " "), of, a.Sentence())
	}
	return counts, text.String()
}
