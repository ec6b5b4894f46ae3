package entra

import (
	"strings"
	"testing"
)

const testGUID = "2b1a0f9e-8d7c-4b6a-9f8e-7d6c5b4a3f2e"

func TestParseResource(t *testing.T) {
	upper := strings.ToUpper(testGUID)
	tests := map[string]resource{
		"/tenants/" + testGUID + "/providers/Microsoft.aadiam": {provider: "Microsoft.aadiam"},
		"/TENANTS/" + testGUID + "/PROVIDERS/MICROSOFT.AADIAM": {provider: "MICROSOFT.AADIAM"},
		"/subscriptions/" + testGUID + "/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/hub/authorizationRules/Root": {
			subscription: testGUID, group: "rg", provider: "Microsoft.EventHub", namespace: "hub", rule: "Root"},
		"/SUBSCRIPTIONS/" + upper + "/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM1": {
			subscription: upper, group: "RG", provider: "MICROSOFT.COMPUTE/VIRTUALMACHINES", name: "VM1"},
		"/subscriptions/" + testGUID + "/resourceGroups/rg/providers/Microsoft.Sql/servers/s1/databases/d1": {
			subscription: testGUID, group: "rg", provider: "Microsoft.Sql/servers", name: "s1/databases/d1"},
		"/subscriptions/" + testGUID + "/providers/Microsoft.Insights/diagnosticSettings/x": {
			subscription: testGUID, provider: "Microsoft.Insights/diagnosticSettings"},
		"/subscriptions/{" + testGUID + "}/resourceGroups/rg": {subscription: testGUID, group: "rg"},
		"/subscriptions/" + testGUID:                          {subscription: testGUID},
		"/subscriptions/none/resourceGroups/rg":               {},
		"subscriptions/no/subscriptions/" + testGUID:          {subscription: testGUID},
		"":        {},
		"nothing": {},
		"/subscriptions/" + testGUID + strings.Repeat("/", maxResource): {},
	}
	for id, want := range tests {
		if got := parseResource(id); got != want {
			t.Errorf("%.100s: got %+v, want %+v", id, got, want)
		}
	}
}

func TestTenantOf(t *testing.T) {
	for id, want := range map[string]string{
		"/tenants/" + testGUID + "/providers/Microsoft.aadiam": testGUID,
		"/TENANTS/" + testGUID:                                 testGUID,
		"/tenants/none/providers/x":                            "",
		"":                                                     "",
	} {
		if got := tenantOf(id); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
}
