package detections

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// signInRecord is a sign-in; rest are further properties, each with a comma before it.
func signInRecord(code int, rest string) string {
	return fmt.Sprintf(`{"time":"2026-09-15T09:00:00Z","category":"SignInLogs","tenantId":"t1","resultType":"%d","callerIpAddress":"192.0.2.200",
		"properties":{"id":"s1","userPrincipalName":"Alice@acme.example","userId":"u1","deviceDetail":{"isManaged":true},"status":{"errorCode":%d}%s}}`, code, code, rest)
}

// auditRecord is an audit record of Alice's; rest are further properties.
func auditRecord(operation, rest string) string {
	return fmt.Sprintf(`{"time":"2026-09-15T09:00:00Z","category":"AuditLogs","tenantId":"t1","operationName":%q,"callerIpAddress":"192.0.2.200",
		"properties":{"id":"a1","result":"success","initiatedBy":{"user":{"id":"u1","userPrincipalName":"alice@acme.example"}}%s}}`, operation, rest)
}

// azureRecord is an operation of Alice's on Azure's resources.
func azureRecord(operation string) string {
	return fmt.Sprintf(`{"time":"2026-09-15T09:00:00Z","resourceId":"/SUBSCRIPTIONS/S1","operationName":%q,"category":"Administrative","tenantId":"t1","resultType":"Success",
		"callerIpAddress":"192.0.2.200","correlationId":"c1","identity":{"claims":{"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn":"alice@acme.example"}},"properties":{"statusCode":"OK"}}`, operation)
}

func riskRecord(kind, state string) string {
	return fmt.Sprintf(`{"time":"2026-09-15T09:00:00Z","category":"UserRiskEvents","tenantId":"t1","operationName":"User Risk Detection",
		"properties":{"id":"r1","riskEventType":%q,"riskState":%q,"riskLevel":"high","userPrincipalName":"alice@acme.example"}}`, kind, state)
}

// changes are targets with changed properties: name and new value in turn.
func changes(pairs ...string) string {
	text := `,"targetResources":[{"id":"x1","type":"Other","displayName":"thing","modifiedProperties":[`
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(`{"displayName":%q,"oldValue":null,"newValue":%q}`, pairs[i], pairs[i+1])
	}
	return text + "]}]"
}

func TestEntraSigns(t *testing.T) {
	role := func(name string) string { return changes("Role.DisplayName", `"`+name+`"`) }
	for _, test := range []struct {
		name, record string
		want         []string
	}{
		{"plain sign-in", signInRecord(0, ""), nil},
		{"password grant", signInRecord(0, `,"authenticationProtocol":"ropc"`), []string{entraLegacy}},
		{"old mail", signInRecord(0, `,"clientAppUsed":"IMAP4"`), []string{entraLegacy}},
		{"device code", signInRecord(0, `,"authenticationProtocol":"deviceCode"`), []string{entraDeviceCode}},
		{"tool", signInRecord(50126, `,"userAgent":"AzureHound/v2"`), []string{entraTool}},
		{"unmanaged", `{"time":"2026-09-15T09:00:00Z","category":"SignInLogs","resultType":"0","properties":{"id":"s1","status":{"errorCode":0}}}`, []string{entraUnmanaged}},
		{"disabled", signInRecord(50057, ""), []string{"entra_disabled_account"}},
		{"at risk", signInRecord(0, `,"riskState":"atRisk","riskLevelDuringSignIn":"medium"`), []string{"entra_risky_sign_in"}},
		{"at high risk", signInRecord(0, `,"riskLevelDuringSignIn":"high"`), []string{"entra_high_risk_sign_in"}},
		{"at risk and refused", signInRecord(53003, `,"riskLevelDuringSignIn":"high"`), nil},
		{"device with one factor", signInRecord(0, `,"resourceDisplayName":"Device Registration Service","authenticationRequirement":"singleFactorAuthentication"`), []string{"entra_device_join_weak"}},
		{"declined", signInRecord(500121, `,"authenticationDetails":[{"succeeded":false,"authenticationStepResultDetail":"MFA denied; user declined the authentication"}]`), []string{"entra_push_declined"}},
		{"fraud", signInRecord(500121, `,"authenticationDetails":[{"succeeded":false,"authenticationStepResultDetail":"MFA denied; Phone App Reported Fraud"}]`), []string{"entra_push_fraud"}},
		{"federated", signInRecord(0, `,"tokenIssuerType":"ADFederationServices","tokenIssuerName":"adfs.acme.example"`), []string{"entra_strange_issuer"}},

		{"leak", riskRecord("leakedCredentials", "atRisk"), []string{"entra_leaked_credentials"}},
		{"forged", riskRecord("tokenIssuerAnomaly", "atRisk"), []string{"entra_forged_token"}},
		{"travel", riskRecord("unlikelyTravel", "atRisk"), []string{"entra_travel_reported"}},
		{"known attackers", riskRecord("maliciousIPAddress", "atRisk"), []string{"entra_strong_risk"}},
		{"dealt with", riskRecord("maliciousIPAddress", "remediated"), nil},
		{"unfamiliar", riskRecord("unfamiliarFeatures", "atRisk"), []string{"entra_risk"}},
		{"of a kind that is new", riskRecord("somethingNew", "atRisk"), []string{"entra_risk"}},
		{"role out of order", riskRecord("staleSignInAlertIncident", "atRisk"), []string{"entra_pim_incident"}},
		{"user at high risk", riskRecord("", "atRisk"), []string{"entra_identity_compromised"}},

		{"method", auditRecord("User registered security info", ""), []string{"entra_method_changed"}},
		{"method by other", auditRecord("Admin deleted security info", ""), []string{"entra_method_changed_by_other"}},
		{"pass", auditRecord("Admin registered security info", `,"resultReason":"Admin registered temporary access pass method for user"`), []string{"entra_pass_issued"}},
		{"factor off", auditRecord("Disable Strong Authentication", ""), []string{"entra_factor_off"}},
		{"report", auditRecord("Fraud reported - no action taken", ""), []string{"entra_user_reports"}},
		{"device", auditRecord("Register device", ""), []string{entraDeviceMade}},
		{"device by a tool", auditRecord("Register device", `,"additionalDetails":[{"key":"User-Agent","value":"Dsreg/10.0 (Windows 10.0.19044.1826)"}]`), []string{entraDeviceMade, "entra_device_odd_agent"}},
		{"disk key", auditRecord("Read BitLocker key", ""), []string{entraDeviceSecret}},
		{"global administrator", auditRecord("Add member to role", role("Global Administrator")), []string{entraTopRole}},
		{"reader", auditRecord("Add member to role", role("Reports Reader")), []string{entraRole}},
		{"past PIM", auditRecord("Add member to role outside of PIM (permanent)", ""), []string{"entra_role_past_pim"}},
		{"PIM settings", auditRecord("Update role setting in PIM", ""), []string{"entra_pim_settings"}},
		{"PIM alert off", auditRecord("Disable PIM alert", ""), []string{"entra_pim_alert_off"}},
		{"PIM alert", auditRecord("Triggered PIM alert", ""), []string{"entra_pim_alert"}},
		{"all subscriptions", auditRecord("User has elevated their access to User Access Administrator for their Azure Resources", ""), []string{"entra_raised_over_subscriptions"}},
		{"guest", auditRecord("Invite external user", ""), []string{"entra_guest_invited"}},
		{"guest made member", auditRecord("Update user", `,"targetResources":[{"type":"User","modifiedProperties":[{"displayName":"UserType","oldValue":"[\"Guest\"]","newValue":"[\"Member\"]"}]}]`), []string{"entra_guest_made_member"}},
		{"principal", auditRecord("Add service principal", ""), []string{"entra_principal_made"}},
		{"principal removed", auditRecord("Remove service principal", ""), []string{"entra_principal_removed"}},
		{"owner", auditRecord("Add owner to application", ""), []string{"entra_owner_changed"}},
		{"key", auditRecord("Update application – Certificates and secrets management ", changes("KeyDescription", `["[KeyIdentifier=6d5c4b3a-2918-4f7e-8d6c-5b4a39281706,KeyType=Password]"]`)), []string{entraKeyMade}},
		{"foreign issuer", auditRecord("Update application", changes("FederatedIdentityCredentials", `[{"Issuer":"https://evil.example"}]`)), []string{entraFederated}},
		{"reply address", auditRecord("Update application", changes("AppAddress", `[{"Address":"https://evil.example"}]`)), []string{"entra_app_address_changed"}},
		{"mighty permission", auditRecord("Add app role assignment to service principal", changes("AppRole.Value", `"RoleManagement.ReadWrite.Directory"`)), []string{"entra_mighty_permission"}},
		{"small permission", auditRecord("Add app role assignment to service principal", changes("AppRole.Value", `"User.Read.All"`)), []string{"entra_permission"}},
		{"for everybody", auditRecord("Add delegated permission grant", changes("DelegatedPermissionGrant.Scope", `"Mail.ReadWrite"`, "DelegatedPermissionGrant.ConsentType", `"AllPrincipals"`)), []string{"entra_delegated_for_all"}},
		{"for one user", auditRecord("Consent to application", changes("ConsentAction.Permissions", `"[] => [[Id: 1, ConsentType: Principal, Scope: openid Mail.ReadWrite offline_access]]"`)), []string{"entra_delegated"}},
		{"small consent", auditRecord("Consent to application", changes("ConsentAction.Permissions", `"[] => [[Scope: openid profile]]"`)), []string{"entra_consent"}},
		{"consent refused", strings.Replace(auditRecord("Consent to application", `,"resultReason":"Microsoft.Online.Security.UserConsentBlockedForRiskyAppsException"`), `"result":"success"`, `"result":"failure"`, 1), []string{"entra_consent_blocked"}},
		{"consent refused otherwise", strings.Replace(auditRecord("Consent to application", ""), `"result":"success"`, `"result":"failure"`, 1), nil},
		{"all subscriptions", azureRecord("MICROSOFT.AUTHORIZATION/ELEVATEACCESS/ACTION"), []string{"azure_raised_over_subscriptions"}},
		{"cluster keys", azureRecord("MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/LISTCLUSTERUSERCREDENTIAL/ACTION"), []string{azureClusterKeys}},
		{"a machine started", azureRecord("MICROSOFT.COMPUTE/VIRTUALMACHINES/START/ACTION"), nil},
		{"policy deleted", auditRecord("Delete conditional access policy", ""), []string{entraAccessRemoved}},
		{"policy off", auditRecord("Update conditional access policy", `,"targetResources":[{"type":"Policy","modifiedProperties":[{"displayName":"ConditionalAccessPolicy","oldValue":"{\"state\":\"enabled\"}","newValue":"{\"state\":\"disabled\"}"}]}]`), []string{entraAccessRemoved}},
		{"policy changed", auditRecord("Update conditional access policy", ""), []string{"entra_access_policy_changed"}},
		{"federation", auditRecord("Set federation settings on domain", ""), []string{"entra_federation_changed"}},
		{"authority", auditRecord("Set Company Information", changes("TrustedCAsForPasswordlessAuth", `["x"]`)), []string{"entra_authority_added"}},
		{"methods for all", auditRecord("Authentication Methods Policy Update", ""), []string{"entra_methods_policy_changed"}},
		{"security defaults", auditRecord("Update security defaults", ""), []string{"entra_security_defaults"}},
		{"domain", auditRecord("Verify domain", ""), []string{"entra_domain_added"}},
		{"other tenant", auditRecord("Add a partner to cross-tenant access setting", ""), []string{"entra_tenant_trusted"}},
		{"device policy", auditRecord("Set device registration policies", ""), []string{"entra_device_policy_changed"}},
		{"actor token", `{"time":"2026-09-15T09:00:00Z","category":"AuditLogs","operationName":"Add user","properties":{"id":"a1","result":"success","initiatedBy":{"user":{"id":"u1","userPrincipalName":"admin@acme.example","displayName":"Office 365 Exchange Online"}}}}`, []string{"entra_actor_token"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := readOne(t, test.record)
			if got := signsOf(&a); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestEntraFacts(t *testing.T) {
	raised := readOne(t, auditRecord("Add member to role completed (PIM activation)", `,"targetResources":[{"type":"Role","displayName":"Global Administrator"},{"type":"User","id":"u1","userPrincipalName":"Alice@acme.example"}],
		"additionalDetails":[{"key":"ExpirationTime","value":"2026-09-15T13:00:00Z"}]`))
	if raised.Lifetime != 4*time.Hour || raised.Scopes != "global_administrator" || raised.TargetID != "alice@acme.example" || raised.Activity != ecs.Elevation {
		t.Errorf("got %v of %q for %q as %q", raised.Lifetime, raised.Scopes, raised.TargetID, raised.Activity)
	}
	again := readOne(t, `{"time":"2026-09-15T09:00:00Z","category":"AuditLogs","operationName":"Add member to role","properties":{"id":"a2","result":"success","initiatedBy":{"app":{"displayName":"MS-PIM","servicePrincipalId":"p1"}}}}`)
	if again.Activity != ecs.APICall {
		t.Errorf("got %q for what PIM does itself, want %q", again.Activity, ecs.APICall)
	}
	granted := readOne(t, auditRecord("Add app role assignment to service principal", changes("ServicePrincipal.ObjectID", `"sp1"`, "AppRole.Value", `"Mail.Read"`)))
	if granted.TargetID != "entra:sp/sp1" || granted.Scopes != "Mail.Read" {
		t.Errorf("got %q for %q", granted.Scopes, granted.TargetID)
	}
	keyed := readOne(t, auditRecord("Update application – Certificates and secrets management ", `,"targetResources":[{"type":"Application","id":"obj1","displayName":"shop"}],"additionalDetails":[{"key":"AppId","value":"app1"}]`))
	if keyed.TargetID != "entra:app/app1" || keyed.Action != "Update application - Certificates and secrets management" {
		t.Errorf("got %q of %q", keyed.Action, keyed.TargetID)
	}
	redeemed := readOne(t, `{"time":"2026-09-15T09:00:00Z","category":"NonInteractiveUserSignInLogs","resultType":"0","callerIpAddress":"192.0.2.200","properties":{"id":"s1","userPrincipalName":"alice@acme.example","userId":"u1","clientCredentialType":"clientSecret","location":{"countryOrRegion":"LV","geoCoordinates":{"latitude":56.9,"longitude":24.1}}}}`)
	if redeemed.Addr.IsValid() || redeemed.Place != nil {
		t.Errorf("got %v in %v: the address of a confidential client's sign-in is another's", redeemed.Addr, redeemed.Place)
	}
	if len(redeemed.Links) != 1 || redeemed.Links[0].To != "entra:user/u1" {
		t.Errorf("got links %+v", redeemed.Links)
	}
	call := readOne(t, `{"time":"2026-09-15T09:00:00Z","category":"MicrosoftGraphActivityLogs","properties":{"requestId":"q1","requestMethod":"GET","requestUri":"https://graph.microsoft.com/v1.0/users/alice@acme.example/messages/AAMk?$top=5","responseStatusCode":200,"appId":"app1","servicePrincipalId":"sp1","roles":"Mail.Read"}}`)
	if call.Operation != "GET users/messages" || call.Activity != ecs.DataRead || call.Actor.ID != "entra:app/app1" {
		t.Errorf("got %q, %q by %q", call.Operation, call.Activity, call.Actor.ID)
	}
}
