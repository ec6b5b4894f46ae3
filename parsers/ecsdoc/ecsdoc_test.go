package ecsdoc

import (
	"strings"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// read makes an event of a document.
func read(t *testing.T, text string, parse func(*ecs.Event) error) (*ecs.Event, error) {
	t.Helper()
	var r record.Record
	if err := r.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	ev := &ecs.Event{Record: &r, Original: []byte(text), Namespace: "default"}
	return ev, parse(ev)
}

// Who acts: a plain account name means something only where it is from.
func TestIdentity(t *testing.T) {
	for _, test := range []struct{ name, members, want string }{
		{"mail", `"user":{"name":"alice","email":"Alice@acme.example"}`, "alice@acme.example"},
		{"login", `"user.name":"Alice@acme.example"`, "alice@acme.example"},
		{"id is a login", `"user":{"id":"alice@acme.example"}`, "alice@acme.example"},
		{"of a domain", `"user":{"name":"Alice","domain":"ACME"}`, `ecs:user/acme\alice`},
		{"of a host", `"user":{"name":"alice"},"host":{"name":"LT-1"}`, "ecs:user/lt-1/alice"},
		{"of a product", `"user":{"name":"octocat"},"event":{"dataset":"github.audit"}`, "ecs:user/github.audit/octocat"},
		{"the system", `"user":{"name":"SYSTEM","domain":"NT AUTHORITY"},"host":{"name":"LT-1"}`, ""},
		{"a computer", `"user":{"name":"LT-1$","domain":"ACME"}`, ""},
		{"a service", `"service":{"name":"Build"}`, "ecs:service/build"},
		{"a mail address with blanks", `"user":{"name":"x y@z"},"host":{"name":"h"}`, "ecs:user/h/x y@z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ev, err := read(t, `{"@timestamp":"2026-09-15T08:00:00Z",`+test.members+`}`, Parse)
			if err != nil || ev.Identity.ID != test.want {
				t.Errorf("got %q, %v, want %q", ev.Identity.ID, err, test.want)
			}
		})
	}
}

func TestActivity(t *testing.T) {
	for _, test := range []struct {
		event string
		want  ecs.Activity
	}{
		{`{"kind":"alert","category":["authentication"]}`, ecs.RiskReport},
		{`{"kind":"signal"}`, ecs.RiskReport},
		{`{"category":["authentication"],"type":["start"]}`, ecs.SignIn},
		{`{"category":"session","type":"end"}`, ecs.SignOut},
		{`{"category":["iam"],"type":["user","creation"]}`, ecs.IdentityCreate},
		{`{"category":["iam"],"type":["user","deletion"]}`, ecs.IdentityDelete},
		{`{"category":["iam"],"type":["user","change"]}`, ecs.IdentityChange},
		{`{"category":["process"]}`, ecs.APICall},
	} {
		ev, err := read(t, `{"@timestamp":"2026-09-15T08:00:00Z","event":`+test.event+`}`, Parse)
		if err != nil || ev.Activity != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.event, ev.Activity, err, test.want)
		}
	}
}

// A document that goes out names its data stream itself, whole and in form; one that is context goes nowhere.
func TestDelivered(t *testing.T) {
	const head = `{"@timestamp":"2026-09-15T08:00:00Z","event":{"kind":"event"}`
	for _, test := range []struct{ name, rest, want string }{
		{"its own stream", `,"data_stream":{"type":"logs","dataset":"github.audit","namespace":"prod"}}`, ""},
		{"dotted", `,"data_stream.dataset":"github.audit","data_stream.namespace":"prod"}`, ""},
		{"no stream", `}`, "data_stream.dataset"},
		{"metrics", `,"data_stream":{"type":"metrics","dataset":"github.audit"}}`, "data_stream.type"},
		{"a name out of form", `,"data_stream":{"type":"logs","dataset":"../github"}}`, "data_stream.dataset"},
		{"alerts of ours", `,"data_stream":{"type":"logs","dataset":"idwatch.alert"}}`, "data_stream.dataset"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ev, err := read(t, head+test.rest, ParseDelivered)
			if test.want == "" {
				if err != nil || ev.Context || ev.Dataset != "github.audit" || ev.Namespace != "prod" {
					t.Errorf("got %q, %q, context %v, %v", ev.Dataset, ev.Namespace, ev.Context, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %s", err, test.want)
			}
		})
	}
	if ev, err := read(t, head+"}", Parse); err != nil || !ev.Context {
		t.Errorf("got context %v, %v", ev.Context, err)
	}
}

// An alert that bears the event.id of what it is about is another document than that.
func TestNativeID(t *testing.T) {
	event, _ := read(t, `{"@timestamp":"2026-09-15T08:00:00Z","event":{"kind":"event","id":"1","dataset":"a"}}`, Parse)
	alert, _ := read(t, `{"@timestamp":"2026-09-15T08:00:00Z","event":{"kind":"alert","id":"1","dataset":"a"}}`, Parse)
	if string(event.AppendID(nil)) == string(alert.AppendID(nil)) {
		t.Error("got one id for two documents")
	}
}
