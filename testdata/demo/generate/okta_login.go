package main

// behaviors is what Okta's own detection says of the visit: it writes a Java map as text, in this order.
func (v *visit) behaviors() string {
	place, dev := "NEGATIVE", "NEGATIVE"
	if v.strange {
		place = "POSITIVE"
	}
	if v.strange || v.newDevice {
		dev = "POSITIVE"
	}
	return "{New Geo-Location=" + place + ", New Device=" + dev + ", New IP=" + place + ", New State=" + place +
		", New Country=" + place + ", Velocity=" + place + ", New City=" + place + "}"
}

func (v *visit) risk() string {
	switch {
	case v.strange:
		return "{reasons=Anomalous Device, Anomalous Location, level=HIGH}"
	case v.newDevice:
		return "{reasons=Anomalous Device, level=MEDIUM}"
	}
	return "{level=LOW}"
}

func (v *visit) loginDebug() map[string]any {
	return map[string]any{"behaviors": v.behaviors(), "risk": v.risk(), "authnRequestId": v.d.hex(16)}
}

// login is a sign-in to Okta: password, second factor, session, policy.
func (v *visit) login() {
	for v.d.chance(5) { // typos
		v.badPassword()
		v.wait(4, 25)
	}
	v.secondFactor()
	v.startSession()
}

func (v *visit) badPassword() {
	v.okta(oktaAct{kind: "user.session.start", result: "FAILURE", reason: "INVALID_CREDENTIALS", warn: true, noLogin: true, debug: v.loginDebug()})
}

func (v *visit) startSession() {
	v.wait(0, 1).okta(oktaAct{kind: "user.session.start", debug: v.loginDebug()})
	v.evaluate("ALLOW")
}

// evaluate is the sign-on policy's answer.
func (v *visit) evaluate(answer string) {
	reason := "Sign-on policy evaluation resulted in " + answer
	rule := oktaTarget{ID: "0pr1every5Gd2Kw8Lpd7", Type: "PolicyRule", AlternateID: signOnPolicy, DisplayName: "Everybody with a second factor"}
	policy := oktaTarget{ID: signOnPolicy, Type: "PolicyEntity", AlternateID: "unknown", DisplayName: "Kestrel sign-on",
		DetailEntry: map[string]any{"policyType": "OktaSignOn"}}
	v.wait(0, 1).okta(oktaAct{kind: "policy.evaluate_sign_on", result: answer, reason: reason, target: []oktaTarget{policy, rule}, debug: v.loginDebug()})
}

// secondFactor is FastPass for some and a push for the others, which is now and then refused or missed.
func (v *visit) secondFactor() {
	if v.who.strongFactor {
		v.factor("SIGNED_NONCE", "SUCCESS", "")
		return
	}
	v.push()
	if v.d.chance(2) { // the phone was in the other room
		v.wait(50, 62).factor("OKTA_VERIFY_PUSH", "FAILURE", "FACTOR_TIMEOUT")
		v.wait(20, 60).push()
	}
	v.wait(3, 14).factor("OKTA_VERIFY_PUSH", "SUCCESS", "")
}

func (v *visit) push() {
	v.okta(oktaAct{kind: "system.push.send_factor_verify_push", noLogin: true, target: []oktaTarget{v.oktaUser(v.who)},
		debug: map[string]any{"factor": "OKTA_VERIFY_PUSH"}})
}

var oktaFactors = map[string][2]string{
	"OKTA_VERIFY_PUSH": {"Get a push notification", "[DEVICE_BOUND, USER_PRESENCE]"},
	"SIGNED_NONCE":     {"Use Okta FastPass", "[DEVICE_BOUND, PHISHING_RESISTANT, USER_VERIFYING, USER_PRESENCE, HARDWARE_PROTECTED]"},
	"FIDO_WEBAUTHN":    {"Use a security key", "[DEVICE_BOUND, PHISHING_RESISTANT, USER_PRESENCE, HARDWARE_PROTECTED]"},
}

// factor is the answer of a second factor.
func (v *visit) factor(factor, result, reason string) {
	used := oktaFactors[factor]
	enrolment := oktaTarget{ID: "aut" + v.who.oktaID[3:], Type: "AuthenticatorEnrollment", AlternateID: "unknown", DisplayName: "Okta Verify",
		DetailEntry: map[string]any{"methodTypeUsed": used[0], "methodUsedVerifiedProperties": used[1]}}
	debug := v.loginDebug()
	debug["factor"], debug["factorIntent"] = factor, "AUTHENTICATION"
	v.okta(oktaAct{kind: "user.authentication.auth_via_mfa", result: result, reason: reason, warn: result == "FAILURE", debug: debug,
		target: []oktaTarget{v.oktaUser(v.who), enrolment}, noLogin: result != "SUCCESS",
		auth: oktaAuth{AuthenticationProvider: "FACTOR_PROVIDER", CredentialProvider: "OKTA_CREDENTIAL_PROVIDER"}})
}

// sso opens an application: Okta issues an assertion, the application does the rest.
func (v *visit) sso(a app) {
	v.transaction = v.d.base64(20)
	v.okta(oktaAct{kind: "user.authentication.sso", target: []oktaTarget{a.target(), v.appUser()}, debug: map[string]any{
		"requestUri": "/app/" + a.name + "/" + a.id + "/sso/saml", "url": "/app/" + a.name + "/" + a.id + "/sso/saml?", "signOnMode": a.label,
		"initiationType": "OKTA_INITIATED", "authnRequestId": v.d.hex(16)}})
}

func (v *visit) logout() {
	v.okta(oktaAct{kind: "user.session.end", debug: map[string]any{"requestUri": "/login/signout", "url": "/login/signout?"}})
}

func (v *visit) oktaUser(p *person) oktaTarget {
	return oktaTarget{ID: p.oktaID, Type: "User", AlternateID: p.login, DisplayName: p.name}
}

func (v *visit) appUser() oktaTarget {
	return oktaTarget{ID: "0ua" + v.who.oktaID[3:], Type: "AppUser", AlternateID: v.who.login, DisplayName: v.who.name}
}

func (a app) target() oktaTarget {
	return oktaTarget{ID: a.id, Type: "AppInstance", AlternateID: a.label, DisplayName: a.label,
		DetailEntry: map[string]any{"signOnModeType": a.mode, "signOnModeEvaluationResult": "AUTHENTICATED"}}
}
