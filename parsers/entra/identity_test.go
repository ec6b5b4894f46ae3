package entra

import (
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
)

func TestLogin(t *testing.T) {
	for name, want := range map[string]string{
		"Alice@Acme.Example": "alice@acme.example",
		"Carol_Jones_partner.example#EXT#@acme.onmicrosoft.example": "carol_jones@partner.example",
		"odd#EXT#@acme.example": "odd#ext#@acme.example",
		"":                      "",
	} {
		if got := login(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestSignInActivity(t *testing.T) {
	const interactive, not = "SignInLogs", "NonInteractiveUserSignInLogs"
	tests := []struct {
		category           string
		code               int
		incoming, protocol string
		want               ecs.Activity
	}{
		{interactive, 0, "none", "none", ecs.SignIn},
		{interactive, 50126, "", "", ecs.SignIn},
		{interactive, 50076, "", "", ecs.MFAPrompt},
		{interactive, 500121, "", "", ecs.MFARefused},
		{interactive, 53003, "", "", ecs.PolicyDecision},
		{interactive, 0, "refreshToken", "", ecs.SignIn},
		{not, 0, "refreshToken", "", ecs.TokenRefresh},
		{not, 70043, "refreshToken", "", ecs.TokenRefresh},
		{not, 0, "primaryRefreshToken", "", ecs.SSO},
		{not, 0, "none", "ropc", ecs.SignIn},
		{"ServicePrincipalSignInLogs", 7000215, "none", "", ecs.SignIn},
	}
	for _, test := range tests {
		if got := signInActivity(test.category, test.code, test.incoming, test.protocol); got != test.want {
			t.Errorf("%+v: got %s", test, got)
		}
	}
}

func TestAuditActivity(t *testing.T) {
	for operation, want := range map[string]ecs.Activity{
		"Update application – Certificates and secrets management ": ecs.CredentialCreate,
		"Update application - Certificates and secrets management":  ecs.CredentialCreate,
		"Add member to role":                                       ecs.PrivilegeGrant,
		"Add member to role completed (PIM activation)":            ecs.Elevation,
		"Add member to role requested (PIM activation)":            ecs.ElevationRequest,
		"Add member to role request approved (PIM activation)":     ecs.ElevationRequest,
		"Add member to role outside of PIM (permanent)":            ecs.PrivilegeGrant,
		"Add eligible member to role in PIM completed (permanent)": ecs.PrivilegeGrant,
		"Remove member from role completed (PIM deactivate)":       ecs.ElevationEnd,
		"Remove member from role (PIM activation expired)":         ecs.ElevationEnd,
		"Fraud reported - user is blocked for MFA":                 ecs.RiskReport,
		"Hard delete application":                                  ecs.IdentityDelete,
		"Something new":                                            ecs.APICall,
		"":                                                         ecs.APICall,
	} {
		if got := auditActivity(operation); got != want {
			t.Errorf("%s: got %s, want %s", operation, got, want)
		}
	}
}

func TestResourceActivity(t *testing.T) {
	for operation, want := range map[string]ecs.Activity{
		"MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE":          ecs.PrivilegeGrant,
		"microsoft.aad/diagnosticSettings/delete":                ecs.LogTampering,
		"Microsoft.Authorization/elevateAccess/action":           ecs.Elevation,
		"Microsoft.Storage/storageAccounts/regenerateKey/action": ecs.CredentialRotate,
		"Microsoft.Compute/virtualMachines/write":                ecs.ResourceChange,
		"Microsoft.Compute/virtualMachines/start/action":         ecs.APICall,
	} {
		if got := resourceActivity(operation); got != want {
			t.Errorf("%s: got %s, want %s", operation, got, want)
		}
	}
}

func TestKeyOnlyIn(t *testing.T) {
	const one, two = "6d5c4b3a-2918-4f7e-8d6c-5b4a39281706", "7e6d5c4b-3a29-4180-9e7d-6c5b4a392817"
	list := func(keys ...string) string {
		text := "["
		for _, key := range keys {
			text += `"[KeyIdentifier=` + key + `,KeyType=Password]",`
		}
		return text + "]"
	}
	tests := []struct{ list, other, want string }{
		{list(one), list(), one},
		{list(one, two), list(one), two},
		{list(one), list(one, two), ""},
		{list(), list(one), ""},
		{"KeyIdentifier=short,", "", ""},
		{"", "", ""},
	}
	for _, test := range tests {
		if got := keyOnlyIn(test.list, test.other); got != test.want {
			t.Errorf("%s without %s: got %q, want %q", test.list, test.other, got, test.want)
		}
	}
}
