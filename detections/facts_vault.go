package detections

import (
	"slices"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// vaultFacts tells what audit entries tell beside the common fields. Tokens go by the HMAC of the token itself, which stands
// on every entry, also on those of a token that is no more and has no accessor.
func vaultFacts(ev *ecs.Event, a *Act, words *words) {
	root := ev.Record.Root()
	request, response := root.Get("request"), root.Get("response")
	path := request.Get("path").Str()
	a.Target = words.of(path)
	a.Resource = words.of(pathClass(path))
	a.Operation = words.of(ev.Action + " " + pathClass(path))
	if token := ecs.FirstOf(root.Path("auth", "client_token").Str(), request.Get("client_token").Str()); token != "" {
		a.Credential = words.of(token)
	}
	a.Session = ""
	vaultMade(a, request, response, words)
	if a.Activity == ecs.SignIn {
		// A token that a login request bears is somebody's left-over and proves nothing; some servers write it where the new one belongs.
		if left := request.Get("client_token").Str(); left != "" && left == a.Made {
			a.Made = ""
		}
		a.Credential = a.Made
	}
	vaultGone(a, request, path)
	if made := response.Get("auth"); made.Exists() {
		a.Scopes = words.of(policiesOf(made))
		if ttl, ok := made.Get("token_ttl").Int(); ok {
			a.Lifetime = time.Duration(min(ttl, 1<<32)) * time.Second
		}
	}
	vaultLinks(ev, a, words)
}

// vaultMade notes the token, secret id or wrapping token that the entry made. A login makes a token too, but one for the caller itself.
func vaultMade(a *Act, request, response record.Value, words *words) {
	data := response.Get("data")
	a.Made = strings.Clone(ecs.FirstOf(
		response.Path("auth", "client_token").Str(),
		response.Path("wrap_info", "token").Str(),
		data.Get("secret_id_accessor").Str(),
	))
	if role := roleOfPath(request.Get("path").Str()); role != "" {
		a.TargetID = words.of("vault:approle/" + role)
	}
	if ttl, ok := data.Get("secret_id_ttl").Int(); ok {
		a.Lifetime = time.Duration(min(ttl, 1<<32)) * time.Second
	}
}

// vaultGone notes the token that the entry ended.
func vaultGone(a *Act, request record.Value, path string) {
	switch {
	case strings.HasPrefix(path, "auth/token/revoke-self"):
		a.Gone = a.Credential
	case strings.HasPrefix(path, "auth/token/revoke"):
		a.Gone = strings.Clone(ecs.FirstOf(request.Path("data", "token").Str(), request.Path("data", "accessor").Str()))
	case strings.HasSuffix(path, "/destroy"):
		a.Gone = strings.Clone(request.Path("data", "secret_id_accessor").Str())
	}
}

// vaultLinks joins what an entry says belongs together: entity and login method's name, token and its subject.
func vaultLinks(ev *ecs.Event, a *Act, words *words) {
	if a.Actor.ID == "" {
		return
	}
	link := func(to, key string, strength identity.Strength) {
		if to != "" && to != a.Actor.ID {
			a.Links = append(a.Links, identity.Tie{From: a.Actor.ID, To: to, Key: key, Strength: strength})
		}
	}
	if ev.Link.Entity != "" {
		link(words.after("vault:entity/", ev.Link.Entity), entityKey(ev, words), identity.A)
	}
	if rest, ok := strings.CutPrefix(a.Actor.ID, "vault:kubernetes/"); ok {
		if namespace, account, ok := strings.Cut(rest, "/"); ok {
			link("system:serviceaccount:"+namespace+":"+account, "auth.metadata.service_account_name", identity.B)
		}
	}
}

// entityKey is the key by which an entity is joined to a name: a person has an entity for each way to log in, and a mailbox that two of
// them give is nobody's own.
func entityKey(ev *ecs.Event, words *words) string {
	method, _, found := strings.Cut(ev.Link.Subject, "-")
	if !found || ev.Link.Login == "" {
		return "auth.entity_id"
	}
	return words.after("auth.entity_id by ", method)
}

// policiesOf are a token's policies, sorted, without the one that all have.
func policiesOf(auth record.Value) string {
	var names []string
	list := auth.Get("policies")
	for p := list.First(); p.Kind() != record.Absent; p = p.NextIn(list) {
		if name := p.Str(); name != "" && name != "default" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// pathClass is what a path is about: its first three segments, and two of what stands below sys and auth.
func pathClass(path string) string {
	keep := 3
	if strings.HasPrefix(path, "sys/") || strings.HasPrefix(path, "auth/") {
		keep = 2
	}
	for i := range len(path) {
		if path[i] == '/' {
			if keep--; keep == 0 {
				return path[:i]
			}
		}
	}
	return path
}

// roleOfPath is the AppRole role in auth/<mount>/role/<role>/…, "" elsewhere.
func roleOfPath(path string) string {
	if !strings.HasPrefix(path, "auth/") {
		return ""
	}
	_, after, ok := strings.Cut(path, "/role/")
	if !ok {
		return ""
	}
	role, _, _ := strings.Cut(after, "/")
	return role
}
