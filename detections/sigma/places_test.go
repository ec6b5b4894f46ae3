package sigma

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// Diagnostic records as they come from an Event Hub, as far as rules read them.
const (
	signIn = `{"time":"2026-09-01T08:15:02Z","operationName":"Sign-in activity","category":"SignInLogs","resultType":"50074","resultDescription":"Strong Authentication is required.",` +
		`"callerIpAddress":"192.0.2.17","location":"DE","properties":{"userPrincipalName":"bob@acme.example","appId":"a1","clientAppUsed":"IMAP","authenticationProtocol":"deviceCode",` +
		`"authenticationRequirement":"multiFactorAuthentication","conditionalAccessStatus":"failure","networkLocationDetails":[],"userAgent":"BAV2ROPC","resourceDisplayName":"Graph",` +
		`"homeTenantId":"t1","resourceTenantId":"t2","riskState":"atRisk","deviceDetail":{"deviceId":"","isCompliant":false,"trustType":"Hybrid"},` +
		`"status":{"errorCode":50074,"failureReason":"Strong Auth required","additionalDetails":"MFA denied; user declined"},"location":{"countryOrRegion":"DE"}}}`
	goodSignIn = `{"category":"SignInLogs","resultType":"0","properties":{"status":{"errorCode":0}}}`
	audit      = `{"time":"2026-09-01T09:02:11Z","operationName":"Add member to role","category":"AuditLogs","resultSignature":"None","properties":{"category":"RoleManagement","result":"success",` +
		`"resultReason":"Blocked.For.Risk","activityDisplayName":"Add member to role","loggedByService":"Core Directory","initiatedBy":{"user":{"userPrincipalName":"alice@acme.example"}},` +
		`"targetResources":[{"type":"User","userPrincipalName":"bob@acme.example","displayName":"Bob","modifiedProperties":[{"displayName":"ConsentContext.IsAdminConsent","oldValue":"[]","newValue":"\"False\""},` +
		`{"displayName":"Role.DisplayName","newValue":"\"Global Administrator\""}]}],"additionalDetails":[{"key":"User-Agent","value":"curl"},{"key":"additionalInfo","value":"by hand"}]}}`
	pimAlert = `{"operationName":"Triggered PIM alert","category":"AuditLogs","properties":{"targetResources":[{"displayName":"Potential stale accounts in a privileged role"}]}}`
	fromAPI  = `{"id":"x","category":"RoleManagement","result":"success","activityDisplayName":"Add member to role","targetResources":[{"type":"User"}]}` // of Graph, without an envelope
	activity = `{"time":"2026-09-01T09:02:11Z","operationName":"Microsoft.ADHybridHealthService/services/delete","category":"Administrative","resourceId":"/providers/x/AdFederationService"}`
	refused  = `{"eventName":"GetObject","errorCode":"AccessDenied","sourceIPAddress":"192.0.2.1"}`
	done     = `{"eventName":"GetObject","sourceIPAddress":"192.0.2.1"}`
)

// TestAliases: rules that were written from the portal, Log Analytics or Graph find their fields in diagnostic records.
func TestAliases(t *testing.T) {
	tests := []struct {
		service, entry, record string
		want                   bool
	}{
		{"signinlogs", "ResultType: 50074", signIn, true},
		{"signinlogs", "resultType: '50074'", signIn, true},
		{"signinlogs", "ResultType: 50074", `{"properties":{"status":{"errorCode":50074}}}`, true},
		{"signinlogs", "ResultType: 0", signIn, false},
		{"signinlogs", "Resultdescription|contains: 'Strong Auth required'", signIn, true},
		{"signinlogs", "ResultDescription|startswith: 'Strong Authentication is'", signIn, true},
		{"signinlogs", "Status: Failure", signIn, true},
		{"signinlogs", "Status: Success", signIn, false},
		{"signinlogs", "Status: success", goodSignIn, true},
		{"signinlogs", "Status|contains: MFA denied", signIn, true},
		{"signinlogs", "AuthenticationRequirement: multiFactorAuthentication", signIn, true},
		{"signinlogs", "RiskState: atRisk", signIn, true},
		{"signinlogs", "ResourceDisplayName: graph", signIn, true},
		{"signinlogs", "conditionalAccessStatus: failure", signIn, true},
		{"signinlogs", "NetworkLocationDetails: '[]'", signIn, true},
		{"signinlogs", "DeviceDetail.deviceId: ''", signIn, true},
		{"signinlogs", "DeviceDetail.trusttype|contains: hybrid", signIn, true},
		{"signinlogs", "DeviceDetail.isCompliant: 'false'", signIn, true},
		{"signinlogs", "userAgent|contains: BAV2ROPC", signIn, true},
		{"signinlogs", "homeTenantId|fieldref: resourceTenantId", signIn, false},
		{"signinlogs", "location: DE", signIn, true},
		{"signinlogs", "location: DE", `{"properties":{"location":{"countryOrRegion":"DE"}}}`, true},
		{"signinlogs", "ClientApp: [POP3, IMAP]", signIn, true},
		{"signinlogs", "ActivityDetails: Sign-ins", goodSignIn, true},
		{"signinlogs", "Username: bob@acme.example", signIn, true},
		{"signinlogs", "properties.message: Device Code", signIn, true},
		{"signinlogs", "properties.message: ROPC", signIn, false},
		{"auditlogs", "OperationName: Add member to role", audit, true},
		{"auditlogs", "properties.message|startswith: Add member", audit, true},
		{"auditlogs", "ActivityType: Add member to role", audit, true},
		{"auditlogs", "ActivityDisplayName: Add member to role", audit, true},
		{"auditlogs", "Category: RoleManagement", audit, true},
		{"auditlogs", "category: RoleManagement", audit, true},
		{"auditlogs", "category: AuditLogs", audit, true},
		{"auditlogs", "Category: Policy", audit, false},
		{"auditlogs", "LoggedByService: Core Directory", audit, true},
		{"auditlogs", "Status: Success", audit, true},
		{"auditlogs", "properties.result: failure", audit, false},
		{"auditlogs", "TargetResources|contains: Global Administrator", audit, true},
		{"auditlogs", "TargetResources.ModifiedProperties.NewValue|contains: 'Global Administrator'", audit, true},
		{"auditlogs", "targetResources.type: User", audit, true},
		{"auditlogs", "Target: bob@acme.example", audit, true},
		{"auditlogs", "Initiatedby: alice@acme.example", audit, true},
		{"auditlogs", "Initiatied.By|contains: alice", audit, true},
		{"auditlogs", "ConsentContext.IsAdminConsent: 'false'", audit, true},
		{"auditlogs", "ConsentContext.IsAdminConsent: 'true'", audit, false},
		{"auditlogs", "failure_status_reason: blocked.for.risk", audit, true},
		{"auditlogs", "additionalDetails.additionalInfo|contains: hand", audit, true},
		{"auditlogs", "additionalDetails.User-Agent: curl", audit, true},
		{"auditlogs", "additionalDetails.additionalInfo|contains: curl", audit, false},
		{"auditlogs", "Category: RoleManagement", fromAPI, true},
		{"auditlogs", "properties.message: Add member to role", fromAPI, true},
		{"auditlogs", "properties.targetResources.type: user", fromAPI, true},
		{"pim", "riskEventType: staleSignInAlertIncident", pimAlert, true},
		{"pim", "riskEventType: redundantAssignmentAlertIncident", pimAlert, false},
		{"riskdetection", "riskEventType: anonymizedIPAddress", `{"category":"UserRiskEvents","properties":{"riskEventType":"anonymizedIPAddress"}}`, true},
		{"activitylogs", "CategoryValue: Administrative", activity, true},
		{"activitylogs", "ResourceProviderValue: Microsoft.ADHybridHealthService", activity, true},
		{"activitylogs", "OperationNameValue|endswith: /delete", activity, true},
		{"activitylogs", "ResourceId|contains: AdFederationService", activity, true},
		{"cloudtrail", "status: failure", refused, true},
		{"cloudtrail", "status: success", done, true},
		{"cloudtrail", "errorCode: [Success, null]", done, true},
		{"cloudtrail", "errorCode: [Success, null]", refused, false},
		{"cloudtrail", "src_ip|cidr: 192.0.2.0/24", done, true},
	}
	datasets := map[string]string{"pim": "azure.auditlogs", "riskdetection": "azure.identity_protection", "cloudtrail": "aws.cloudtrail"}
	for _, test := range tests {
		product, dataset := "azure", "azure."+test.service
		if other := datasets[test.service]; other != "" {
			dataset = other
		}
		if test.service == "cloudtrail" {
			product = "aws"
		}
		text := "title: Test\nlogsource: {product: " + product + ", service: " + test.service + "}\ndetection:\n  s: {\"" + strings.Replace(test.entry, ": ", "\": ", 1) + "}\n  condition: s\n"
		s := compileText(t, File{"r.yml", []byte(text)})
		if len(s.Problems) > 0 {
			t.Errorf("%s: %v", test.entry, s.Problems)
		}
		if got := len(hitsOf(t, s, dataset, test.record)) == 1; got != test.want {
			t.Errorf("%s: %s: got %v, want %v", test.service, test.entry, got, test.want)
		}
	}
}

// TestOwnAliases: a user's table comes before the built-in one.
func TestOwnAliases(t *testing.T) {
	table := "- product: aws\n  fields:\n    who: userIdentity.arn\n    Team.*: requestParameters.tags.*\n    status: {path: errorCode, values: {AccessDenied: no}, others: odd, absent: yes}\n"
	rules := ruleWith("s: {who|endswith: /bob, Team.Name: red, status: no}\ncondition: s")
	s := compileText(t, File{"rules/fields.yml", []byte(table)}, File{"rules/r.yml", []byte(rules)})
	if len(s.Problems) > 0 {
		t.Error(s.Problems)
	}
	record := `{"userIdentity":{"arn":"arn:aws:iam::1:user/bob"},"requestParameters":{"tags":{"name":"red"}},"errorCode":"AccessDenied"}`
	if got := hitsOf(t, s, "aws.cloudtrail", record); len(got) != 1 {
		t.Errorf("got %v, want a hit", got)
	}
	bad := Compile(Parse([]File{{"fields.yml", []byte("- product: aws\n  fields:\n    who: {paht: x}\n")}}))
	if want := "fields.yml:3: paht: unknown key, or a value that does not fit it"; len(bad.Problems) != 1 || bad.Problems[0].String() != want {
		t.Errorf("got %v, want %s", bad.Problems, want)
	}
}

// TestPlaceholders: values come from a file of lists and may hold wildcards.
func TestPlaceholders(t *testing.T) {
	lists := "Office: [192.0.2.*, 198.51.100.7]\nTeam: red\n"
	rules := ruleWith(`s: {a|expand: '%Office%', b|contains|expand: '\%%Team%-x'}` + "\ncondition: s")
	s := compileText(t, File{"lists.yml", []byte(lists)}, File{"r.yml", []byte(rules)})
	for text, want := range map[string]int{
		`{"a":"192.0.2.9","b":"1%red-x1"}`: 1, `{"a":"198.51.100.7","b":"%RED-X"}`: 1, `{"a":"192.0.3.9","b":"%red-x"}`: 0, `{"a":"192.0.2.9","b":"red-x"}`: 0,
	} {
		if got := hitsOf(t, s, "aws.cloudtrail", text); len(got) != want {
			t.Errorf("%s: got %v, want %d hits", text, got, want)
		}
	}
}

// TestDocumentedAliases: the manual shows the alias table as it is.
func TestDocumentedAliases(t *testing.T) {
	const page, begin, end = "../../docs/sigma.md", "-update -->\n", "<!-- end of aliases -->"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), begin)
	_, after, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("%s has no place for the table", page)
	}
	want := before + begin + "\n" + aliasTable(t) + "\n" + end + after
	if flag.Lookup("update").Value.String() == "true" { // a flag of this package's outer tests
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(text) {
		t.Errorf("%s does not show the table as it is; -update writes it again", page)
	}
}

func aliasTable(t *testing.T) string {
	t.Helper()
	root, fault := readNode(builtinPlaces)
	if fault != nil {
		t.Fatal(fault)
	}
	var b strings.Builder
	b.WriteString("| log source | in rules | in the record |\n| --- | --- | --- |\n")
	for _, table := range root.Items {
		services, _ := refs("service", table.Get("service"))
		var names []string
		for _, s := range services {
			names = append(names, s.Text)
		}
		for _, p := range table.Get("fields").Pairs {
			a, fault := readAlias(p)
			if fault != nil {
				t.Fatal(fault)
			}
			fmt.Fprintf(&b, "| %s/%s | `%s` | %s |\n", table.Get("product").Text, strings.Join(names, ", "), p.Key, told(a))
		}
	}
	return b.String()
}

// told says in words where an alias leads.
func told(a alias) string {
	var places []string
	for _, p := range a.places {
		text := "`" + p.path + "`"
		switch {
		case p.fixed:
			text = "always `" + p.value + "`"
		case p.ecs != "":
			text = "`" + p.ecs + "` of the document"
		case p.list != "":
			text = fmt.Sprintf("`%s` of the entry of `%s` whose `%s` is `%s`", p.member, p.list, p.key, p.is)
		}
		for _, from := range slices.Sorted(maps.Keys(p.values)) {
			text += fmt.Sprintf(", `%s` as `%s`", from, p.values[from])
		}
		if p.others != nil {
			text += ", anything else as `" + *p.others + "`"
		}
		if p.absent != nil {
			text += ", nothing as `" + *p.absent + "`"
		}
		if p.cut != "" {
			text += " up to `" + p.cut + "`"
		}
		if p.unquote {
			text += ", without quotes"
		}
		places = append(places, text)
	}
	join := ", else "
	if a.all {
		join = " and "
	}
	text := strings.Join(places, join)
	if a.instead {
		text += " (before the record's own field of that name)"
	}
	return text
}
