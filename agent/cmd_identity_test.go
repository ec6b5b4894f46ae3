package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/agent/portrait"
)

// signIn is an Okta sign-in of a user at an hour of September 1st, 2026.
func signIn(n, hour int, id, login string) string {
	return fmt.Sprintf(`{"uuid":"u%03d","published":"2026-09-01T%02d:15:00.000Z","eventType":"user.session.start","outcome":{"result":"SUCCESS"},`+
		`"actor":{"id":%q,"type":"User","alternateId":%q},"client":{"ipAddress":"203.0.113.5"}}`+"\n", n, hour, id, login)
}

func TestLinks(t *testing.T) {
	records := filepath.Join(t.TempDir(), "records")
	write(t, records, []byte(signIn(1, 8, "00u1", "Alice@acme.example")+signIn(2, 9, "00u1", "alice@acme.example")+signIn(3, 9, "00u2", "bob@acme.example")))
	status, stdout, stderr := idwatch(t, "", "links", records)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if status != done || len(lines) != 2 || stderr != "" {
		t.Fatalf("got %d, %q, %q", status, stdout, stderr)
	}
	var alice shownIdentity
	if err := json.Unmarshal([]byte(lines[0]), &alice); err != nil {
		t.Fatal(err)
	}
	if want := []string{"alice@acme.example", "okta:00u1"}; alice.ID != want[0] || alice.Kind != "human" || !slices.Equal(alice.Names, want) {
		t.Errorf("got %+v, want names %q", alice, want)
	}
	if len(alice.Links) != 1 || alice.Links[0].Strength != "A" || alice.Links[0].Count != 2 || len(alice.Links[0].Records) != 2 {
		t.Errorf("links: got %+v", alice.Links)
	}
}

func TestIdentity(t *testing.T) {
	dir := t.TempDir()
	records, house := filepath.Join(dir, "records"), filepath.Join(dir, "context.yaml")
	write(t, records, []byte(signIn(1, 8, "00u1", "alice@acme.example")+signIn(2, 9, "00u1", "alice@acme.example")+signIn(2, 9, "00u1", "alice@acme.example")))
	write(t, house, []byte("identities:\n- id: alice\n  names: alice@acme.example\n  owner: sales@acme.example\n  escalation: [oncall]\n"))
	for _, name := range []string{"alice", "ALICE@acme.example", "okta:00u1"} {
		status, stdout, stderr := idwatch(t, "", "identity", "--context", house, "--json", name, records)
		var got portrait.Portrait
		if err := json.Unmarshal([]byte(stdout), &got); err != nil || status != done {
			t.Fatalf("%s: got %d, %q, %v", name, status, stderr, err)
		}
		if got.ID != "id:alice" || got.Owner != "sales@acme.example" || got.Acts != 2 || got.Hours["Tue"][8] != 1 || got.Hours["Tue"][9] != 1 {
			t.Errorf("%s: got %+v", name, got)
		}
		if networks := got.Usual["networks"]; len(networks) != 1 || networks[0].Value != "203.0.113.0/24" || networks[0].Count != 2 {
			t.Errorf("%s: networks %+v", name, networks)
		}
	}
	status, stdout, _ := idwatch(t, "", "identity", "--context", house, "alice", records)
	for _, want := range []string{"id:alice", "sales@acme.example, then oncall", "2 acts, 0 of them refused", "Tue ........11.............."} {
		if status != done || !strings.Contains(stdout, want) {
			t.Errorf("got %d, %s\nwant %q in it", status, stdout, want)
		}
	}
	if status, _, stderr := idwatch(t, "", "identity", "carol@acme.example", records); status != wrong || !strings.Contains(stderr, "no record knows that name") {
		t.Errorf("unknown: got %d, %q", status, stderr)
	}
	if status, _, stderr := idwatch(t, "", "identity", "alice", "--data-dir", t.TempDir()); status != wrong || !strings.Contains(stderr, "no running process answers") {
		t.Errorf("without files: got %d, %q", status, stderr)
	}
}

// A name is anybody's to choose, and must not command the terminal of who looks at it.
func TestNamesWithControlCharacters(t *testing.T) {
	records := filepath.Join(t.TempDir(), "records")
	write(t, records, []byte(signIn(1, 8, "00u1", "eve@acme.example")+strings.Replace(signIn(2, 9, "00u1", "eve@acme.example"), `"client"`,
		`"debugContext":{"debugData":{"dtHash":"\u001b[2J\u009b\r\n\u202e"}},"client"`, 1)))
	status, stdout, _ := idwatch(t, "", "identity", "eve@acme.example", records)
	if status != done || strings.ContainsAny(stdout, "\x1b\r\u009b\u202e") || !strings.Contains(stdout, "?[2J") {
		t.Errorf("got %d, %q", status, stdout)
	}
}
