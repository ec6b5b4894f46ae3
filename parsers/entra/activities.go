package entra

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// signInActivity is the kind of act of a sign-in, from its error number and what it came with.
// https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
func signInActivity(category string, code int, incoming, protocol string) ecs.Activity {
	switch code {
	case 500121: // the second factor failed or was refused
		return ecs.MFARefused
	case 50072, 50074, 50076, 50079: // the second factor is asked for
		return ecs.MFAPrompt
	case 53000, 53001, 53002, 53003, 530031, 530032: // a policy blocks it
		return ecs.PolicyDecision
	}
	if category != "NonInteractiveUserSignInLogs" {
		return ecs.SignIn
	}
	switch {
	case incoming == "refreshToken":
		return ecs.TokenRefresh
	case protocol == "ropc", protocol == "deviceCode":
		return ecs.SignIn
	}
	return ecs.SSO
}

// auditActivity is the kind of act of an audited operation. Real records write names with a dash where the documentation
// has a hyphen, and some with a blank at the end.
// https://learn.microsoft.com/en-us/entra/identity/monitoring-health/reference-audit-activities
func auditActivity(operation string) ecs.Activity {
	name := strings.TrimSpace(operation)
	if strings.Contains(name, "–") {
		name = strings.ReplaceAll(name, "–", "-")
	}
	if activity, known := auditActivities[name]; known {
		return activity
	}
	for _, family := range auditFamilies {
		if strings.HasPrefix(name, family.part) {
			return family.activity
		}
	}
	return ecs.APICall
}

var auditActivities = map[string]ecs.Activity{
	// second factors
	"User registered security info":                ecs.MFAEnroll,
	"User registered all required security info":   ecs.MFAEnroll,
	"User changed default security info":           ecs.MFAEnroll,
	"User updated security info":                   ecs.MFAEnroll,
	"Admin registered security info":               ecs.MFAEnroll,
	"Admin updated security info":                  ecs.MFAEnroll,
	"Add FIDO2 security key":                       ecs.MFAEnroll,
	"Add Passkey (device-bound)":                   ecs.MFAEnroll,
	"Add Windows Hello for Business credential":    ecs.MFAEnroll,
	"Add passwordless phone sign-in credential":    ecs.MFAEnroll,
	"Create Temporary Access Pass method for user": ecs.MFAEnroll,
	"User deleted security info":                   ecs.MFARemove,
	"Admin deleted security info":                  ecs.MFARemove,
	"Delete FIDO2 security key":                    ecs.MFARemove,
	"Delete Windows Hello for Business credential": ecs.MFARemove,
	"Delete passwordless phone sign-in credential": ecs.MFARemove,
	"Delete Temporary Access Pass method for user": ecs.MFARemove,
	"Disable Strong Authentication":                ecs.MFARemove,
	"Disable per-user MFA":                         ecs.MFARemove,
	"Suspicious activity reported":                 ecs.RiskReport,
	"Confirm user compromised":                     ecs.RiskReport,
	"ConfirmAccountCompromised":                    ecs.RiskReport,
	"Update StsRefreshTokenValidFrom Timestamp":    ecs.SessionRevoke,
	"User started security info registration":      ecs.APICall,

	// passwords
	"Reset user password":                ecs.CredentialChange,
	"Reset password (by admin)":          ecs.CredentialChange,
	"Reset password (self-service)":      ecs.CredentialChange,
	"Change user password":               ecs.CredentialChange,
	"Change password (self-service)":     ecs.CredentialChange,
	"Set force change user password":     ecs.CredentialChange,
	"Unlock user account (self-service)": ecs.IdentityEnable,

	// policies
	"Add Conditional Access policy":        ecs.PolicyChange,
	"Update Conditional Access policy":     ecs.PolicyChange,
	"Delete Conditional Access policy":     ecs.PolicyChange,
	"Add conditional access policy":        ecs.PolicyChange,
	"Update conditional access policy":     ecs.PolicyChange,
	"Delete conditional access policy":     ecs.PolicyChange,
	"Add policy":                           ecs.PolicyChange,
	"Update policy":                        ecs.PolicyChange,
	"Delete policy":                        ecs.PolicyChange,
	"Add named location":                   ecs.PolicyChange,
	"Update named location":                ecs.PolicyChange,
	"Delete named location":                ecs.PolicyChange,
	"Update security defaults":             ecs.PolicyChange,
	"Update continuous access evaluation":  ecs.PolicyChange,
	"Authentication Methods Policy Update": ecs.PolicyChange,
	"Authentication Methods Policy Reset":  ecs.PolicyChange,
	"Update authorization policy":          ecs.PolicyChange,
	"Update role setting in PIM":           ecs.PolicyChange,
	"Disable PIM alert":                    ecs.PolicyChange,
	"Triggered PIM alert":                  ecs.RiskReport,
	"Set Company Information":              ecs.PolicyChange,
	"Update Company settings":              ecs.PolicyChange,

	// trust in others
	"Set federation settings on domain":                   ecs.TrustChange,
	"Set domain authentication":                           ecs.TrustChange,
	"Add unverified domain":                               ecs.TrustChange,
	"Add verified domain":                                 ecs.TrustChange,
	"Verify domain":                                       ecs.TrustChange,
	"Add a partner to cross-tenant access setting":        ecs.TrustChange,
	"Update a partner cross-tenant access setting":        ecs.TrustChange,
	"Delete partner specific cross-tenant access setting": ecs.TrustChange,
	"Update the default cross-tenant access setting":      ecs.TrustChange,
	"Reset the cross-tenant access default setting":       ecs.TrustChange,
	"Create federated identity credential":                ecs.TrustChange,
	"Update federated identity credential":                ecs.TrustChange,

	// lasting rights
	"Add member to role":                                ecs.PrivilegeGrant,
	"Add eligible member to role":                       ecs.PrivilegeGrant,
	"Add scoped member to role":                         ecs.PrivilegeGrant,
	"Add member to group":                               ecs.PrivilegeGrant,
	"Add owner to group":                                ecs.PrivilegeGrant,
	"Add owner to application":                          ecs.PrivilegeGrant,
	"Add owner to service principal":                    ecs.PrivilegeGrant,
	"Add app role assignment to service principal":      ecs.PrivilegeGrant,
	"Add app role assignment grant to user":             ecs.PrivilegeGrant,
	"Add app role assignment to group":                  ecs.PrivilegeGrant,
	"Add role definition":                               ecs.PrivilegeGrant,
	"Update role definition":                            ecs.PrivilegeGrant,
	"Add role assignment to role definition":            ecs.PrivilegeGrant,
	"Remove member from role":                           ecs.PrivilegeRevoke,
	"Remove eligible member from role":                  ecs.PrivilegeRevoke,
	"Remove scoped member from role":                    ecs.PrivilegeRevoke,
	"Remove member from group":                          ecs.PrivilegeRevoke,
	"Remove owner from group":                           ecs.PrivilegeRevoke,
	"Remove owner from application":                     ecs.PrivilegeRevoke,
	"Remove owner from service principal":               ecs.PrivilegeRevoke,
	"Remove app role assignment from service principal": ecs.PrivilegeRevoke,
	"Remove app role assignment from user":              ecs.PrivilegeRevoke,
	"Remove app role assignment from group":             ecs.PrivilegeRevoke,
	"Delete role definition":                            ecs.PrivilegeRevoke,

	// consent
	"Consent to application":            ecs.AppConsent,
	"Add delegated permission grant":    ecs.AppConsent,
	"Add OAuth2PermissionGrant":         ecs.AppConsent,
	"Remove delegated permission grant": ecs.PrivilegeRevoke,
	"Revoke consent":                    ecs.PrivilegeRevoke,

	// credentials of applications
	"Add service principal credentials":                        ecs.CredentialCreate,
	"Update application - Certificates and secrets management": ecs.CredentialCreate,
	"Remove service principal credentials":                     ecs.CredentialEnd,

	// accounts
	"Add user":                    ecs.IdentityCreate,
	"Invite external user":        ecs.IdentityCreate,
	"Redeem external user invite": ecs.IdentityEnable,
	"Add service principal":       ecs.IdentityCreate,
	"Add application":             ecs.IdentityCreate,
	"Add device":                  ecs.IdentityCreate,
	"Register device":             ecs.IdentityCreate,
	"Create application":          ecs.IdentityCreate,
	"Update user":                 ecs.IdentityChange,
	"Update device":               ecs.IdentityChange,
	"Change user license":         ecs.IdentityChange,
	"Set user manager":            ecs.IdentityChange,
	"Update service principal":    ecs.AppChange,
	"Update application":          ecs.AppChange,
	"Update external secrets":     ecs.AppChange,
	"Disable account":             ecs.IdentityDisable,
	"Enable account":              ecs.IdentityEnable,
	"Restore user":                ecs.IdentityEnable,
	"Restore application":         ecs.IdentityEnable,
	"Restore service principal":   ecs.IdentityEnable,
	"Restore Group":               ecs.ResourceChange,
	"Delete user":                 ecs.IdentityDelete,
	"Delete application":          ecs.IdentityDelete,
	"Remove service principal":    ecs.IdentityDelete,
	"Delete device":               ecs.IdentityDelete,
	"Unregister device":           ecs.IdentityDelete,

	// secrets of devices
	"Read BitLocker key":                          ecs.SecretRead,
	"Recover device local administrator password": ecs.SecretRead,

	// elevation through access packages
	"User requests access package assignment":               ecs.ElevationRequest,
	"Fulfill access package assignment request":             ecs.Elevation,
	"Administrator directly assigns user to access package": ecs.PrivilegeGrant,
	"Remove access package assignment":                      ecs.ElevationEnd,
	"Access package assignment expired":                     ecs.ElevationEnd,
}

// family is a group of operations whose names have a part in common. The first that fits counts.
type family struct {
	part     string
	activity ecs.Activity
}

// auditFamilies are known by how their names begin.
var auditFamilies = []family{
	{"Add member to role completed (PIM activation)", ecs.Elevation},
	{"Add member to role outside of PIM", ecs.PrivilegeGrant},
	{"Add eligible member to role in PIM requested", ecs.ElevationRequest},
	{"Add eligible member to role in PIM", ecs.PrivilegeGrant},
	{"Add member to role in PIM completed", ecs.PrivilegeGrant},
	{"Add member to role in PIM requested", ecs.ElevationRequest},
	{"Add member to role request", ecs.ElevationRequest},
	{"Add member to role canceled", ecs.ElevationEnd},
	{"Remove member from role completed (PIM deactivate)", ecs.ElevationEnd},
	{"Remove member from role (PIM activation expired)", ecs.ElevationEnd},
	{"Remove member from role in PIM", ecs.PrivilegeRevoke},
	{"Remove eligible member from role in PIM", ecs.PrivilegeRevoke},
	{"User has elevated their access to User Access Administrator", ecs.Elevation},
	{"Fraud reported", ecs.RiskReport},
	{"Hard delete", ecs.IdentityDelete},
	{"Hard Delete", ecs.IdentityDelete},
	{"Approve access package assignment request", ecs.ElevationRequest},
}
