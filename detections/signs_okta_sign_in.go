package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// oktaSignInSigns are what single events show of sign-ins, sessions and tokens.
var oktaSignInSigns = []*Sign{
	{
		Rule: Rule{
			ID: "okta_account_locked", Name: "Okta account locked after failed sign-ins", Severity: 21, Points: 25,
			Description: "An account is locked because its password was guessed wrong too often.",
			Covers:      []string{"AU1"}, Techniques: []string{"T1110.001"},
			Evidence: "user.account.lock", Lookalikes: "A phone that still has the old password.",
		},
		Dataset: okta, Actions: []string{"user.account.lock", "user.account.lock.limit"},
	},
	{
		Rule:    Rule{ID: oktaProxySign, Name: "Okta sign-in through a proxy", Covers: []string{"AU5"}},
		Dataset: okta, Actions: []string{"user.session.start", "user.authentication.auth_via_mfa", "user.authentication.sso"}, Quiet: true, When: isOktaProxy,
	},
	{
		Rule: Rule{
			ID: "okta_password_as_user_name", Name: "Password typed as user name in Okta", Severity: 47, Points: 50,
			Description: "What was typed as user name of a failed sign-in looks like a password. It now stands in the log, for all who read it.",
			Covers:      []string{"AU9"}, Techniques: []string{"T1552"},
			Evidence: "actor.alternateId of an unknown actor", Lookalikes: "User names with digits and capitals.", Tuning: "The password's owner signs in from the same address next: change it.",
		},
		Dataset: okta, Actions: []string{"user.session.start", "user.authentication.authenticate", "user.authentication.auth_via_mfa"}, Failures: true,
		When: func(ev *ecs.Event) bool {
			return ev.Outcome == "failure" && ev.Identity.ID == "" && looksLikePassword(ev.User.Name)
		},
	},
	{
		Rule: Rule{
			ID: "okta_user_reports_activity", Name: "User reports suspicious activity on an own Okta account", Severity: 73, Points: 65,
			Description: "Somebody answers Okta's notice about a sign-in or a new factor with: that was not me.",
			Covers:      []string{"AU12"}, Techniques: []string{"T1078.004"},
			Evidence: "user.account.report_suspicious_activity_by_enduser", Lookalikes: "A new phone of one's own, forgotten.",
		},
		Dataset: okta, Actions: []string{"user.account.report_suspicious_activity_by_enduser"}, Failures: true,
	},
	{
		Rule: Rule{
			ID: "okta_threat_detected", Name: "Okta ThreatInsight detects a threat", Severity: 47, Points: 40,
			Description: "Requests from an address that attacks many organisations reach this one.",
			Covers:      []string{"AU12"}, Techniques: []string{"T1110"},
			Evidence: "security.threat.detected", Lookalikes: "Background noise of the Internet: weighs where it meets an account that signs in.",
		},
		Dataset: okta, Actions: []string{"security.threat.detected"}, Failures: true,
	},
	{
		Rule: Rule{
			ID: "okta_attack_detected", Name: "Okta reports an attack or a leaked password", Severity: 73, Points: 60,
			Description: "Okta sees an attack on the organisation, or a password of it among leaked ones.",
			Covers:      []string{"AU12"}, Techniques: []string{"T1110", "T1110.004"},
			Evidence: "security.attack.start, security.breached_credential.detected", Lookalikes: "An old leak: the password has changed since.",
		},
		Dataset: okta, Actions: []string{"security.attack.start", "security.breached_credential.detected"}, Failures: true,
	},
	{
		Rule: Rule{
			ID: "okta_user_risk_high", Name: "Okta Identity Threat Protection puts a user at high risk", Severity: 73, Points: 55,
			Description: "The service, or a partner that it listens to, judges a user to be taken over.",
			Covers:      []string{"AU12"}, Techniques: []string{"T1078.004"},
			Evidence: "user.risk.change, user.risk.detect, policy.entity_risk.* with level HIGH", Lookalikes: "Risk set by hand in a test.",
		},
		Dataset: okta, Actions: []string{"user.risk.change", "user.risk.detect", "policy.entity_risk.evaluate", "policy.entity_risk.action"}, Failures: true,
		When: func(ev *ecs.Event) bool {
			return oktaRisk(ev) || oktaBecame(ev, "HIGH") || strings.Contains(ev.Record.Root().Path("outcome", "reason").Str(), "HIGH")
		},
	},
	{
		Rule: Rule{
			ID: "okta_risky_sign_in", Name: "Okta lets a risky sign-in through", Severity: 47, Points: 40,
			Description: "A sign-in is not refused although Okta suspects a threat or puts it at high risk.",
			Covers:      []string{"AU12"}, Techniques: []string{"T1078.004"},
			Evidence: "debugData.threatSuspected, debugData.risk level=HIGH", Lookalikes: "A traveller with a new machine.",
		},
		Dataset: okta, Actions: []string{"user.session.start", "policy.evaluate_sign_on"}, Weigh: asPerson,
		When: func(ev *ecs.Event) bool { return oktaData(ev, "threatSuspected") == "true" || oktaRisk(ev) },
	},
	{
		Rule: Rule{
			ID: "okta_session_moved_by_okta", Name: "Okta sees a session move", Severity: 47, Points: 25,
			Description: "Okta notices that a session's client or network changed, or ends it because the policy does not hold any more.",
			Covers:      []string{"SE1"}, Techniques: []string{"T1539", "T1550.004"},
			Evidence: "user.session.context.change, security.session.detect_client_roaming, policy.auth_reevaluate.fail", Lookalikes: "A laptop that leaves the office.",
		},
		Dataset: okta, Actions: []string{"user.session.context.change", "security.session.detect_client_roaming", "policy.auth_reevaluate.fail"}, Failures: true, Weigh: asPerson,
	},
	{
		Rule: Rule{
			ID: "okta_impersonation", Name: "Somebody takes over a user's Okta session", Severity: 73, Points: 65,
			Description: "Okta support or another person acts as a user.",
			Covers:      []string{"SE4"}, Techniques: []string{"T1199"}, NHI: []string{"NHI3:2025"},
			Evidence: "user.session.impersonation.initiate, .extend", Lookalikes: "A support case of your own.", Tuning: "Declare a maintenance window for the case.",
		},
		Dataset: okta, Actions: []string{"user.session.impersonation.initiate", "user.session.impersonation.extend"},
	},
	{
		Rule: Rule{
			ID: "okta_impersonation_allowed", Name: "Okta support is allowed to impersonate", Severity: 47, Points: 40,
			Description: "An administrator lets Okta support act as a user of the organisation.",
			Covers:      []string{"SE4"}, Techniques: []string{"T1199"},
			Evidence: "user.session.impersonation.grant", Lookalikes: "A support case of your own.", Tuning: "Declare a maintenance window for the case.",
		},
		Dataset: okta, Actions: []string{"user.session.impersonation.grant"}, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "okta_refresh_token_reused", Name: "Used Okta refresh token presented again", Severity: 73, Points: 65,
			Description: "A refresh token that was already exchanged comes back: two hold it.",
			Covers:      []string{"SE5"}, Techniques: []string{"T1528", "T1550.001"}, NHI: []string{"NHI2:2025"},
			Evidence: "app.oauth2.token.detect_reuse", Lookalikes: "An application that retries after a lost answer: same address, within a second.",
		},
		Dataset: okta, Actions: []string{"app.oauth2.token.detect_reuse", "app.oauth2.as.token.detect_reuse"}, Failures: true,
	},
	{
		Rule:    Rule{ID: oktaOAuthRefused, Name: "Okta refuses an OAuth request", Covers: []string{"SE5"}},
		Dataset: okta, Quiet: true, Failures: true,
		When: func(ev *ecs.Event) bool {
			return ev.Outcome == "failure" && strings.HasPrefix(ev.Action, "app.oauth2.") && !strings.Contains(ev.Action, "detect_reuse")
		},
	},
}

const (
	oktaProxySign    = "okta_proxy"
	oktaOAuthRefused = "okta_oauth_refused"
)
