package detections

import (
	"slices"
	"testing"
)

// document is an ECS document; rest are further members, each with a comma before it.
func document(event, rest string) string {
	return `{"@timestamp":"2026-09-15T09:00:00Z","ecs":{"version":"8.11.0"},"event":{` + event + `}` + rest + `}`
}

const (
	onHost  = `,"host":{"name":"LT-1"},"user":{"email":"alice@acme.example","id":"S-1-5-21-1-2-3-1104"}`
	scanner = `"kind":"alert","dataset":"github.secret_scanning","action":"created"`
)

func TestECSSigns(t *testing.T) {
	for _, test := range []struct {
		name, record string
		want         []string
	}{
		{"an event", document(`"kind":"event","category":["process"]`, onHost), nil},
		{"an alert", document(`"kind":"alert"`, onHost), []string{ecsAlert}},
		{"a signal of Kibana's", document(`"kind":"signal"`, onHost+`,"kibana.alert.rule.name":"x"`), []string{ecsAlert}},
		{"theft by tactic", document(`"kind":"alert"`, onHost+`,"threat":{"tactic":{"id":["TA0006"]}}`), []string{ecsAlert, ecsTheft}},
		{"theft by technique in a list", document(`"kind":"alert"`, onHost+`,"threat":[{"technique":[{"id":"T1003.001"}]}]`), []string{ecsAlert, ecsTheft}},
		{"theft, dotted", document(`"kind":"alert"`, onHost+`,"threat.tactic.name":"credential access"`), []string{ecsAlert, ecsTheft}},
		{"theft on no host", document(`"kind":"alert"`, `,"threat":{"tactic":{"id":["TA0006"]}}`), []string{ecsAlert}},
		{"execution", document(`"kind":"alert"`, onHost+`,"threat":{"tactic":{"id":["TA0002"]}}`), []string{ecsAlert}},
		{"an AWS key in a repository", document(scanner, `,"github":{"secret_scanning":{"secret_type":"aws_access_key_id"}}`), []string{ecsAlert, ecsSecretFound}},
		{"a key by its form", document(scanner, `,"message":"found AKIAEXAMPLE0DEPLOYER in main.tf"`), []string{ecsAlert, ecsSecretFound}},
		{"no key", document(scanner, `,"message":"found AKIAEXAMPLE0 in main.tf"`), []string{ecsAlert}},
		{"a key that is over", document(scanner, `,"github":{"secret_scanning":{"secret_type":"aws_access_key_id","state":"resolved"}}`), []string{ecsAlert, ecsSecretOver}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := readOne(t, test.record)
			if got := signsOf(&a); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestECSFacts(t *testing.T) {
	alert := readOne(t, document(`"kind":"alert","outcome":"failure","dataset":"okta.system"`, onHost+`,"rule":{"name":"LSASS read"}`))
	if alert.Dataset != ecsContext || alert.Failed || alert.Target != "LSASS read" || alert.Topic != "host/lt-1" {
		t.Errorf("got dataset %q, failed %t, target %q, topic %q", alert.Dataset, alert.Failed, alert.Target, alert.Topic)
	}
	if len(alert.Links) != 1 || alert.Links[0].To != "ecs:sid/S-1-5-21-1-2-3-1104" || alert.Links[0].From != "alice@acme.example" {
		t.Errorf("got links %+v, want the account's SID", alert.Links)
	}
	found := readOne(t, document(scanner, `,"github":{"repository":{"full_name":"acme/shop"},"secret_scanning":{"number":7,"secret":"AKIAEXAMPLE0DEPLOYER"}}`))
	if found.Object != "AKIAEXAMPLE0DEPLOYER" || found.Topic != "leak/acme/shop/7" {
		t.Errorf("got object %q, topic %q", found.Object, found.Topic)
	}
}
