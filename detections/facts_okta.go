package detections

import (
	"strings"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

const okta = "okta.system"

// oktaFacts tells what System Log events tell beside the common fields.
func oktaFacts(ev *ecs.Event, a *Act, words *words) {
	root := ev.Record.Root()
	data := root.Path("debugContext", "debugData")
	if a.Addr.IsValid() && !placed(a.Place) {
		a.Place = words.place(a.Place, oktaSpot(root))
	}
	a.Session, a.Device = notNull(a.Session), notNull(a.Device)
	a.Why = words.of(root.Path("outcome", "reason").Scalar())
	a.Operation = words.of(family(a.Action))
	oktaSignsIn(root.Get("actor"), a, words)
	oktaMethod(root, data, a, words)
	a.Activity = oktaActivity(a)
	oktaTargets(root.Get("target"), a, words)
	oktaMachine(data, a, words)
	oktaRights(data, a, words)
	oktaTopic(a, words)
	oktaLinks(root.Get("actor"), a, words)
	if a.Actor.ID == "" && looksLikePassword(ev.User.Name) {
		a.Name = "somebody" // what was typed may be a password: it goes no further
	}
}

// oktaSignsIn gives a sign-in back to the person: a login page of one's own has its API token on it, but the token signs nobody in.
func oktaSignsIn(actor record.Value, a *Act, words *words) {
	isSignIn := strings.HasPrefix(a.Action, "user.session.") || strings.HasPrefix(a.Action, "user.authentication.")
	login := actor.Get("alternateId").Str()
	if !isSignIn || a.Credential == "" || actor.Get("type").Str() != "User" || !ecs.IsMail(login) {
		return
	}
	a.Login = words.of(strings.ToLower(login))
	a.Actor = ecs.Identity{ID: a.Login, Kind: ecs.Human}
	a.Name, a.Credential = a.Login, ""
}

// oktaSpot is the place that Okta tells, with the English name of a country.
func oktaSpot(root record.Value) spot {
	place := root.Path("client", "geographicalContext")
	s := spot{country: countryISO(place.Get("country").Str()), city: place.Get("city").Str()}
	at := place.Get("geolocation")
	s.point(at.Get("lat"), at.Get("lon"))
	if n, ok := root.Path("securityContext", "asNumber").Int(); ok && n > 0 && n < 1<<32 {
		s.asn = uint32(n)
	}
	return s
}

// family is the subject of an event type: "user.mfa.factor.activate" is about "user.mfa".
func family(eventType string) string {
	first := strings.IndexByte(eventType, '.') + 1
	if second := strings.IndexByte(eventType[first:], '.'); second > 0 {
		return eventType[:first+second]
	}
	return eventType
}

// oktaMethod notes how the actor proved who it is, and who vouched for it.
func oktaMethod(root, data record.Value, a *Act, words *words) {
	context := root.Get("authenticationContext")
	a.Method = words.of(ecs.FirstOf(data.Get("factor").Str(), notNull(context.Get("credentialType").Str())))
	switch a.Action {
	case "user.authentication.auth_via_IDP", "user.authentication.auth_via_inbound_SAML", "user.authentication.auth_via_social":
		a.Issuer = words.of(ecs.FirstOf(context.Path("issuer", "id").Scalar(), oktaProvider(root.Get("target"))))
	}
}

// oktaProvider is the identity provider among the targets.
func oktaProvider(targets record.Value) string {
	for t := targets.First(); t.Kind() != record.Absent; t = t.NextIn(targets) {
		if kind := t.Get("type").Str(); strings.EqualFold(kind, "Idp") || strings.Contains(kind, "IdentityProvider") || strings.Contains(kind, "Identity Provider") {
			return t.Get("id").Scalar()
		}
	}
	return ""
}

// notNull takes the word away that Okta writes where there is nothing.
func notNull(text string) string {
	if text == "null" || text == "unknown" {
		return ""
	}
	return text
}

// oktaActivity is the kind of act, with what only the factor or the rest of the event type tells.
func oktaActivity(a *Act) ecs.Activity {
	switch {
	case a.Action == "user.authentication.auth_via_mfa" && strings.HasPrefix(a.Method, "PASSWORD"):
		return ecs.SignIn // Identity Engine writes every factor so, the password too
	case a.Activity == ecs.APICall && strings.HasPrefix(a.Action, "user.authentication.auth"):
		return ecs.SignIn
	case a.Action == "app.generic.unauth_app_access_attempt":
		return ecs.PolicyDecision
	case a.Activity == ecs.AppChange && (strings.Contains(a.Action, ".authorize") || strings.HasSuffix(a.Action, ".signon")):
		return ecs.SSO
	}
	return a.Activity
}

// oktaTargets notes whom and what the act was about.
func oktaTargets(list record.Value, a *Act, words *words) {
	for t := list.First(); t.Kind() != record.Absent; t = t.NextIn(list) {
		kind, name := t.Get("type").Str(), notNull(t.Get("displayName").Scalar())
		switch {
		case kind == "User":
			oktaPerson(t, a, words)
		case kind == "AppInstance":
			a.Resource = words.of(name)
			if a.Activity == ecs.SSO || a.Activity == ecs.PolicyDecision {
				a.Operation = a.Resource
			}
		case kind == "UserGroup":
			a.Resource = words.of(name)
		case strings.Contains(kind, "ClientApp") && a.TargetID == "":
			a.TargetID = words.join("okta", ':', t.Get("id").Scalar())
		case strings.HasSuffix(kind, "Device") && a.Activity == ecs.MFAEnroll:
			a.Topic = words.of("authenticator/okta:" + t.Get("id").Scalar())
		}
		if a.Target == "" {
			a.Target = words.of(name)
		}
	}
}

// oktaPerson notes the first user among the targets, and that its two names are one's.
func oktaPerson(t record.Value, a *Act, words *words) {
	id, login := t.Get("id").Scalar(), strings.ToLower(t.Get("alternateId").Scalar())
	if !ecs.IsMail(login) {
		login = ""
	}
	if a.TargetID == "" {
		name := login
		if name == "" && id != "" {
			name = "okta:" + id
		}
		a.TargetID = words.of(name)
		a.Target = words.of(ecs.FirstOf(login, t.Get("displayName").Scalar(), id))
	}
	a.link(words, words.of(login), "okta:", id, "target.id")
}

// oktaMachine notes what machines call: the class of the address, since they open no applications.
func oktaMachine(data record.Value, a *Act, words *words) {
	if a.Actor.IsMachine() && a.Resource == "" {
		a.Resource = words.of(pathStart(data.Get("requestUri").Str()))
	}
	if grant := data.Get("grantType").Str(); grant != "" {
		a.Method, a.Operation = words.of(grant), words.join("token", ' ', grant)
	}
}

// pathStart are the first three parts of an address' path: "/api/v1/users/00u1/factors" is "/api/v1/users".
func pathStart(path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := 0
	for i := range len(path) {
		if path[i] == '/' && i > 0 {
			if parts++; parts == 3 {
				return path[:i]
			}
		}
	}
	return path
}

// oktaRights notes scopes and roles.
func oktaRights(data record.Value, a *Act, words *words) {
	if scopes := data.Get("grantedScopes").Str(); scopes != "" {
		a.Scopes = words.of(sortedWords(scopes))
	} else if roles := data.Get("privilegeGranted").Str(); roles != "" {
		a.Scopes = words.of(roleWords(roles))
	}
}

// oktaTopic keeps failed logins by browser, which an attacker changes less often than addresses, and lock-outs together.
func oktaTopic(a *Act, words *words) {
	switch {
	case a.Activity == ecs.SignIn && a.Failed && a.Device != "":
		a.Topic = words.join("device", '/', a.Device)
	case a.Action == "user.account.lock":
		a.Topic = "locked/okta"
	}
}

func oktaLinks(actor record.Value, a *Act, words *words) {
	if a.Login != "" && actor.Get("type").Str() == "User" {
		a.link(words, a.Login, "okta:", actor.Get("id").Scalar(), "actor.id")
	}
}

// link notes that a record gives two names to one identity: exact, and no other's. The name is owned already.
func (a *Act) link(words *words, name, prefix, id, key string) {
	if name == "" || id == "" || id == "unknown" {
		return
	}
	a.Links = append(a.Links, identity.Tie{From: name, To: words.after(prefix, id), Key: key, Strength: identity.A})
}
