package detections

import (
	"net/netip"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// auditFacts tells what audit records tell beside the common fields.
func auditFacts(ev *ecs.Event, a *Act, words *words) {
	p := entraProperties(ev)
	a.Action = words.of(plainName(ecs.FirstOf(a.Action, p.Get("activityDisplayName").Str())))
	a.Operation = a.Action
	initiator := p.Get("initiatedBy")
	user := initiator.Get("user")
	if !a.Addr.IsValid() {
		a.Addr, _ = netip.ParseAddr(strings.Clone(user.Get("ipAddress").Str()))
	}
	a.Activity = auditActivity(a, initiator)
	auditTargets(p.Get("targetResources"), a, words)
	if app, ok := auditDetail(p, "AppId"); ok && app != "" && strings.HasPrefix(a.TargetID, "entra:application/") {
		a.TargetID = words.of("entra:app/" + app)
	}
	a.Why = words.of(p.Get("resultReason").Str())
	if until, ok := auditDetail(p, "ExpirationTime"); ok {
		if end, ok := ecs.ParseTime(until); ok && end.After(a.Time) {
			a.Lifetime = end.Sub(a.Time)
		}
	}
	if id, ok := auditDetail(p, "Device Id"); ok {
		a.Object = words.of("entra:device/" + id)
	}
	a.link(words, a.Login, "entra:user/", user.Get("id").Str(), "initiatedBy.user.id")
	entraPrincipal(a, words, initiator.Path("app", "appId").Str(), initiator.Path("app", "servicePrincipalId").Str())
}

// plainName writes an operation's name as the documentation does: with a hyphen, without a blank at its end.
func plainName(name string) string {
	name = strings.TrimSpace(name)
	if strings.Contains(name, "–") {
		name = strings.ReplaceAll(name, "–", "-")
	}
	return name
}

// auditActivity takes out what is told a second time: PIM's own assignment, which the request tells too, and the service that
// brings methods up to date on behalf of nobody.
func auditActivity(a *Act, initiator record.Value) ecs.Activity {
	app := initiator.Path("app", "displayName").Str()
	switch {
	case app == "MS-PIM" && (a.Activity == ecs.PrivilegeGrant || a.Activity == ecs.PrivilegeRevoke):
		return ecs.APICall
	case a.Activity == ecs.MFAEnroll && a.Action == "User registered security info" && a.Login == "" && initiator.Path("user", "id").Str() == "":
		return ecs.APICall
	}
	return a.Activity
}

// auditDetail is a value among the additional details.
func auditDetail(p record.Value, key string) (string, bool) {
	list := p.Get("additionalDetails")
	for d := list.First(); d.Kind() != record.Absent; d = d.NextIn(list) {
		if d.Get("key").Str() == key {
			return d.Get("value").Str(), true
		}
	}
	return "", false
}

// auditTargets notes whom and what the act was about: a user before an application, with roles and permissions as scopes.
func auditTargets(list record.Value, a *Act, words *words) {
	app := ""
	for t := list.First(); t.Kind() != record.Absent; t = t.NextIn(list) {
		name, id := t.Get("displayName").Str(), t.Get("id").Str()
		switch t.Get("type").Str() {
		case "User":
			auditPerson(t, a, words)
		case "ServicePrincipal":
			app = auditPrincipal(t, a, words)
			a.Resource = words.of(name)
		case "Application":
			app = auditApplication(t, a)
			a.Resource = words.of(name)
		case "Role":
			a.Resource, a.Scopes = words.of(name), words.of(roleWords(name))
		case "Device":
			if a.Object == "" {
				a.Object = words.of("entra:device/" + id)
			}
		}
		if a.Target == "" {
			a.Target = words.of(ecs.FirstOf(name, id))
		}
		auditChanges(t.Get("modifiedProperties"), a, words)
	}
	if a.TargetID == "" {
		a.TargetID = words.of(app)
	}
	if a.Resource == "" {
		a.Resource = words.of(list.First().Get("type").Str())
	}
}

func auditPerson(t record.Value, a *Act, words *words) {
	id, login := t.Get("id").Str(), guestLogin(t.Get("userPrincipalName").Str())
	if a.TargetID == "" {
		name := login
		if name == "" && id != "" {
			name = "entra:user/" + id
		}
		a.TargetID = words.of(name)
		a.Target = words.of(ecs.FirstOf(login, t.Get("displayName").Str(), id))
	}
	a.link(words, words.of(login), "entra:user/", id, "targetResources.id")
}

// guestLogin is a user principal name in lower case, a guest's with its own domain.
func guestLogin(name string) string {
	before, _, found := strings.Cut(name, "#EXT#")
	if i := strings.LastIndexByte(before, '_'); found && i > 0 {
		name = before[:i] + "@" + before[i+1:]
	}
	if strings.IndexByte(name, '@') < 1 {
		return ""
	}
	return strings.ToLower(name)
}

// auditPrincipal is the identity of a principal among the targets.
func auditPrincipal(t record.Value, a *Act, words *words) string {
	id := t.Get("id").Str()
	changes := t.Get("modifiedProperties")
	if app := firstGUID(changed(changes, "TargetId.ServicePrincipalNames")); app != "" {
		entraPrincipal(a, words, app, id)
		return "entra:app/" + app
	}
	if id == "" {
		return ""
	}
	return "entra:sp/" + id
}

// auditApplication is the identity of an application among the targets, whose own id is another than the one it signs in with.
func auditApplication(t record.Value, a *Act) string {
	changes := t.Get("modifiedProperties")
	app := firstGUID(ecs.FirstOf(changed(changes, "AppId"), changed(changes, "TargetId.ServicePrincipalNames")))
	if app == "" {
		return "entra:application/" + t.Get("id").Str()
	}
	return "entra:app/" + app
}

// changed is the new value of a changed property, or what it was when it is gone. Values are texts that hold JSON.
func changed(changes record.Value, name string) string {
	for m := changes.First(); m.Kind() != record.Absent; m = m.NextIn(changes) {
		if m.Get("displayName").Str() == name {
			return ecs.FirstOf(unquoted(m.Get("newValue").Str()), unquoted(m.Get("oldValue").Str()))
		}
	}
	return ""
}

func unquoted(text string) string { return strings.Trim(text, "[] \"") }

// firstGUID is the first identifier in a text.
func firstGUID(text string) string {
	for i := 0; i+36 <= len(text); i++ {
		if s := text[i : i+36]; s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' {
			return strings.ToLower(s)
		}
	}
	return ""
}

// auditChanges notes the role or permission that a change is about.
func auditChanges(changes record.Value, a *Act, words *words) {
	for m := changes.First(); m.Kind() != record.Absent; m = m.NextIn(changes) {
		value := ecs.FirstOf(unquoted(m.Get("newValue").Str()), unquoted(m.Get("oldValue").Str()))
		if value == "" {
			continue
		}
		switch m.Get("displayName").Str() {
		case "Role.DisplayName":
			a.Resource, a.Scopes = words.of(value), words.of(roleWords(value))
		case "AppRole.Value", "DelegatedPermissionGrant.Scope":
			a.Scopes = words.of(sortedWords(value))
		case "ServicePrincipal.ObjectID":
			a.TargetID = words.of("entra:sp/" + value)
		case "AppAddress":
			a.Resource = "redirect address"
		}
	}
}
