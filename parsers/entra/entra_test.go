package entra

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// document maps one record and decodes what comes out.
func document(t *testing.T, p Parser, text string) map[string]any {
	t.Helper()
	var r record.Record
	if err := r.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	var ev ecs.Event
	ev.Reset()
	ev.Record, ev.Original, ev.Namespace = &r, []byte(text), "default"
	if err := p.Parse(&ev); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(ev.AppendJSON(nil), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func at(doc map[string]any, path string) any {
	var value any = doc
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// TestOTel: the later names come beside the old ones, with the same values, and only when asked for.
func TestOTel(t *testing.T) {
	text, err := os.ReadFile("../../testdata/entra/signin-interactive.log")
	if err != nil {
		t.Fatal(err)
	}
	plain, added := document(t, Parser{}, string(text)), document(t, Parser{OTel: true}, string(text))
	for later, earlier := range map[string]string{
		"azure.tenant.id":                   "azure.tenant_id",
		"azure.correlation.id":              "azure.correlation_id",
		"azure.resource_provider.namespace": "azure.resource.provider",
		"cloud.resource_id":                 "azure.resource.id",
		"cloud.account.id":                  "azure.tenant_id",
	} {
		if got, want := at(added, later), at(plain, earlier); got != want || want == nil {
			t.Errorf("%s: got %v, want %v", later, got, want)
		}
		if at(plain, later) != nil {
			t.Errorf("%s was not asked for", later)
		}
	}
	azure := added["azure"].(map[string]any)
	for _, name := range []string{"tenant", "correlation", "resource_provider"} {
		delete(azure, name)
	}
	if !reflect.DeepEqual(azure, plain["azure"]) {
		t.Error("something else changed")
	}
}

// TestRoute: which stream a record belongs to.
func TestRoute(t *testing.T) {
	const when = `"time":"2026-09-01T08:15:02Z"`
	for text, want := range map[string]string{
		`{"category":"SignInLogs",` + when + `}`:                                                      SignInDataset,
		`{"Category":"ADFSSignInLogs",` + when + `}`:                                                  SignInDataset,
		`{"CategoryValue":"ManagedIdentitySignInLogs",` + when + `}`:                                  SignInDataset,
		`{"category":"MicrosoftServicePrincipalSignInLogs",` + when + `}`:                             SignInDataset,
		`{"category":"signinlogs",` + when + `}`:                                                      ActivityDataset,
		`{"category":"AuditLogs",` + when + `}`:                                                       AuditDataset,
		`{"category":"RiskyUsers",` + when + `}`:                                                      RiskDataset,
		`{"category":"AgentRiskEvents",` + when + `}`:                                                 RiskDataset,
		`{"category":"MicrosoftGraphActivityLogs",` + when + `}`:                                      GraphDataset,
		`{"category":"Administrative",` + when + `}`:                                                  ActivityDataset,
		`{"category":5,` + when + `}`:                                                                 ActivityDataset,
		`{` + when + `}`:                                                                              ActivityDataset,
		`{"userPrincipalName":null,"appId":"a","status":{},"createdDateTime":"2026-09-01T08:15:02Z"}`: SignInDataset,
		`{"category":"UserManagement","activityDisplayName":"Add user","initiatedBy":{},"activityDateTime":"2026-09-01T08:15:02Z"}`: AuditDataset,
	} {
		if got := at(document(t, Parser{}, text), "event.dataset"); got != want {
			t.Errorf("%s: got %v, want %s", text, got, want)
		}
	}
}

// TestEveryMemberOfAnyKind puts values of all kinds into every member that a table knows: none may stop the parser.
func TestEveryMemberOfAnyKind(t *testing.T) {
	values := []string{`null`, `""`, `"x"`, `0`, `-1.5e300`, `true`, `[]`, `{}`, `["x",1]`, `[{"a":"b"},null]`, `{"a":{"b":[1]}}`}
	streams := map[string][2]*table{
		"SignInLogs":                 {signInRoot, signInProperties},
		"AuditLogs":                  {auditRoot, auditProperties},
		"RiskyUsers":                 {riskRoot, riskProperties},
		"MicrosoftGraphActivityLogs": {graphRoot, graphProperties},
		"Administrative":             {activityRoot, identityMembers},
	}
	for category, tables := range streams {
		for _, value := range values {
			root := members(tables[0], value, "time", "category", "CategoryValue", "properties", "timeStamp")
			properties := members(tables[1], value)
			document(t, Parser{OTel: true}, `{"time":"2026-09-01T08:15:02Z","category":"`+category+`",`+root+`"properties":{`+properties+`"x":`+value+`}}`)
		}
	}
}

func members(t *table, value string, but ...string) string {
	var text strings.Builder
	for i := range t.rows {
		if name := t.rows[i].from; !strings.Contains(strings.Join(but, " "), name) {
			text.WriteString(`"` + name + `":` + value + `,`)
		}
	}
	return text.String()
}
