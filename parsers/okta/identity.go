package okta

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// identify fills what is idwatch's own: the kind of act, who acts, and the keys that join this event to others.
func identify(ev *ecs.Event, m *members) {
	link(ev, m)
	ev.Identity = identityOf(m.actor, &ev.Link)
	if ev.Identity.IsMachine() {
		ev.Service.Name = ecs.FirstOf(ev.User.FullName, ev.Identity.ID)
		if strings.HasPrefix(ev.Identity.ID, "okta:token/") {
			ev.Service.Name = ev.Identity.ID // the display name is that of the token's maker
		}
		ev.Entities.Service = append(ev.Entities.Service, ev.Identity.ID)
	}
	ev.Activity = activityOf(ev.Action, ev.Outcome, m.debugData.Get("grantType").Str())
}

// link: https://developer.okta.com/docs/reference/system-log-query/
func link(ev *ecs.Event, m *members) {
	context, transaction := m.authenticationContext, m.transaction
	l := &ev.Link
	l.Session = known(context.Get("externalSessionId").Scalar())
	l.RootSession = known(context.Get("rootSessionId").Scalar())
	l.Device = ecs.FirstOf(known(m.debugData.Get("dtHash").Str()), m.device.Get("id").Str())
	l.Trace = ecs.FirstOf(m.debugData.Get("traceId").Str(), transaction.Get("id").Str())
	l.Credential = transaction.Path("detail", "requestApiTokenId").Scalar()
	l.Issuer = context.Path("issuer", "id").Scalar()
	switch ev.Action {
	case "system.api_token.create", "app.oauth2.credentials.lifecycle.create", "app.oauth2.credentials.lifecycle.activate",
		"app.keys.generate", "pam.workload_connection.api_key.create":
		l.CredentialMade = m.target.First().Get("id").Scalar()
	case "system.api_token.revoke", "app.oauth2.credentials.lifecycle.deactivate", "app.oauth2.credentials.lifecycle.delete":
		l.CredentialGone = m.target.First().Get("id").Scalar()
	}
}

// known takes the words away that Okta writes where there is nothing: all who have no session would have the same one.
func known(text string) string {
	if text == "unknown" || text == "null" {
		return ""
	}
	return text
}

// identityOf tells who acts. A call with an API token carries the name of the token's maker, but it is a machine's.
func identityOf(actor record.Value, l *ecs.Link) ecs.Identity {
	id, kind, login := actor.Get("id").Scalar(), actor.Get("type").Str(), actor.Get("alternateId").Scalar()
	switch {
	case l.Credential != "":
		return ecs.Identity{ID: "okta:token/" + l.Credential, Kind: ecs.Machine}
	case kind == "SystemPrincipal":
		return ecs.Identity{ID: "okta:system", Kind: ecs.Machine}
	case kind == "WorkloadPrincipal" || kind == "AIAgent":
		return ecs.Identity{ID: "okta:" + id, Kind: ecs.AIAgent}
	case strings.Contains(kind, "ClientApp"):
		return ecs.Identity{ID: "okta:" + id, Kind: ecs.Machine}
	case ecs.IsMail(login):
		l.Login = strings.ToLower(login)
		return ecs.Identity{ID: l.Login, Kind: ecs.Human}
	case id != "" && id != "unknown":
		return ecs.Identity{ID: "okta:" + id, Kind: ecs.Human}
	}
	return ecs.Identity{}
}
