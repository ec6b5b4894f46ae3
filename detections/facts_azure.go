package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// riskFacts tells what Identity Protection tells beside the common fields. The place is that of the sign-in at risk.
func riskFacts(ev *ecs.Event, a *Act, words *words) {
	p := entraProperties(ev)
	a.Operation = words.of(riskType(ev))
	a.Target = a.Operation
	a.Why = words.of(p.Get("riskLevel").Str())
	if a.Addr.IsValid() && !placed(a.Place) {
		a.Place = words.place(a.Place, entraSpot(p))
	}
	a.link(words, a.Login, "entra:user/", p.Get("userId").Str(), "userId")
	entraPrincipal(a, words, p.Get("appId").Str(), p.Get("servicePrincipalId").Str())
}

// riskType is the vendor's name of a risk.
func riskType(ev *ecs.Event) string {
	p := entraProperties(ev)
	return ecs.FirstOf(p.Get("riskEventType").Str(), p.Get("riskType").Str())
}

// graphFacts tells what calls of Microsoft Graph tell beside the common fields.
func graphFacts(ev *ecs.Event, a *Act, words *words) {
	p := entraProperties(ev)
	method, class := p.Get("requestMethod").Str(), graphClass(p.Get("requestUri").Str())
	a.Resource, a.Target = words.of(class), words.of(class)
	a.Operation = words.join(method, ' ', class)
	a.App = words.of(p.Get("appId").Str())
	a.Activity = graphActivity(method, class)
	if scopes := p.Get("scopes").Str() + " " + p.Get("roles").Str(); scopes != " " {
		a.Scopes = words.of(sortedWords(scopes))
	}
	if a.Actor.IsMachine() {
		entraPrincipal(a, words, p.Get("appId").Str(), p.Get("servicePrincipalId").Str())
	}
}

// graphClass is the path of a call without the names of single things: "/v1.0/users/alice@acme.example/messages/AAM" is
// "users/messages".
func graphClass(uri string) string {
	if _, rest, found := strings.Cut(uri, "://"); found {
		_, uri, _ = strings.Cut(rest, "/")
	}
	uri, _, _ = strings.Cut(uri, "?")
	var parts []string
	for part := range strings.SplitSeq(strings.Trim(uri, "/"), "/") {
		if isCollection(part) && len(parts) < 3 {
			parts = append(parts, part)
		}
	}
	if len(parts) > 1 && (parts[0] == "v1.0" || parts[0] == "beta") {
		parts = parts[1:]
	}
	return strings.Join(parts, "/")
}

// isCollection reports whether a part of a path is a word of Graph's and not the name of a thing.
func isCollection(part string) bool {
	if part == "v1.0" {
		return true
	}
	for i := range len(part) {
		if c := part[i] | 0x20; (c < 'a' || c > 'z') && part[i] != '$' {
			return false
		}
	}
	return part != "" && len(part) <= 40
}

// graphActivity is the kind of act of a call.
func graphActivity(method, class string) ecs.Activity {
	read := method == "GET" || method == ""
	switch {
	case strings.Contains(class, "recoveryKeys"), strings.Contains(class, "deviceLocalCredentials"):
		return ecs.SecretRead
	case !read:
		return ecs.APICall
	}
	for _, data := range []string{"messages", "mailFolders", "drive", "drives", "sites", "chats", "onenote", "calendar", "events", "contacts"} {
		if strings.Contains(class, data) {
			return ecs.DataRead
		}
	}
	return ecs.Discovery
}

// activityFacts tells what Azure's activity tells beside the common fields.
func activityFacts(ev *ecs.Event, a *Act, words *words) {
	a.Operation = words.of(strings.ToLower(a.Action))
	resource := ev.Record.Root().Get("resourceId").Str()
	a.Target = words.of(resource[strings.LastIndexByte(resource, '/')+1:])
	a.Resource = words.of(operationClass(a.Operation))
	a.link(words, a.Login, "entra:user/", ev.User.ID, "claims.objectidentifier")
}

// operationClass is the kind of resource that an operation is about: "microsoft.storage/storageaccounts/listkeys/action" is about
// "microsoft.storage/storageaccounts".
func operationClass(operation string) string {
	first := strings.IndexByte(operation, '/') + 1
	if second := strings.IndexByte(operation[first:], '/'); second > 0 {
		return operation[:first+second]
	}
	return operation
}
