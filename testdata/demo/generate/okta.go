package main

import (
	"strings"

	"github.com/idwatch/idwatch/testdata/geoip/places"
)

// oktaWords is what Okta shows for an event type, and the older name of it; not every event has one.
var oktaWords = map[string][2]string{
	"user.session.start":                                 {"User login to Okta", "core.user_auth.login_success"},
	"user.session.end":                                   {"User logout from Okta", "core.user_auth.logout_success"},
	"user.session.clear":                                 {"Clear user session", "core.user_auth.session_clear"},
	"user.session.access_admin_app":                      {"User accessing Okta admin app", "app.admin.sso.login.success"},
	"policy.evaluate_sign_on":                            {"Evaluation of sign-on policy", ""},
	"user.authentication.auth_via_mfa":                   {"Authentication of user via MFA", "core.user.factor.attempt_success"},
	"system.push.send_factor_verify_push":                {"Send Okta Verify push verification", "core.user.factor.push.sent"},
	"user.authentication.sso":                            {"User single sign on to app", "app.auth.sso"},
	"user.account.update_password":                       {"User update password for Okta", "core.user.config.password_update.success"},
	"user.account.privilege.grant":                       {"Grant user privilege", "core.user.admin_privilege.granted"},
	"user.mfa.factor.activate":                           {"Activate factor or authenticator enrollment method for user", "core.user.factor.activate"},
	"user.lifecycle.create":                              {"Create Okta user", "core.user.config.user_creation.success"},
	"user.lifecycle.activate":                            {"Activate Okta user", "core.user.config.user_activated"},
	"user.lifecycle.deactivate":                          {"Deactivate Okta user", "core.user.config.user_deactivated"},
	"device.enrollment.create":                           {"Create a new device enrollment", ""},
	"device.user.add":                                    {"Add device to user", ""},
	"group.user_membership.add":                          {"Add user to group membership", "core.user_group_member.user_add"},
	"application.user_membership.add":                    {"Add user to application membership", "app.generic.provision.assign_user_to_app"},
	"application.user_membership.remove":                 {"Remove user's application membership", "app.generic.provision.deactivate_user_from_app"},
	"application.provision.user.push":                    {"Push user to external application", "app.user_management.push_new_user"},
	"system.api_token.create":                            {"Create API token", "api.token.create"},
	"system.api_token.revoke":                            {"Revoke API token", "api.token.revoke"},
	"app.oauth2.token.grant.access_token":                {"OAuth2 access token is granted", "app.oauth2.token.grant.access_token_success"},
	"app.oauth2.token.grant.refresh_token":               {"OAuth2 refresh token is granted", "app.oauth2.token.grant.refresh_token_success"},
	"app.oauth2.client.read_client_secret":               {"Read OAuth2 client secret", ""},
	"app.oauth2.as.token.grant.access_token":             {"OAuth2 access token is granted", "app.oauth2.as.token.grant.access_token_success"},
	"user.account.report_suspicious_activity_by_enduser": {"User report suspicious activity", ""},
}

// oktaAct is one event of a visit: what happened, to what, and how it ended.
type oktaAct struct {
	kind    string
	result  string // SUCCESS when empty
	reason  string
	warn    bool
	target  []oktaTarget
	debug   map[string]any
	auth    oktaAuth
	noLogin bool // there is no session yet
}

// okta writes one event by the visitor.
func (v *visit) okta(a oktaAct) {
	net := v.network()
	ev := oktaEvent{
		Actor:           oktaActor{ID: v.who.oktaID, Type: "User", AlternateID: v.who.login, DisplayName: v.who.name},
		Client:          v.oktaClient(net),
		Device:          v.oktaDevice(),
		SecurityContext: oktaSecurity{net.ASN, strings.ToLower(net.Org), strings.ToLower(net.Org), net.Domain, false},
		DebugContext:    oktaDebug{v.oktaDebug(a)},
		Transaction:     oktaTransaction{"WEB", v.transaction, map[string]any{}},
		Request:         oktaRequest{[]oktaHop{{v.addr.String(), oktaPlace(net.Place), ipVersion(v.addr.Is4()), nil}}},
	}
	ev.AuthenticationContext = a.auth
	ev.AuthenticationContext.ExternalSessionID = v.session
	if a.noLogin {
		ev.AuthenticationContext.ExternalSessionID = "unknown"
	} else {
		ev.AuthenticationContext.RootSessionID = v.session
	}
	v.w.okta(ev, a, v)
}

// okta fills in what depends on the event type alone and takes the event.
func (w *world) okta(ev oktaEvent, a oktaAct, v *visit) {
	words := oktaWords[a.kind]
	ev.EventType, ev.DisplayMessage, ev.LegacyEventType = a.kind, words[0], orNull(words[1])
	ev.Outcome = oktaOutcome{a.result, orNull(a.reason)}
	ev.Severity, ev.Version, ev.Target = "INFO", "0", a.target
	if a.result == "" {
		ev.Outcome.Result = "SUCCESS"
	}
	if a.warn {
		ev.Severity = "WARN"
	}
	if a.result == "FAILURE" {
		ev.LegacyEventType = orNull(strings.Replace(words[1], "success", "failed", 1))
	}
	ev.Published, ev.UUID = oktaTime(v.at), v.d.uuid()
	w.emit(record{source: okta, at: v.at, id: ev.UUID, body: ev})
}

func ipVersion(four bool) string {
	if four {
		return "V4"
	}
	return "V6"
}

func (v *visit) oktaClient(net places.Network) oktaClient {
	zone := "null"
	switch net.Name {
	case "office-berlin", "office-boston", "vpn":
		zone = "Offices and VPN"
	}
	return oktaClient{&oktaAgent{v.dev.agent, v.dev.os, v.dev.browser}, zone, "Computer", nil, v.addr.String(), oktaPlace(net.Place)}
}

func (v *visit) oktaDevice() *oktaDevice {
	if v.dev.oktaID == "" {
		return nil
	}
	return &oktaDevice{ID: v.dev.oktaID, Name: v.dev.name, OSPlatform: v.dev.platform(), OSVersion: v.dev.osVersion,
		Managed: v.dev.managed, Registered: true, DiskEncryptionType: "ALL_INTERNAL_VOLUMES", ScreenLockType: "BIOMETRIC", SecureHardwarePresent: true}
}

// oktaDebug is what every event of a browser carries, and beside it what the event brings along.
func (v *visit) oktaDebug(a oktaAct) map[string]any {
	m := map[string]any{"requestId": v.transaction, "dtHash": v.dev.dtHash, "requestUri": "/idp/idx/challenge/answer",
		"url": "/idp/idx/challenge/answer?", "threatSuspected": "false", "deviceFingerprint": v.dev.dtHash[:32]}
	for k, x := range a.debug {
		m[k] = x
	}
	return m
}
