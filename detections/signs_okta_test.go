package detections

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// reading takes the act that a reader makes of each event.
type reading struct {
	reader *Reader
	acts   []Act
	dead   int
}

func (r *reading) TakeEvent(ev *ecs.Event) {
	if a, ok := r.reader.Read(ev); ok {
		r.acts = append(r.acts, *a)
	}
}

func (r *reading) TakeDead(*parsers.Dead) { r.dead++ }

// readOne makes an act of one record.
func readOne(t *testing.T, text string) Act {
	t.Helper()
	p, err := parsers.New(parsers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &reading{reader: NewReader(Signs())}
	p.Parse([]byte(text), r)
	if len(r.acts) != 1 || r.dead > 0 {
		t.Fatalf("got %d acts and %d dead letters, want one act of\n%s", len(r.acts), r.dead, text)
	}
	show(&r.acts[0])
	return r.acts[0]
}

// signsOf are the ids of the signs that an act bears.
func signsOf(a *Act) []string {
	var ids []string
	for _, s := range a.Signs {
		ids = append(ids, s.ID)
	}
	return ids
}

// oktaRecord is a System Log event; rest are further members, each with a comma before it.
func oktaRecord(eventType, result, rest string) string {
	return fmt.Sprintf(`{"uuid":"u1","published":"2026-09-15T09:00:00.000Z","eventType":%q,"outcome":{"result":%q},
		"client":{"ipAddress":"192.0.2.200"}%s}`, eventType, result, rest)
}

const byAlice = `,"actor":{"id":"00ualice","type":"User","alternateId":"Alice@acme.example","displayName":"Alice"}`

func TestOktaSigns(t *testing.T) {
	data := func(members string) string { return byAlice + `,"debugContext":{"debugData":{` + members + `}}` }
	target := func(members string) string { return byAlice + `,"target":[{` + members + `}]` }
	proxy := byAlice + `,"securityContext":{"isProxy":true}`
	for _, test := range []struct {
		name, record string
		want         []string
	}{
		{"lock", oktaRecord("user.account.lock", "FAILURE", byAlice), nil}, // refused acts bear no sign that is not about refusals
		{"locked", oktaRecord("user.account.lock", "SUCCESS", byAlice), []string{"okta_account_locked"}},
		{"sign-in by proxy", oktaRecord("user.session.start", "SUCCESS", proxy), []string{oktaProxySign}},
		{"plain sign-in", oktaRecord("user.session.start", "SUCCESS", byAlice), nil},
		{"password as name", oktaRecord("user.session.start", "FAILURE", `,"actor":{"id":"unknown","type":"User","alternateId":"Tr0ub4dor&3","displayName":"unknown"}`), []string{"okta_password_as_user_name"}},
		{"a name typed wrong", oktaRecord("user.session.start", "FAILURE", `,"actor":{"id":"unknown","type":"User","alternateId":"alice.example","displayName":"unknown"}`), nil},
		{"user reports", oktaRecord("user.account.report_suspicious_activity_by_enduser", "SUCCESS", byAlice), []string{"okta_user_reports_activity"}},
		{"threat", oktaRecord("security.threat.detected", "DENY", ""), []string{"okta_threat_detected"}},
		{"breached password", oktaRecord("security.breached_credential.detected", "SUCCESS", byAlice), []string{"okta_attack_detected"}},
		{"user at risk", oktaRecord("user.risk.change", "SUCCESS", data(`"risk":"{reasons=x, level=HIGH}"`)), []string{"okta_user_risk_high"}},
		{"user at low risk", oktaRecord("user.risk.change", "SUCCESS", data(`"risk":"{level=LOW}"`)), nil},
		{"threat suspected", oktaRecord("user.session.start", "SUCCESS", data(`"threatSuspected":"true"`)), []string{"okta_risky_sign_in"}},
		{"risk of a policy that only logs", oktaRecord("policy.evaluate_sign_on", "CHALLENGE", data(`"logOnlySecurityData":"{\"risk\":{\"level\":\"HIGH\"}}"`)), []string{"okta_risky_sign_in"}},
		{"roaming", oktaRecord("security.session.detect_client_roaming", "SUCCESS", byAlice), []string{"okta_session_moved_by_okta"}},
		{"impersonation", oktaRecord("user.session.impersonation.initiate", "SUCCESS", byAlice), []string{"okta_impersonation"}},
		{"impersonation allowed", oktaRecord("user.session.impersonation.grant", "SUCCESS", byAlice), []string{"okta_impersonation_allowed"}},
		{"refresh token replayed", oktaRecord("app.oauth2.as.token.detect_reuse", "FAILURE", byAlice), []string{"okta_refresh_token_reused"}},
		{"scope refused", oktaRecord("app.oauth2.as.authorize.scope_denied", "FAILURE", byAlice), []string{oktaOAuthRefused}},
		{"factor removed", oktaRecord("user.mfa.factor.deactivate", "SUCCESS", byAlice), []string{"okta_factor_removed"}},
		{"password reset", oktaRecord("user.account.reset_password", "SUCCESS", byAlice), []string{"okta_password_reset_by_other"}},
		{"phishing refused", strings.Replace(oktaRecord("user.authentication.auth_via_mfa", "FAILURE", byAlice), `"FAILURE"`, `"FAILURE","reason":"FastPass declined phishing attempt"`, 1), []string{"okta_phishing_refused"}},
		{"bypass", oktaRecord("user.mfa.attempt_bypass", "FAILURE", byAlice), []string{"okta_factor_bypass"}},
		{"factor off for all", oktaRecord("system.mfa.factor.deactivate", "SUCCESS", byAlice), []string{"okta_factor_off_for_all"}},
		{"fewer factors", oktaRecord("policy.rule.update", "SUCCESS", target(`"type":"PolicyRule","changeDetails":{"from":{"factorMode":"2FA"},"to":{"factorMode":"1FA"}}`)), []string{"okta_factor_demand_lowered", "okta_policy_changed"}},
		{"more factors", oktaRecord("policy.rule.update", "SUCCESS", target(`"type":"PolicyRule","changeDetails":{"from":{"factorMode":"1FA"},"to":{"factorMode":"2FA"}}`)), []string{"okta_policy_changed"}},
		{"wrong number", oktaRecord("user.authentication.auth_via_mfa", "FAILURE", data(`"factor":"OKTA_VERIFY_PUSH","pushWithNumberChallengeResponseType":"OV_WITH_CHALLENGE_RESPONSE_INVALID"`)), []string{"okta_wrong_number"}},
		{"right number", oktaRecord("user.authentication.auth_via_mfa", "SUCCESS", data(`"factor":"OKTA_VERIFY_PUSH","pushWithNumberChallengeResponseType":"OV_WITH_CHALLENGE_RESPONSE_VALID"`)), nil},
		{"super administrator", oktaRecord("user.account.privilege.grant", "SUCCESS", data(`"privilegeGranted":"Help Desk administrator, Super administrator"`)), []string{oktaSuperAdmin}},
		{"help desk", oktaRecord("user.account.privilege.grant", "SUCCESS", data(`"privilegeGranted":"Help Desk administrator"`)), []string{oktaAdminRole}},
		{"console from a new device", oktaRecord("policy.evaluate_sign_on", "CHALLENGE", data(`"behaviors":"{New Device=POSITIVE, Velocity=NEGATIVE}"`)+`,"target":[{"type":"AppInstance","displayName":"Okta Admin Console"}]`), []string{"okta_admin_console_odd"}},
		{"mail from a new device", oktaRecord("policy.evaluate_sign_on", "CHALLENGE", data(`"behaviors":"{New Device=POSITIVE}"`)+`,"target":[{"type":"AppInstance","displayName":"Mail"}]`), nil},
		{"console refused", oktaRecord("user.session.access_admin_app", "FAILURE", byAlice), []string{"okta_admin_console_refused"}},
		{"administration by proxy", oktaRecord("user.lifecycle.activate", "SUCCESS", proxy+`,"debugContext":{"debugData":{"requestUri":"/admin/user/1"}}`), []string{"okta_admin_by_proxy"}},
		{"protected action", oktaRecord("security.protected_action.attempt", "SUCCESS", byAlice), []string{"okta_protected_action"}},
		{"provider added", oktaRecord("system.idp.lifecycle.create", "SUCCESS", byAlice), []string{"okta_identity_provider_added"}},
		{"provider changed", oktaRecord("system.idp.lifecycle.update", "SUCCESS", byAlice), []string{"okta_identity_provider_changed"}},
		{"org to org", oktaRecord("application.lifecycle.create", "SUCCESS", target(`"type":"AppInstance","displayName":"Okta Org2Org"`)), []string{"okta_org2org_added"}},
		{"directory agent", oktaRecord("system.agent.ad.create", "SUCCESS", byAlice), []string{"okta_directory_agent_added"}},
		{"token made", oktaRecord("system.api_token.create", "SUCCESS", byAlice), []string{"okta_api_token_made"}},
		{"token opened", oktaRecord("system.api_token.update", "SUCCESS", target(`"type":"Token","changeDetails":{"from":{"network":"ZONE"},"to":{"network":"ANYWHERE"}}`)), []string{"okta_api_token_opened"}},
		{"token switched on", oktaRecord("system.api_token.enable", "SUCCESS", byAlice), []string{"okta_api_token_changed"}},
		{"token revoked", oktaRecord("system.api_token.revoke", "SUCCESS", byAlice), []string{"okta_api_token_revoked"}},
		{"token elsewhere", oktaRecord("system.api_token.request_outside_allowed_range", "FAILURE", byAlice), []string{"okta_api_token_outside"}},
		{"secret read", oktaRecord("app.oauth2.client.read_client_secret", "SUCCESS", byAlice), []string{oktaSecretRead}},
		{"password shown", oktaRecord("application.user_membership.show_password", "SUCCESS", target(`"type":"User","id":"00ubob","alternateId":"bob@acme.example"`)), []string{"okta_password_shown"}},
		{"password pushed", oktaRecord("application.provision.user.push_okta_password", "SUCCESS", byAlice), []string{"okta_password_pushed"}},
		{"vaulted password", oktaRecord("pam.server_account.password_change.out_of_band", "SUCCESS", ""), []string{"okta_vaulted_password_changed"}},
		{"rate limit", oktaRecord("system.org.rate_limit.violation", "DENY", ""), []string{"okta_rate_limit"}},
		{"report", oktaRecord("analytics.reports.export.download", "SUCCESS", byAlice), []string{"okta_report_read"}},
		{"policy removed", oktaRecord("policy.lifecycle.delete", "SUCCESS", byAlice), []string{"okta_policy_removed"}},
		{"sign-on policy", oktaRecord("application.policy.sign_on.update", "SUCCESS", byAlice), []string{"okta_sign_on_policy_changed"}},
		{"zone", oktaRecord("zone.delete", "SUCCESS", byAlice), []string{"okta_zone_removed"}},
		{"application deleted", oktaRecord("application.lifecycle.delete", "SUCCESS", byAlice), []string{"okta_application_removed"}},
		{"application changed", oktaRecord("application.lifecycle.update", "SUCCESS", byAlice), []string{"okta_application_changed"}},
		{"protection", oktaRecord("security.threat.configuration.update", "SUCCESS", byAlice), []string{"okta_protection_lowered"}},
		{"log stream", oktaRecord("system.log_stream.lifecycle.deactivate", "SUCCESS", byAlice), []string{"okta_log_stream_stopped"}},
		{"event hook", oktaRecord("event_hook.deleted", "SUCCESS", byAlice), []string{"okta_log_stream_changed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := readOne(t, test.record)
			if got := signsOf(&a); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestOktaFacts(t *testing.T) {
	grant := readOne(t, oktaRecord("user.account.privilege.grant", "SUCCESS", byAlice+`,"debugContext":{"debugData":{"privilegeGranted":"Super administrator, Help Desk administrator"}},
		"target":[{"id":"00ubob","type":"User","alternateId":"Bob@acme.example","displayName":"Bob"}]`))
	if grant.TargetID != "bob@acme.example" || grant.Scopes != "help_desk_administrator super_administrator" {
		t.Errorf("got target %q and scopes %q", grant.TargetID, grant.Scopes)
	}
	if len(grant.Links) != 2 || grant.Links[0].From != "bob@acme.example" || grant.Links[0].To != "okta:00ubob" || grant.Links[1].To != "okta:00ualice" {
		t.Errorf("got links %+v, want both people's names", grant.Links)
	}
	opened := readOne(t, oktaRecord("user.authentication.sso", "SUCCESS", byAlice+`,"client":{"ipAddress":"192.0.2.200","geographicalContext":{"country":"Latvia","city":"Riga","geolocation":{"lat":56.9,"lon":24.1}}},
		"securityContext":{"asNumber":65536},"authenticationContext":{"externalSessionId":"unknown"},"target":[{"id":"0oa1","type":"AppInstance","displayName":"Mail"}]`))
	if opened.Operation != "Mail" || opened.Session != "" {
		t.Errorf("got operation %q and session %q", opened.Operation, opened.Session)
	}
	token := readOne(t, oktaRecord("app.oauth2.token.grant.access_token", "SUCCESS", `,"actor":{"id":"0oa1","type":"PublicClientApp"},"debugContext":{"debugData":{"grantType":"client_credentials","grantedScopes":"okta.users.read, okta.apps.read"}}`))
	if token.Scopes != "okta.apps.read okta.users.read" || token.Method != "client_credentials" || token.Actor.ID != "okta:0oa1" {
		t.Errorf("got scopes %q, method %q, actor %q", token.Scopes, token.Method, token.Actor.ID)
	}
	own := readOne(t, oktaRecord("user.session.start", "SUCCESS", byAlice+`,"transaction":{"detail":{"requestApiTokenId":"00T1"}}`))
	if own.Actor.ID != "alice@acme.example" || own.Credential != "" {
		t.Errorf("got %q with credential %q: a token signs nobody in", own.Actor.ID, own.Credential)
	}
	typed := readOne(t, oktaRecord("user.authentication.auth_via_mfa", "FAILURE", byAlice+`,"debugContext":{"debugData":{"factor":"PASSWORD_AS_FACTOR"}}`))
	if typed.Activity != ecs.SignIn {
		t.Errorf("got %q for a wrong password, want %q", typed.Activity, ecs.SignIn)
	}
}
