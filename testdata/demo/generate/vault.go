package main

import (
	"time"
)

// vaultToken is somebody with a token.
type vaultToken struct {
	w        *world
	d        *dice
	at       time.Time
	addr     string
	secret   string
	accessor string
	auth     vaultAuth
}

// vaultLogin is a login: through which mount, as whom, with what to show for it.
type vaultLogin struct {
	mount     mount
	path      string // below the mount
	operation string // update when empty
	name      string // display name
	policies  []string
	metadata  map[string]string
	entity    string
	ttl       int
	shown     []string // fields of the request, all secret
}

// ask is one request with its answer.
type ask struct {
	mount     mount
	operation string
	path      string
	data      map[string]any
	answer    map[string]any
	given     *vaultAuth // a token that is made
	lease     string
	fail      string
}

// vaultLogin signs in and returns the token.
func (w *world) vaultLogin(d *dice, at time.Time, addr string, l vaultLogin) *vaultToken {
	t := &vaultToken{w: w, d: d, at: at, addr: addr, secret: "hvs." + d.base64(24), accessor: d.letters(base62, 24)}
	t.auth = vaultAuth{DisplayName: l.name, Policies: append([]string{"default"}, l.policies...), TokenPolicies: append([]string{"default"}, l.policies...),
		Metadata: l.metadata, EntityID: l.entity, TokenType: "service", TokenTTL: l.ttl}
	given := t.auth
	given.ClientToken, given.Accessor = w.vault.hash(t.secret), w.vault.hash(t.accessor)
	data := map[string]any{}
	for _, field := range l.shown {
		data[field] = w.vault.hash(field + d.hex(16))
	}
	a := ask{mount: l.mount, operation: "update", path: l.mount.point + l.path, data: data, given: &given}
	if l.operation != "" {
		a.operation = l.operation
	}
	t.exchange(a, nil)
	t.auth.ClientToken, t.auth.Accessor = given.ClientToken, given.Accessor
	t.auth.TokenIssueTime = t.at.UTC().Format(time.RFC3339)
	return t
}

func (t *vaultToken) wait(low, high int) *vaultToken {
	t.at = t.at.Add(t.d.seconds(low, high))
	return t
}

// do is one request with the token.
func (t *vaultToken) do(a ask) {
	auth := t.auth
	auth.PolicyResults = &vaultResults{Allowed: a.fail == ""}
	if a.fail == "" {
		auth.PolicyResults.GrantingPolicies = []vaultGrant{{auth.Policies[len(auth.Policies)-1], "root", "acl"}}
	}
	t.exchange(a, &auth)
}

// exchange writes the request and, some milliseconds later, the response.
func (t *vaultToken) exchange(a ask, auth *vaultAuth) {
	e := vaultEntry{Time: vaultTime(t.at), Type: "request", Auth: auth, Request: t.request(a)}
	if auth == nil {
		e.Auth = &vaultAuth{PolicyResults: &vaultResults{Allowed: true}, TokenType: "default"}
	} else {
		e.Request.ClientID, e.Request.ClientToken, e.Request.ClientTokenAccessor = clientID(t.secret), auth.ClientToken, auth.Accessor
		if auth.EntityID != "" {
			e.Request.ClientID = auth.EntityID
		}
	}
	e.Error = a.fail
	t.take(e)
	t.at = t.at.Add(time.Duration(900000 + t.d.IntN(9000000)))
	e.Time, e.Type = vaultTime(t.at), "response"
	e.Response = &vaultResponse{Auth: a.given, MountPoint: a.mount.point, MountType: a.mount.kind, MountAccessor: a.mount.accessor,
		MountRunningPluginVersion: a.mount.version, MountClass: a.mount.class, Data: a.answer}
	if a.lease != "" {
		e.Response.Secret = map[string]string{"lease_id": a.lease}
	}
	if auth == nil && a.given != nil {
		e.Auth = a.given
	}
	if a.fail != "" {
		e.Response.Data = map[string]any{"error": t.w.vault.hash(a.fail)}
	}
	t.take(e)
}

func (t *vaultToken) request(a ask) vaultRequest {
	return vaultRequest{ID: t.d.uuid(), Operation: a.operation, MountPoint: a.mount.point, MountType: a.mount.kind, MountAccessor: a.mount.accessor,
		MountRunningVersion: a.mount.version, MountClass: a.mount.class, Namespace: map[string]string{"id": "root"}, Path: a.path, Data: a.data,
		RemoteAddress: t.addr, RemotePort: 30000 + t.d.IntN(30000)}
}

func (t *vaultToken) take(e vaultEntry) {
	t.w.emit(record{source: vault, at: t.at, id: e.Request.ID + "/" + e.Type, body: e})
}

// read gets a secret out of the key-value store.
func (t *vaultToken) read(name string) {
	h := t.w.vault.hash
	t.do(ask{mount: kvMount, operation: "read", path: "kv/data/" + name, answer: map[string]any{
		"data":     map[string]any{"username": h("user of " + name), "password": h("password of " + name)},
		"metadata": map[string]any{"created_time": h("2026-05-11T09:14:22Z"), "custom_metadata": nil, "deletion_time": h(""), "destroyed": false, "version": 3}}})
}

// list looks at what there is.
func (t *vaultToken) list(folder string, names []string) {
	keys := []any{}
	for _, n := range names {
		keys = append(keys, t.w.vault.hash(n))
	}
	t.do(ask{mount: kvMount, operation: "list", path: "kv/metadata/" + folder, answer: map[string]any{"keys": keys}})
}

// lease gets credentials that the database engine makes and takes back.
func (t *vaultToken) lease(role string) {
	h := t.w.vault.hash
	t.do(ask{mount: databaseMount, operation: "read", path: "database/creds/" + role, lease: "database/creds/" + role + "/" + t.d.letters(base62, 24),
		answer: map[string]any{"username": h("v-" + role + t.d.letters(base62, 20)), "password": h(t.d.base64(15))}})
}
