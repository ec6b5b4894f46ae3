package sigma

import (
	"strings"
	"testing"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
)

const (
	vaultRead = `{"time":"2026-09-01T08:00:00Z","type":"response","auth":{"client_token":"hmac-sha256:aa","display_name":"approle","policies":["default"]},` +
		`"request":{"id":"b1c2","operation":"read","path":"secret/data/shop","remote_address":"192.0.2.3"},"response":{"mount_type":"kv"}}`
	oktaStart = `{"uuid":"u1","published":"2026-09-01T08:00:00.000Z","eventType":"user.session.start","actor":{"id":"00u1","type":"User","alternateId":"alice@acme.example"},` +
		`"client":{"ipAddress":"192.0.2.7"},"outcome":{"result":"FAILURE"}}`
	awsKey = `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::210987654321:user/bob","accountId":"210987654321","userName":"bob"},"eventTime":"2026-09-15T09:00:00Z",` +
		`"eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey","awsRegion":"eu-central-1","sourceIPAddress":"203.0.113.10","eventID":"05cefe85-b384-5187-a0f3-fc7ce07ac430","eventType":"AwsApiCall"}`
	document = `{"@timestamp":"2026-09-01T08:00:00Z","event":{"kind":"alert","dataset":"crowdstrike.alert","action":"block","id":"e1"},"user.name":"bob","process":{"name":"mimikatz.exe"}}`
)

// TestLogSources: log sources mean streams, and fields are the vendor's or those of ECS.
func TestLogSources(t *testing.T) {
	tests := []struct {
		source, entry, record string
		want                  bool
	}{
		{"{product: hashicorp, service: vault.audit}", "{request.path|startswith: secret/, request.operation: read}", vaultRead, true},
		{"{product: hashicorp}", "{auth.policies: default}", vaultRead, true},
		{"{product: hashicorp}", "{event.action: read}", vaultRead, true},
		{"{product: okta}", "{eventType: user.session.start}", vaultRead, false},
		{"{product: okta, service: okta}", "{actor.alternateId: alice@acme.example}", oktaStart, true},
		{"{product: okta}", "{source.ip|cidr: 192.0.2.0/24}", oktaStart, true},
		{"{product: okta}", "{okta.actor.alternate_id: alice@acme.example}", oktaStart, true},
		{"{product: okta}", "{idwatch.activity: sign_in}", oktaStart, true},
		{"{product: okta}", "{client.ip: 192.0.2.7}", oktaStart, false}, // client is a member of Okta's own
		{"{product: ecs}", "{client.ip: 192.0.2.7, event.outcome: failure}", oktaStart, true},
		{"{product: ecs}", "{event.outcome: failure, outcome.result: FAILURE}", oktaStart, true},
		{"{}", "{event.action: CreateAccessKey, user.name: bob, cloud.account.id: '210987654321'}", awsKey, true},
		{"{product: ecs, service: aws.cloudtrail}", "{event.action: CreateAccessKey}", awsKey, true},
		{"{product: ecs, service: okta.system}", "{event.action: CreateAccessKey}", awsKey, false},
		{"{product: aws}", "{aws.cloudtrail.user_identity.type: IAMUser}", awsKey, true},
		{"{service: cloudtrail}", "{eventName: CreateAccessKey}", awsKey, true},
		{"{product: ecs}", "{process.name: mimikatz.exe, user.name: bob, event.action: block}", document, true},
		{"{product: ecs, service: crowdstrike.alert}", "{process.name: mimikatz.exe}", document, true},
		{"{product: ecs, service: crowdstrike.fdr}", "{process.name: mimikatz.exe}", document, false},
		{"{product: aws}", "{event.action: block}", document, false},
	}
	for _, test := range tests {
		text := "title: Test\nlogsource: " + test.source + "\ndetection:\n  s: " + test.entry + "\n  condition: s\n"
		s := compileText(t, File{"r.yml", []byte(text)})
		p, err := parsers.New(parsers.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var k keeper
		p.Parse([]byte(test.record), &k)
		if len(k.events) != 1 {
			t.Fatalf("the record was not read: %s", test.record)
		}
		var a detections.Act
		s.NewMatcher().Match(k.events[0], &a)
		if got := len(a.Signs) == 1; got != test.want {
			t.Errorf("%s %s over %s: got %v, want %v", test.source, test.entry, k.events[0].Dataset, got, test.want)
		}
	}
}

func TestLogSourcesThatAreNotRead(t *testing.T) {
	for source, want := range map[string]string{
		"{product: windows, service: security}":  `logsource: no record of product "windows", service "security" is read here`,
		"{product: aws, service: guardduty}":     `logsource: no record of product "aws", service "guardduty" is read here`,
		"{category: process_creation}":           "logsource: there is no category process_creation here; name product and service",
		"{product: azure, service: [pim, okta]}": "logsource.service: want text, got a list",
	} {
		s := Compile(Parse([]File{{"r.yml", []byte("title: Test\nlogsource: " + source + "\ndetection: {s: {a: b}, condition: s}\n")}}))
		if len(s.Problems) != 1 || !strings.Contains(s.Problems[0].String(), want) {
			t.Errorf("%s: got %v, want %s", source, s.Problems, want)
		}
	}
}

// TestFilters: a filter silences the rules that it names, several filters each by itself.
func TestFilters(t *testing.T) {
	filter := func(id, rules, entry string) string {
		return "---\ntitle: Filter " + id + "\nid: " + id + "\nlogsource: {product: aws}\nfilter:\n  rules: " + rules + "\n  s: " + entry + "\n  condition: s\n"
	}
	rules := ruleWith("s: {a: x}\ncondition: s") + "---\n" + strings.Replace(ruleWith("s: {a: x}\ncondition: s"), "id: test", "id: other\nname: second", 1)
	s := compileText(t, File{"r.yml", []byte(rules + filter("f1", "[test]", "{b: y}") + filter("f2", "[second, test]", "{c: z}"))})
	for text, want := range map[string]string{`{"a":"x"}`: "test other", `{"a":"x","b":"y"}`: "other", `{"a":"x","c":"z"}`: "", `{"b":"y"}`: ""} {
		if got := strings.Join(hitsOf(t, s, "aws.cloudtrail", text), " "); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	any := compileText(t, File{"r.yml", []byte(rules + filter("f1", "any", "{b: y}"))})
	if got := hitsOf(t, any, "aws.cloudtrail", `{"a":"x","b":"y"}`); len(got) > 0 {
		t.Errorf("any: got %v, want nothing", got)
	}
	for fault, want := range map[string]string{
		filter("f1", "[nobody]", "{b: y}"):                                  "r.yml:20: Filter f1: filter.rules: there is no rule nobody",
		filter("f1", "[test]", "{b|odd: y}"):                                "r.yml:21: Filter f1: b|odd: modifier odd is not supported",
		strings.Replace(filter("f1", "[test]", "{b: y}"), "aws", "okta", 1): "r.yml:20: Filter f1: filter.rules: test has another log source",
	} {
		s := Compile(Parse([]File{{"r.yml", []byte(rules + fault)}}))
		if faults := s.Faults(); len(faults) != 1 || faults[0].String() != want || len(s.Rules) != 2 {
			t.Errorf("got %v, want %s and both rules", faults, want)
		}
	}
}
