package main

import "strings"

// adminConsole opens Okta's administration.
func (v *visit) adminConsole() {
	v.sso(appConsole)
	v.wait(1, 3).okta(oktaAct{kind: "user.session.access_admin_app", target: []oktaTarget{appConsole.target(), v.appUser()},
		debug: map[string]any{"requestUri": "/admin/sso/callback", "url": "/admin/sso/callback?"}})
}

// admin is one act in the administration on somebody or something else.
func (v *visit) admin(kind, uri string, target []oktaTarget, debug map[string]any) {
	if debug == nil {
		debug = map[string]any{}
	}
	debug["requestUri"], debug["url"] = uri, uri+"?"
	v.transaction = v.d.base64(20)
	v.okta(oktaAct{kind: kind, target: target, debug: debug})
}

// enrol registers a factor, and with it the device it lives on.
func (v *visit) enrol(deviceName string) {
	dev := oktaTarget{ID: v.d.oktaID("guo"), Type: "UDDevice", AlternateID: "unknown", DisplayName: deviceName,
		DetailEntry: map[string]any{"deviceStatus": "ACTIVE", "managed": "false", "oktaDeviceId": v.d.oktaID("guo"), "osPlatform": "IOS",
			"osVersion": "18.6.2", "serialNumber": strings.ToUpper(v.d.hex(5)), "tpmPresent": "true", "uuid": strings.ToUpper(v.d.uuid())}}
	factor := oktaTarget{ID: v.d.oktaID("pfd"), Type: "AuthenticatorEnrollment", AlternateID: "unknown", DisplayName: "Okta Verify",
		DetailEntry: map[string]any{"methodTypeUsed": "Get a push notification"}}
	v.admin("device.enrollment.create", "/idp/authenticators", []oktaTarget{dev, v.oktaUser(v.who)}, nil)
	v.wait(1, 3).admin("device.user.add", "/idp/authenticators", []oktaTarget{dev, v.oktaUser(v.who)}, nil)
	v.wait(1, 3).admin("user.mfa.factor.activate", "/idp/authenticators", []oktaTarget{v.oktaUser(v.who), factor},
		map[string]any{"factor": "OKTA_VERIFY_PUSH"})
}

// newAPIToken makes a token that acts in the maker's name; its id comes back on every event made with it.
func (v *visit) newAPIToken(name string) string {
	id := v.d.oktaID("00T")
	v.admin("system.api_token.create", "/api/internal/tokens", []oktaTarget{{ID: id, Type: "Token", AlternateID: "unknown", DisplayName: name}}, nil)
	return id
}

// token is an OAuth grant to an application on behalf of the visitor.
func (v *visit) token(kind string, a app, scopes string) {
	grant := "authorization_code"
	if kind == "refresh_token" {
		grant = "refresh_token"
	}
	debug := map[string]any{"grantType": grant, "requestedScopes": scopes, "grantedScopes": scopes, "clientAuthType": "client_secret_basic",
		"responseTime": "118", "requestUri": "/oauth2/v1/token", "url": "/oauth2/v1/token?"}
	target := oktaTarget{ID: v.d.oktaID("oar"), Type: kind, AlternateID: a.id, DisplayName: "Access Token",
		DetailEntry: map[string]any{"expires": oktaTime(v.at.Add(3600e9)), "subject": v.who.oktaID, "hash": v.d.base64(16)}}
	v.okta(oktaAct{kind: "app.oauth2.token.grant." + kind, target: []oktaTarget{target}, debug: debug})
}
