package okta

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// activities are the kinds of acts of event types: https://developer.okta.com/docs/reference/api/event-types/
var activities = map[string]ecs.Activity{
	"user.session.start":                        ecs.SignIn,
	"user.session.end":                          ecs.SignOut,
	"user.session.clear":                        ecs.SessionRevoke,
	"user.authentication.universal_logout":      ecs.SessionRevoke,
	"user.session.context.change":               ecs.SessionChange,
	"security.session.detect_client_roaming":    ecs.SessionChange,
	"user.session.access_admin_app":             ecs.Elevation,
	"user.authentication.sso":                   ecs.SSO,
	"user.authentication.auth_via_IDP":          ecs.SignIn,
	"user.authentication.auth_via_inbound_SAML": ecs.SignIn,
	"user.authentication.auth_via_AD_agent":     ecs.SignIn,
	"user.authentication.auth_via_radius":       ecs.SignIn,
	"user.authentication.verify":                ecs.SignIn,

	"system.push.send_factor_verify_push":                ecs.MFAPrompt,
	"user.mfa.okta_verify.deny_push":                     ecs.MFARefused,
	"user.mfa.okta_verify.deny_push_upgrade_needed":      ecs.MFARefused,
	"user.mfa.attempt_bypass":                            ecs.MFABypass,
	"user.mfa.factor.activate":                           ecs.MFAEnroll,
	"user.mfa.factor.update":                             ecs.MFAEnroll,
	"user.mfa.factor.unsuspend":                          ecs.MFAEnroll,
	"device.enrollment.create":                           ecs.MFAEnroll,
	"device.user.add":                                    ecs.MFAEnroll,
	"device.token.enrollment.create":                     ecs.MFAEnroll,
	"user.mfa.factor.deactivate":                         ecs.MFARemove,
	"user.mfa.factor.suspend":                            ecs.MFARemove,
	"user.mfa.factor.reset_all":                          ecs.MFARemove,
	"user.account.report_suspicious_activity_by_enduser": ecs.RiskReport,
	"security.threat.detected":                           ecs.RiskReport,
	"user.risk.change":                                   ecs.RiskReport,
	"user.risk.detect":                                   ecs.RiskReport,

	"policy.evaluate_sign_on":                    ecs.PolicyDecision,
	"policy.auth_reevaluate.fail":                ecs.PolicyDecision,
	"policy.auth_reevaluate.enforce":             ecs.PolicyDecision,
	"policy.entity_risk.evaluate":                ecs.PolicyDecision,
	"policy.entity_risk.action":                  ecs.PolicyDecision,
	"security.request.blocked":                   ecs.PolicyDecision,
	"security.session_protection.status.update":  ecs.PolicyChange,
	"security.attack_protection.settings.update": ecs.PolicyChange,
	"security.protected_action.attempt":          ecs.ElevationRequest,

	"user.session.impersonation.grant":    ecs.Impersonation,
	"user.session.impersonation.initiate": ecs.Impersonation,
	"user.session.impersonation.extend":   ecs.Impersonation,
	"user.session.impersonation.end":      ecs.ElevationEnd,
	"user.session.impersonation.revoke":   ecs.ElevationEnd,

	"user.account.privilege.grant":       ecs.PrivilegeGrant,
	"group.privilege.grant":              ecs.PrivilegeGrant,
	"iam.resourceset.bindings.add":       ecs.PrivilegeGrant,
	"app.oauth2.client.privilege.grant":  ecs.PrivilegeGrant,
	"group.user_membership.add":          ecs.PrivilegeGrant,
	"application.user_membership.add":    ecs.PrivilegeGrant,
	"user.account.privilege.revoke":      ecs.PrivilegeRevoke,
	"group.privilege.revoke":             ecs.PrivilegeRevoke,
	"iam.resourceset.bindings.delete":    ecs.PrivilegeRevoke,
	"app.oauth2.client.privilege.revoke": ecs.PrivilegeRevoke,
	"group.user_membership.remove":       ecs.PrivilegeRevoke,
	"application.user_membership.remove": ecs.PrivilegeRevoke,

	"access.request.create":               ecs.ElevationRequest,
	"access.request.resolve":              ecs.Elevation,
	"access.request.expire":               ecs.ElevationEnd,
	"app.access_request.request":          ecs.ElevationRequest,
	"app.access_request.approver.approve": ecs.ElevationRequest,
	"app.access_request.grant":            ecs.Elevation,
	"app.access_request.expire":           ecs.ElevationEnd,

	"system.api_token.create":                        ecs.CredentialCreate,
	"app.oauth2.credentials.lifecycle.create":        ecs.CredentialCreate,
	"app.oauth2.credentials.lifecycle.activate":      ecs.CredentialEnable,
	"app.oauth2.client.lifecycle.create":             ecs.IdentityCreate,
	"app.oauth2.client.lifecycle.activate":           ecs.IdentityEnable,
	"app.oauth2.client.lifecycle.deactivate":         ecs.IdentityDisable,
	"app.oauth2.client.lifecycle.delete":             ecs.IdentityDelete,
	"app.keys.generate":                              ecs.CredentialCreate,
	"app.keys.clone":                                 ecs.CredentialCreate,
	"app.keys.rotate":                                ecs.CredentialRotate,
	"app.oauth2.as.key.rollover":                     ecs.CredentialRotate,
	"pam.workload_connection.api_key.create":         ecs.CredentialCreate,
	"pam.user_creds.issue":                           ecs.CredentialCreate,
	"pam.secret.reveal":                              ecs.SecretRead,
	"pam.service_account.password.reveal":            ecs.SecretRead,
	"app.oauth2.client.read_client_secret":           ecs.CredentialRead,
	"application.configuration.read_client_secret":   ecs.CredentialRead,
	"system.idp.lifecycle.read_client_secret":        ecs.CredentialRead,
	"system.api_token.revoke":                        ecs.CredentialEnd,
	"app.oauth2.credentials.lifecycle.deactivate":    ecs.CredentialEnd,
	"app.oauth2.credentials.lifecycle.delete":        ecs.CredentialEnd,
	"system.api_token.request_outside_allowed_range": ecs.PolicyDecision,
	"app.oauth2.invalid_client_credentials":          ecs.SignIn,

	"user.lifecycle.create":             ecs.IdentityCreate,
	"user.lifecycle.activate":           ecs.IdentityEnable,
	"user.lifecycle.reactivate":         ecs.IdentityEnable,
	"user.lifecycle.unsuspend":          ecs.IdentityEnable,
	"user.account.unlock":               ecs.IdentityEnable,
	"user.account.unlock_by_admin":      ecs.IdentityEnable,
	"user.lifecycle.deactivate":         ecs.IdentityDisable,
	"user.lifecycle.suspend":            ecs.IdentityDisable,
	"user.account.lock":                 ecs.IdentityDisable,
	"user.lifecycle.delete.initiated":   ecs.IdentityDelete,
	"user.account.update_profile":       ecs.IdentityChange,
	"user.account.update_primary_email": ecs.IdentityChange,
	"user.account.update_password":      ecs.CredentialChange,
	"user.account.reset_password":       ecs.CredentialChange,
	"user.account.expire_password":      ecs.CredentialChange,

	"system.log_stream.lifecycle.deactivate": ecs.LogTampering,
	"system.log_stream.lifecycle.delete":     ecs.LogTampering,
	"system.log_stream.lifecycle.update":     ecs.LogTampering,
	"event_hook.deactivated":                 ecs.LogTampering,
	"event_hook.deleted":                     ecs.LogTampering,
}

// families are activities by how an event type begins, for what the table above does not name.
var families = []struct {
	prefix   string
	activity ecs.Activity
}{
	{"app.oauth2.token.detect_reuse", ecs.TokenReuse},
	{"app.oauth2.as.token.detect_reuse", ecs.TokenReuse},
	{"app.oauth2.token.revoke", ecs.TokenRevoke},
	{"app.oauth2.as.token.revoke", ecs.TokenRevoke},
	{"app.oauth2.token.grant", ecs.TokenIssue},
	{"app.oauth2.as.token.grant", ecs.TokenIssue},
	{"app.oauth2.as.consent.grant", ecs.AppConsent},
	{"app.oauth2.consent.grant", ecs.AppConsent},
	{"system.idp.lifecycle", ecs.TrustChange},
	{"workload_principal.ai_agent.credential", ecs.CredentialCreate},
	{"workload_principal.register", ecs.IdentityCreate},
	{"workload_principal", ecs.IdentityChange},
	{"iam.role", ecs.PolicyChange},
	{"policy.", ecs.PolicyChange},
	{"application.policy.", ecs.PolicyChange},
	{"zone.", ecs.PolicyChange},
	{"security.authenticator.lifecycle", ecs.PolicyChange},
	{"application.lifecycle", ecs.AppChange},
	{"app.", ecs.AppChange},
}

// activityOf tells what kind of act an event is.
func activityOf(eventType, outcome, grant string) ecs.Activity {
	if eventType == "user.authentication.auth_via_mfa" {
		if outcome == "success" {
			return ecs.MFAApproved
		}
		return ecs.MFARefused
	}
	if a := activities[eventType]; a != "" {
		return a
	}
	for _, f := range families {
		if strings.HasPrefix(eventType, f.prefix) {
			if f.activity == ecs.TokenIssue && (grant == "refresh_token" || strings.HasSuffix(eventType, ".refresh_token")) {
				return ecs.TokenRefresh
			}
			return f.activity
		}
	}
	return ecs.APICall
}
