package ecsdoc

import (
	"slices"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// parties fills who and where: user, target, host, source, cloud, service.
func parties(ev *ecs.Event, root record.Value) {
	get := func(path string) string { return first(root.Lookup(path)) }
	ev.User = ecs.User{ID: get("user.id"), Name: get("user.name"), Email: get("user.email"), FullName: get("user.full_name")}
	ev.User.Target = ecs.Target{ID: get("user.target.id"), Name: get("user.target.name"), Email: get("user.target.email"), FullName: get("user.target.full_name")}
	ev.Host = ecs.Host{ID: get("host.id"), Name: strings.ToLower(ecs.FirstOf(get("host.hostname"), get("host.name")))}
	ev.Service = ecs.Service{ID: get("service.id"), Name: get("service.name")}
	ev.Cloud = ecs.Cloud{Provider: get("cloud.provider"), Region: get("cloud.region"), AccountID: get("cloud.account.id")}
	ev.Source.Address = get("source.address")
	if ev.Source.SetIP(get("source.ip")) {
		ev.Source.Locate = true
	}
	if ev.UserAgent.Original = get("user_agent.original"); ev.UserAgent.Original != "" {
		ev.UserAgent.Known = true
	}
}

// identify says who acts. A plain account name means something only where it is from: in its domain, on its host, in its product.
func identify(ev *ecs.Event, root record.Value) {
	for _, login := range []string{ev.User.Email, ev.User.Name, ev.User.ID} {
		if ecs.IsMail(login) && !strings.ContainsAny(login, " \\/") {
			ev.Link.Login = strings.ToLower(login)
			ev.Identity = ecs.Identity{ID: ev.Link.Login, Kind: ecs.Human}
			return
		}
	}
	name := strings.ToLower(ev.User.Name)
	if name != "" && !isMachineAccount(name) {
		ev.Identity = ecs.Identity{ID: "ecs:user/" + realm(ev, root) + name, Kind: ecs.Human}
		return
	}
	if name == "" && ev.Service.Name != "" {
		ev.Identity = ecs.Identity{ID: "ecs:service/" + strings.ToLower(ev.Service.Name), Kind: ecs.Machine}
	}
}

// realm is where a plain account name is valid, with its separator.
func realm(ev *ecs.Event, root record.Value) string {
	if domain := first(root.Lookup("user.domain")); domain != "" && !isBuiltIn(domain) {
		return strings.ToLower(domain) + `\`
	}
	if host := ecs.FirstOf(ev.Host.Name, ev.Host.ID); host != "" {
		return strings.ToLower(host) + "/"
	}
	return ev.Dataset + "/"
}

// machineAccounts are those under which systems act by themselves: what is told of them is told of the host.
var machineAccounts = []string{"system", "root", "local service", "network service", "localsystem", "nt authority\\system", "anonymous logon", "-", "n/a", "daemon"}

func isMachineAccount(name string) bool {
	return strings.HasSuffix(name, "$") || slices.Contains(machineAccounts, name)
}

func isBuiltIn(domain string) bool {
	switch strings.ToLower(domain) {
	case "nt authority", "nt service", "window manager", "font driver host", "builtin":
		return true
	}
	return false
}

// activity is the vendor-neutral kind of what the document tells.
func activity(ev *ecs.Event, root record.Value) ecs.Activity {
	is := func(list []string, text string) bool { return slices.Contains(list, text) }
	switch {
	case ev.Kind == "alert", ev.Kind == "signal", root.Lookup("kibana.alert.rule.name").Exists():
		return ecs.RiskReport
	case is(ev.Category, "authentication"), is(ev.Category, "session"):
		if is(ev.Type, "end") {
			return ecs.SignOut
		}
		return ecs.SignIn
	case is(ev.Category, "iam") && is(ev.Type, "user"):
		switch {
		case is(ev.Type, "creation"):
			return ecs.IdentityCreate
		case is(ev.Type, "deletion"):
			return ecs.IdentityDelete
		}
		return ecs.IdentityChange
	}
	return ecs.APICall
}
