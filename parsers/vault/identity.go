package vault

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// link collects the keys by which an entry joins others. Accessors are HMACs, equal within one audit device.
func link(ev *ecs.Event, root record.Value) {
	auth, request, response := root.Get("auth"), root.Get("request"), root.Get("response")
	made := response.Get("auth")
	l := &ev.Link
	l.Request = ev.ID
	l.Credential = ecs.FirstOf(auth.Get("accessor").Str(), request.Get("client_token_accessor").Str())
	l.CredentialMade = ecs.FirstOf(made.Get("accessor").Str(), response.Path("data", "secret_id_accessor").Str(),
		response.Path("wrap_info", "accessor").Str())
	l.Lease = response.Path("secret", "lease_id").Str()
	who := subjectOf(root)
	l.Entity = who.Get("entity_id").Str()
	l.Role = ecs.FirstOf(who.Path("metadata", "role_name").Str(), who.Path("metadata", "role").Str())
	l.Subject = who.Get("display_name").Str()
	l.Trace = headerOf(request, "x-correlation-id")
	if l.Trace == "" {
		l.Trace = headerOf(request, "correlation-id")
	}
}

// subjectOf is who acts: the token's auth, or at a login the auth that the login made.
func subjectOf(root record.Value) record.Value {
	auth := root.Get("auth")
	if isLogin(root.Path("request", "path").Str()) {
		if made := root.Path("response", "auth"); made.Exists() {
			return made
		}
	}
	return auth
}

// headerOf is the first value of a request header that the server writes into its audit log.
func headerOf(request record.Value, name string) string {
	value := request.Get("headers").Get(name)
	if value.Kind() == record.Array {
		value = value.First()
	}
	return value.Str()
}

// identityOf names who acts by the login method's metadata, which is the same at every login; the entity and the
// token come after.
func identityOf(root record.Value, l *ecs.Link) ecs.Identity {
	auth := subjectOf(root)
	metadata := auth.Get("metadata")
	if isRootToken(auth) {
		return ecs.Identity{ID: "vault:root", Kind: ecs.Root, Privileged: true}
	}
	if sa := metadata.Get("service_account_name").Str(); sa != "" {
		return ecs.Identity{ID: "vault:kubernetes/" + metadata.Get("service_account_namespace").Str() + "/" + sa, Kind: ecs.Workload}
	}
	if mail := metadata.Get("email").Str(); ecs.IsMail(mail) {
		return person(l, mail)
	}
	if name := metadata.Get("username").Str(); name != "" {
		return userOf(l, name, auth.Get("display_name").Str())
	}
	if arn := ecs.FirstOf(metadata.Get("canonical_arn").Str(), metadata.Get("client_arn").Str()); arn != "" {
		return ecs.Identity{ID: arn, Kind: ecs.Workload}
	}
	if cert := metadata.Get("cert_name").Str(); cert != "" {
		return ecs.Identity{ID: "vault:cert/" + cert, Kind: ecs.Workload}
	}
	if role := metadata.Get("role_name").Str(); role != "" {
		return ecs.Identity{ID: "vault:approle/" + role, Kind: ecs.Workload}
	}
	return byEntity(l, metadata)
}

// byEntity names what no metadata names.
func byEntity(l *ecs.Link, metadata record.Value) ecs.Identity {
	kind := ""
	if metadata.Get("role").Exists() {
		kind = ecs.Workload // jwt, kubernetes and azure logins name their role
	}
	switch {
	case l.Entity != "":
		return ecs.Identity{ID: "vault:entity/" + l.Entity, Kind: kind}
	case l.Credential != "":
		return ecs.Identity{ID: "vault:token/" + l.Credential, Kind: kind}
	}
	return ecs.Identity{}
}

// userOf names a user of userpass, LDAP and the like. The display name begins with the mount it logged in at.
func userOf(l *ecs.Link, name, display string) ecs.Identity {
	if ecs.IsMail(name) {
		return person(l, name)
	}
	mount := "user"
	if i := strings.LastIndex(display, "-"+name); i > 0 {
		mount = display[:i]
	}
	l.Login = strings.ToLower(name)
	return ecs.Identity{ID: "vault:" + mount + "/" + l.Login, Kind: ecs.Human}
}

func person(l *ecs.Link, mail string) ecs.Identity {
	l.Login = strings.ToLower(mail)
	return ecs.Identity{ID: l.Login, Kind: ecs.Human}
}

func isRootToken(auth record.Value) bool {
	policies := auth.Get("policies")
	for p := policies.First(); p.Kind() != record.Absent; p = p.NextIn(policies) {
		if p.Str() == "root" {
			return true
		}
	}
	return false
}
