package service

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/agent/audit"
	"github.com/idwatch/idwatch/agent/elastic/estest"
	"github.com/idwatch/idwatch/agent/waittest"
	"github.com/idwatch/idwatch/agent/windows"
)

// TestIntegrationGovernment: a real server takes every kind of audit document, and the alerts about refused windows, with the
// mappings that setup installs.
func TestIntegrationGovernment(t *testing.T) {
	server := estest.Start(t)
	setUp(t, server)
	h, namespace := newHouse(t), strings.ToLower(rand.Text())
	s := h.open(h.config("outputs: {elasticsearch: {url: '" + server.URL + "', ca_file: " + server.CAFile + ", username: " + server.Username +
		", password_file: " + server.PasswordFile + ", namespace: " + namespace + "}}"))
	defer h.close(s)
	joe := audit.Who{ID: "1000", Name: "joe"}
	w := &windows.Window{Statement: windows.Statement{ID: "deploy-1", Kind: "deployment", From: time.Now(), Until: time.Now().Add(time.Hour), Identities: []string{"i"}}, Key: "k"}
	s.Note(audit.Entry{Action: audit.ContextReload, Who: joe, Path: "/etc/idwatch/context.yaml", Hash: strings.Repeat("a", 64), Reason: "changed",
		Changes: []audit.Change{{Kind: "identities", Added: []string{"a"}, Removed: []string{"b"}, Changed: []string{"c"}}, {Kind: "rules", Added: []string{"d"}}}})
	s.Note(audit.Entry{Action: audit.WindowOpen, Who: joe, Window: auditWindow(w)})
	s.Note(audit.Entry{Action: audit.DeadLetterRetry, Who: joe, Letters: []string{"x", "y"}})
	s.Note(audit.Entry{Action: audit.AlertEscalate, Who: joe, Alert: "id", Target: "oncall", Failed: true})
	rules := []string{windows.Forged, windows.Replayed, windows.Expired, windows.Improper}
	for _, rule := range rules {
		s.alertWindow(&windows.Refusal{Rule: rule, Text: "why"}, w, joe, []byte(rule), "audit-id")
	}
	count := func(stream, query string) int64 {
		server.Call(t, "POST", "/logs-idwatch."+stream+"-"+namespace+"/_refresh", "")
		_, answer := server.Call(t, "POST", "/logs-idwatch."+stream+"-"+namespace+"/_count", query)
		return gjson.Get(answer, "count").Int()
	}
	waittest.Until(t, "all to be sent", func() bool { return count("alert", "") == int64(len(rules)) && count("audit", "") >= 4 })
	if got := count("audit", ""); got != 4 {
		t.Errorf("audit: got %d documents, want 4", got)
	}
	for stream, terms := range map[string][]string{
		"audit": {`"event.category":"configuration"`, `"user.name":"joe"`, `"idwatch.audit.identities.added":"a"`, `"idwatch.audit.window.kind":"deployment"`, `"idwatch.audit.target":"oncall"`},
		"alert": {`"rule.id":"idwatch_window_forged"`, `"idwatch.evidence.id":"audit-id"`, `"idwatch.identity.id":"joe"`, `"event.kind":"alert"`},
	} {
		for _, term := range terms {
			if got := count(stream, `{"query":{"term":{`+term+`}}}`); got == 0 {
				t.Errorf("%s: no document has %s", stream, term)
			}
		}
	}
}
