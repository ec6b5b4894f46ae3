package detections

import (
	"os"
	"slices"
	"testing"
)

func TestRealVaultLog(t *testing.T) {
	const path = "../../shared/real/vault/audit.log"
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not here", path)
	}
	r := replayFiles(t, DefaultContext(), path)
	loud := map[string]int{}
	for _, a := range r.Alerts() {
		t.Logf("%3d %-32s %2d evidence  %s %s", a.Score, a.Rule.ID, len(a.Evidence), a.Sentence(), a.Folded)
		if !a.Signal {
			loud[a.Rule.ID]++
		}
	}
	story := []string{"vault_secret_sweep", "vault_root_token_made", "vault_lasting_token_made", "vault_admin_policy_written", "vault_token_after_end", "vault_audit_device_changed"}
	for _, want := range story {
		if loud[want] == 0 {
			t.Errorf("%s did not alert", want)
		}
	}
	setUp := []string{"vault_root_token_used", "vault_server_changed"}
	for rule, n := range loud {
		if n > 1 {
			t.Errorf("%s alerted %d times", rule, n)
		}
		if !slices.Contains(setUp, rule) && !slices.Contains(story, rule) {
			t.Errorf("%s alerted: nothing of the kind happened", rule)
		}
	}
	for _, a := range r.Alerts() {
		if !a.Signal && a.Who == "vault:userpass/alice" {
			t.Errorf("alice's quiet day alerted: %s", a.Rule.ID)
		}
	}
}
