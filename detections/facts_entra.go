package detections

import (
	"net/netip"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

const (
	entraSignIn = "azure.signinlogs"
	entraAudit  = "azure.auditlogs"
	entraRisk   = "azure.identity_protection"
	entraGraph  = "azure.graphactivitylogs"
	azure       = "azure.activitylogs"
)

// entraProperties is where a record keeps its own members: diagnostic settings put them into an envelope, exports do not.
func entraProperties(ev *ecs.Event) record.Value {
	root := ev.Record.Root()
	if p := root.Get("properties"); p.Kind() == record.Object {
		return p
	}
	if p := root.Get("Properties"); p.Kind() == record.Object {
		return p
	}
	return root
}

// signInFacts tells what sign-ins tell beside the common fields.
func signInFacts(ev *ecs.Event, a *Act, words *words) {
	p := entraProperties(ev)
	app, resource := p.Get("appId").Str(), p.Get("resourceId").Str()
	a.Operation = words.of(ecs.FirstOf(p.Get("appDisplayName").Str(), p.Get("servicePrincipalName").Str(), app))
	a.Resource = words.of(ecs.FirstOf(p.Get("resourceDisplayName").Str(), resource))
	if app != "" {
		a.App = words.join(app, '>', resource)
	}
	a.Target = a.Resource
	if a.Failed {
		a.Why = words.of(entraError(ev))
	}
	a.Scopes = words.of(entraScopes(p.Get("authenticationProcessingDetails")))
	a.Method = words.of(entraMethod(p, a.Activity))
	if a.Activity == ecs.MFARefused {
		a.Why = words.join(a.Why, ' ', entraRefusal(p))
	}
	if a.Actor.IsMachine() {
		a.Issuer = words.of(ev.Link.Issuer)
	}
	if a.Why == "50053" {
		a.Topic = "locked/entra"
	} else if parent := p.Path("agent", "agentSubjectParentId").Str(); parent != "" {
		a.Topic = words.after(agentsOf, parent)
	}
	entraWhere(ev, p, a, words)
	a.link(words, a.Login, "entra:user/", p.Get("userId").Str(), "userId")
	if a.Actor.IsMachine() {
		entraPrincipal(a, words, app, p.Get("servicePrincipalId").Str())
	}
}

// entraError is the number of the error, "" for none.
func entraError(ev *ecs.Event) string {
	code := entraProperties(ev).Path("status", "errorCode").Scalar()
	if code == "" {
		code = ev.Record.Root().Get("resultType").Scalar()
	}
	if code == "0" {
		return ""
	}
	return code
}

// entraWhere notes the place. A confidential client redeems tokens behind its user's back, with the address at which the first
// token was issued: that says nothing of where anybody is.
func entraWhere(ev *ecs.Event, p record.Value, a *Act, words *words) {
	category := ev.Record.Root().Get("category").Str()
	if category == "NonInteractiveUserSignInLogs" && isConfidential(p.Get("clientCredentialType").Str()) {
		a.Addr, a.Place = netip.Addr{}, nil
		return
	}
	if a.Addr.IsValid() && !placed(a.Place) {
		a.Place = words.place(a.Place, entraSpot(p))
	}
}

func isConfidential(credential string) bool {
	return credential != "" && credential != "none" && credential != "unknownFutureValue"
}

func entraSpot(p record.Value) spot {
	place := p.Get("location")
	s := spot{country: countryISO(place.Get("countryOrRegion").Str()), city: place.Get("city").Str()}
	at := place.Get("geoCoordinates")
	s.point(at.Get("latitude"), at.Get("longitude"))
	if n, ok := p.Get("autonomousSystemNumber").Int(); ok && n > 0 && n < 1<<32 {
		s.asn = uint32(n)
	}
	return s
}

// entraMethod is how the actor proved who it is: a protocol that passes over strong sign-in, else the methods in their order.
func entraMethod(p record.Value, kind ecs.Activity) string {
	if protocol := p.Get("authenticationProtocol").Str(); protocol == "ropc" || protocol == "deviceCode" || protocol == "authenticationTransfer" {
		return protocol
	}
	if client := p.Get("clientAppUsed").Str(); isLegacyClient(client) {
		return client
	}
	if incoming := p.Get("incomingTokenType").Str(); incoming != "" && incoming != "none" && kind != ecs.MFARefused {
		return incoming
	}
	method := ""
	steps := p.Get("authenticationDetails")
	for step := steps.First(); step.Kind() != record.Absent; step = step.NextIn(steps) {
		if m := step.Get("authenticationMethod").Str(); m != "" && m != "Previously satisfied" {
			method = m // the last one is the strongest, or the one that was refused
		}
	}
	return method
}

// isLegacyClient reports whether a client speaks a protocol that knows no second factor.
// https://learn.microsoft.com/en-us/entra/identity/monitoring-health/workbook-legacy-authentication
func isLegacyClient(client string) bool {
	switch client {
	case "Exchange ActiveSync", "IMAP4", "IMAP", "POP3", "POP", "Authenticated SMTP", "SMTP", "MAPI Over HTTP", "MAPI",
		"Exchange Web Services", "Exchange Online PowerShell", "Autodiscover", "Offline Address Book", "Outlook Anywhere (RPC over HTTP)",
		"Outlook Service", "Reporting Web Services", "Universal Outlook", "Other clients", "Other client":
		return true
	}
	return strings.HasPrefix(client, "Other clients;")
}

// entraRefusal says how the second factor failed: the last step's words.
func entraRefusal(p record.Value) string {
	detail := p.Path("status", "additionalDetails").Str()
	steps := p.Get("authenticationDetails")
	for step := steps.First(); step.Kind() != record.Absent; step = step.NextIn(steps) {
		if ok, known := step.Get("succeeded").Bool(); known && !ok {
			detail = ecs.FirstOf(step.Get("authenticationStepResultDetail").Str(), detail)
		}
	}
	return detail
}

// entraScopes are the scopes that a token got, from a list of keys and values.
func entraScopes(details record.Value) string {
	for d := details.First(); d.Kind() != record.Absent; d = d.NextIn(details) {
		if d.Get("key").Str() == "Oauth Scope Info" {
			return sortedWords(d.Get("value").Str())
		}
	}
	return ""
}

// entraPrincipal: an application and its principal in the tenant are one.
func entraPrincipal(a *Act, words *words, app, principal string) {
	if app != "" {
		a.link(words, words.after("entra:app/", app), "entra:sp/", principal, "servicePrincipalId")
	}
}
