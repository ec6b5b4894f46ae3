package detections

import (
	"fmt"
	"slices"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Denied burst: somebody tries passwords, role ids or paths and is refused again and again, from one address. The alert hangs
// on the first refusal of the burst, which no later one can move.
var vaultDeniedBurst = &Detection{
	Rule: Rule{
		ID: "vault_denied_burst", Name: "Burst of refused Vault requests", Severity: 47, Points: 70,
		Description: "One address or identity is refused many times within minutes: logins guessed, or paths probed.",
		Covers:      []string{"AU27"}, Techniques: []string{"T1110", "T1555.006"}, NHI: []string{"NHI4:2025"},
		Evidence: "error with permission denied or invalid credentials", Lookalikes: "A job with an expired token that retries: same path each time.",
		Tuning: "Name the job in the context file; repeated refusals of one path count as one.",
	},
	Signs: []string{vaultDenied}, Within: time.Hour, Find: findVaultDeniedBurst,
}

const (
	deniedWindow = 5 * time.Minute
	deniedTries  = 6 // with this one
	deniedPaths  = 3 // a retrying job asks for one path
)

func findVaultDeniedBurst(c *Case) *Finding {
	refused := func(a *Act) bool { return a.Has(vaultDenied) }
	before := c.From(deniedWindow, refused)
	if own := c.Back(deniedWindow, refused); len(own) > len(before) {
		before = own
	}
	if len(before)+1 < deniedTries {
		return nil
	}
	paths := distinct(append(before, c.Act), func(a *Act) string { return a.Target })
	if paths < deniedPaths && !allSignIns(append(before, c.Act)) {
		return nil
	}
	return &Finding{
		Evidence: before,
		Reason:   fmt.Sprintf("%d requests refused by Vault within %s from %s, on %d paths", len(before)+1, deniedWindow, c.Act.Addr, paths),
	}
}

// allSignIns reports whether all acts are tries to log in: guesses go to one path.
func allSignIns(acts []*Act) bool {
	return !slices.ContainsFunc(acts, func(a *Act) bool { return a.Activity != ecs.SignIn })
}
