package vault

import (
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

func TestIdentity(t *testing.T) {
	type want struct {
		id, kind, login string
		privileged      bool
	}
	for _, c := range []struct {
		name, entry string
		want        want
	}{
		{"root token", `{"auth":{"policies":["default","root"],"accessor":"acc"}}`, want{"vault:root", ecs.Root, "", true}},
		{"Kubernetes", `{"auth":{"metadata":{"service_account_name":"api","service_account_namespace":"shop","role":"r"}}}`,
			want{"vault:kubernetes/shop/api", ecs.Workload, "", false}},
		{"mail in the metadata", `{"auth":{"metadata":{"email":"Bob@Acme.example","username":"b"}}}`, want{"bob@acme.example", ecs.Human, "bob@acme.example", false}},
		{"user name", `{"auth":{"display_name":"userpass-Bob","metadata":{"username":"Bob"}}}`, want{"vault:userpass/bob", ecs.Human, "bob", false}},
		{"mount with a hyphen", `{"auth":{"display_name":"ldap-eu-bob","metadata":{"username":"bob"}}}`, want{"vault:ldap-eu/bob", ecs.Human, "bob", false}},
		{"user name without a mount", `{"auth":{"display_name":"bob","metadata":{"username":"bob"}}}`, want{"vault:user/bob", ecs.Human, "bob", false}},
		{"user name that is a mail", `{"auth":{"display_name":"okta-Bob@acme.example","metadata":{"username":"Bob@acme.example"}}}`,
			want{"bob@acme.example", ecs.Human, "bob@acme.example", false}},
		{"AWS role", `{"auth":{"metadata":{"client_arn":"arn:aws:sts::1:assumed-role/ci/i-1","canonical_arn":"arn:aws:iam::1:role/ci"}}}`,
			want{"arn:aws:iam::1:role/ci", ecs.Workload, "", false}},
		{"certificate", `{"auth":{"metadata":{"cert_name":"web"}}}`, want{"vault:cert/web", ecs.Workload, "", false}},
		{"AppRole", `{"auth":{"metadata":{"role_name":"ci"},"entity_id":"e-1"}}`, want{"vault:approle/ci", ecs.Workload, "", false}},
		{"role of a JWT login", `{"auth":{"metadata":{"role":"ci"},"entity_id":"e-1"}}`, want{"vault:entity/e-1", ecs.Workload, "", false}},
		{"entity", `{"auth":{"entity_id":"e-1","accessor":"acc"}}`, want{"vault:entity/e-1", "", "", false}},
		{"token", `{"auth":{"accessor":"acc"}}`, want{"vault:token/acc", "", "", false}},
		{"token of a refused request", `{"request":{"client_token_accessor":"acc"}}`, want{"vault:token/acc", "", "", false}},
		{"login: whom it made", `{"auth":{},"request":{"path":"auth/userpass/login/bob"},"response":{"auth":{"display_name":"userpass-bob","metadata":{"username":"bob"}}}}`,
			want{"vault:userpass/bob", ecs.Human, "bob", false}},
		{"no login: not whom it made", `{"auth":{"metadata":{"role_name":"ci"}},"request":{"path":"auth/token/create"},"response":{"auth":{"metadata":{"username":"bob"}}}}`,
			want{"vault:approle/ci", ecs.Workload, "", false}},
		{"nobody", `{"request":{"path":"sys/health"}}`, want{}},
		{"wrong types", `{"auth":{"metadata":["x"],"policies":"root","entity_id":7,"accessor":{}}}`, want{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &record.Record{}
			if err := r.Parse([]byte(c.entry)); err != nil {
				t.Fatal(err)
			}
			ev := &ecs.Event{}
			link(ev, r.Root())
			who := identityOf(r.Root(), &ev.Link)
			if got := (want{who.ID, who.Kind, ev.Link.Login, who.Privileged}); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestLink(t *testing.T) {
	r := &record.Record{}
	if err := r.Parse([]byte(`{"auth":{"accessor":"used","entity_id":"e-1","display_name":"approle","metadata":{"role_name":"ci"}},` +
		`"request":{"client_token_accessor":"other","headers":{"x-correlation-id":["trace","second"]}},` +
		`"response":{"auth":{"accessor":"made"},"wrap_info":{"accessor":"wrapped"},"secret":{"lease_id":"aws/creds/x/1"}}}`)); err != nil {
		t.Fatal(err)
	}
	ev := &ecs.Event{ID: "r-1"}
	link(ev, r.Root())
	want := ecs.Link{Request: "r-1", Credential: "used", CredentialMade: "made", Lease: "aws/creds/x/1", Entity: "e-1", Role: "ci", Subject: "approle", Trace: "trace"}
	if ev.Link != want {
		t.Errorf("got %+v, want %+v", ev.Link, want)
	}
}
