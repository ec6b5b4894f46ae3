package detections

import (
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

const cloudtrail = "aws.cloudtrail"

// consoleVia is Act.Via of what a person does with the mouse.
const consoleVia = "console"

// trailParts are the members of a record that facts are taken from.
type trailParts struct {
	request, response record.Value
	identity          record.Value
	shared, errorCode string
	console           bool
}

// partsOf finds them in one walk: this runs for every record.
func partsOf(root record.Value) (p trailParts) {
	for m := root.First(); m.Found(); m = m.NextIn(root) {
		switch m.Key() {
		case "requestParameters":
			p.request = m
		case "responseElements":
			p.response = m
		case "userIdentity":
			p.identity = m
		case "errorCode":
			p.errorCode = m.Str()
		case "sharedEventID", "sharedEventId":
			p.shared = m.Str()
		case "sessionCredentialFromConsole":
			p.console = m.Scalar() == "true"
		}
	}
	return p
}

// cloudtrailFacts tells what these records tell beside the common fields.
func cloudtrailFacts(ev *ecs.Event, a *Act, words *words) {
	p := partsOf(ev.Record.Root())
	service := ecs.FirstOf(ev.Cloud.ServiceName, ev.Provider)
	a.Operation = words.join(service, ':', withoutVersion(service, ev.Action))
	a.Shared = strings.Clone(p.shared)
	a.Via = words.of(p.via(ev))
	a.Denied = a.Failed && isDenial(p.errorCode)
	objectFacts(ev, a, service, p.request, p.response)
	switch a.Activity {
	case ecs.DataShare, ecs.TrustChange, ecs.PrivilegeGrant, ecs.IdentityCreate, ecs.PolicyChange:
		a.Grantee = granteeOf(ev).name
	}
	a.Resource = resourceOf(a, words)
	a.TargetID = words.of(targetIdentity(ev, a, service, p.request))
	switch a.Activity {
	case ecs.RoleAssume, ecs.TokenIssue, ecs.Elevation:
		tokenFacts(a, p.request, p.response, words)
	case ecs.PrivilegeGrant, ecs.PrivilegeRevoke:
		a.Scopes = words.of(lastPart(p.request.Get("policyArn").Str()))
	}
	cloudtrailLinks(ev, a, words)
}

// withoutVersion cuts the API's date off Lambda's event names: UpdateFunctionCode20150331v2.
func withoutVersion(service, action string) string {
	if service != "lambda" {
		return action
	}
	end := len(action)
	for end > 0 && (action[end-1]-'0' < 10 || action[end-1] == 'v') {
		end--
	}
	if len(action)-end < 8 {
		return action
	}
	return action[:end]
}

// via tells what calls on the actor's behalf. A service that acts for itself is the actor and calls by itself.
func (p *trailParts) via(ev *ecs.Event) string {
	by := p.identity.Get("invokedBy").Str()
	switch {
	case p.console, by == "signin.amazonaws.com":
		return consoleVia
	case by != "" && by != ev.Identity.ID:
		return by
	case strings.HasSuffix(ev.Source.Address, ".amazonaws.com") && ev.Source.Address != ev.Identity.ID:
		return ev.Source.Address
	}
	return ""
}

// isDenial reports whether an error says that the caller may not, and not that something is wrong with the call.
func isDenial(code string) bool {
	return strings.Contains(code, "AccessDenied") || strings.Contains(code, "Unauthorized") ||
		strings.Contains(code, "NotAuthorized") || strings.Contains(code, "Forbidden")
}

// tokenFacts tells for how long and with what limits a temporary credential was given.
func tokenFacts(a *Act, request, response record.Value, words *words) {
	if role := request.Get("roleArn").Str(); role != "" {
		a.Role = words.of(role)
	}
	a.Lifetime = lifetimeOf(a.Time, request, response)
	a.Scopes = words.of(sessionScopes(request))
}

// lifetimeOf is how long a credential lives: as asked for, else until its end as the answer tells.
func lifetimeOf(made time.Time, request, response record.Value) time.Duration {
	if seconds, ok := request.Get("durationSeconds").Int(); ok {
		return time.Duration(min(max(seconds, 0), 1<<32)) * time.Second
	}
	text := response.Path("credentials", "expiration").Str()
	for _, layout := range []string{"Jan 2, 2006, 3:04:05 PM", "Jan 2, 2006 3:04:05 PM", time.RFC3339} {
		if text == "" {
			return 0
		}
		if end, err := time.Parse(layout, text); err == nil {
			return max(end.Sub(made), 0)
		}
	}
	return 0
}

// sessionScopes names the policies that a session is held to.
func sessionScopes(request record.Value) string {
	var names []string
	request.Get("policyArns").Each(func(v record.Value) bool {
		names = append(names, lastPart(ecs.FirstOf(v.Get("arn").Str(), v.Str())))
		return true
	})
	if text := request.Get("policy").Str(); text != "" {
		name := "inline"
		if policyOf(request.Get("policy")).isAdmin() {
			name = "*"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

// lastPart is what follows the last slash or colon.
func lastPart(arn string) string {
	return arn[strings.LastIndexAny(arn, "/:")+1:]
}
