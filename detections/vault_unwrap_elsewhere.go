package detections

import (
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Wrapped secret intercepted: a wrapping token opens once. Opened from a network other than where its maker sends secrets to, or found
// already open, it was read by somebody in between. The alert hangs on the unwrapping.
var vaultUnwrapElsewhere = &Detection{
	Rule: Rule{
		ID: "vault_unwrap_elsewhere", Name: "Wrapped secret opened elsewhere or twice", Severity: 73, Points: 55,
		Description: "A response-wrapping token is opened by a stranger's network, or its holder finds it open already.",
		Covers:      []string{"SE17"}, Techniques: []string{"T1528"}, NHI: []string{"NHI2:2025"},
		Evidence: "sys/wrapping/unwrap with the wrap_info.token of an earlier entry", Lookalikes: "A receiver in another data centre.", Tuning: "Declare the receiver's network.",
	},
	On: []ecs.Activity{ecs.SecretRead}, Within: time.Hour, Find: findVaultUnwrapElsewhere,
}

func findVaultUnwrapElsewhere(c *Case) *Finding {
	a := c.Act
	if a.Dataset != vault || a.Target != "sys/wrapping/unwrap" {
		return nil
	}
	k := c.Credential(a.Credential)
	if k == nil || k.Made.IsZero() {
		return nil
	}
	switch {
	case !k.FirstUse.IsZero():
		return &Finding{Key: k.ID, Evidence: []*Act{k.MadeDoc}, Reason: "a wrapped secret was opened a second time, from " + a.Addr.String()}
	case k.MadeNetwork != a.Network() && c.Context.NetworkOf(a.Addr) == nil && !c.Same(k.Owner, c.ID):
		return &Finding{Key: k.ID, Evidence: []*Act{k.MadeDoc}, Reason: "a wrapped secret was opened from " + a.Addr.String() + ", not from the network it was made in"}
	}
	return nil
}
