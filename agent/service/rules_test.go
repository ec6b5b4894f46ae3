package service

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// signInRule is a rule on sign-ins from an address.
func signInRule(id, address string) string {
	return "title: " + id + "\nid: " + id + "\nlogsource: {product: okta, service: okta}\ndetection:\n  s: {client.ipAddress: " + address + "}\n  condition: s\nlevel: high\n"
}

// ruleAlerts are the ids of the rules that raised alerts, without the built-in ones.
func (h house) ruleAlerts() string {
	seen := map[string]bool{}
	var ids []string
	for _, doc := range h.documents()["logs-idwatch.alert-default"] {
		if id := doc.Get("rule.id").Str; doc.Get("rule.ruleset").Str == "sigma" && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return strings.Join(ids, " ")
}

// TestRules: users' rules are in force from the start, when told to be read again, and when nobody tells. What cannot be read leaves the
// old ones in force.
func TestRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		if err := os.Mkdir(h.path("rules"), 0o755); err != nil {
			t.Fatal(err)
		}
		h.write("rules/a.yml", signInRule("first", "192.0.2.1")+"---\ntitle: bad\n")
		s := h.open(h.config("rules: " + h.path("rules")))
		h.put(s, oktaFrom("192.0.2.1", 1))
		h.put(s, oktaFrom("192.0.2.2", 2))

		h.write("rules/a.yml", signInRule("second", "192.0.2.2"))
		if err := s.Reload(); err != nil {
			t.Errorf("Reload: %v", err)
		}
		h.put(s, oktaFrom("192.0.2.2", 3))
		h.put(s, oktaFrom("192.0.2.3", 4))

		if err := os.Rename(h.path("rules"), h.path("elsewhere")); err != nil {
			t.Fatal(err)
		}
		if err := s.Reload(); err == nil || !strings.Contains(err.Error(), "read rules: ") {
			t.Errorf("Reload without the folder: got %v", err)
		}
		if err := os.Rename(h.path("elsewhere"), h.path("rules")); err != nil {
			t.Fatal(err)
		}
		h.write("rules/b.yml", signInRule("third", "192.0.2.3"))
		<-time.After(refreshEvery + time.Second)
		synctest.Wait()
		h.put(s, oktaFrom("192.0.2.3", 5))
		h.close(s)
		if got, want := h.ruleAlerts(), "first second third"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
