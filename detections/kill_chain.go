package detections

import (
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Kill chain: sign-in, more rights, a token or key to stay, then calls this identity never made. Each step alone is an
// administrator's day; in this order, within a day, on one linked identity, they are an intrusion. The alert hangs on the sign-in
// or, when that was not seen, on the gain: the first step that fired.
var killChain = &Detection{
	Rule: Rule{
		ID: "any_kill_chain", Name: "Sign-in, escalation, new credential, unusual access", Severity: 99, Points: 70, Chain: true,
		Description: "One identity signs in, gains rights, makes a token or key, and then does what it never did, over any mix of sources within a day.",
		Covers:      []string{"XS19"}, Techniques: []string{"T1078.004", "T1098", "T1528"}, NHI: []string{"NHI2:2025", "NHI5:2025"},
		Evidence: "the four acts, in order", Lookalikes: "An administrator who sets up a new service: known operations, declared window.",
		Tuning: "Declare deployment and elevation windows.",
	},
	On:     []ecs.Activity{ecs.SecretRead, ecs.DataRead, ecs.DataShare, ecs.CredentialRead, ecs.CodeRun, ecs.LogTampering, ecs.DataDelete, ecs.Discovery, ecs.RoleAssume, ecs.ResourceChange, ecs.APICall, ecs.SecretList},
	Within: chainSpan, Find: findKillChain,
}

const chainSpan = 24 * time.Hour

func findKillChain(c *Case) *Finding {
	if c.Act.Failed || !unusual(c) {
		return nil
	}
	key := lastOf(c.Back(chainSpan, isNamedMint))
	if key == nil {
		return nil
	}
	gain := lastOf(c.Back(chainSpan, func(a *Act) bool { return isNamedGain(a) && !a.Time.After(key.Time) }))
	if gain == nil {
		return nil
	}
	steps := []*Act{gain, key}
	if in := lastOf(c.Back(chainSpan, func(a *Act) bool { return isSignIn(a) && !a.Time.After(gain.Time) })); in != nil {
		steps = append([]*Act{in}, steps...)
	} else if !isData(c.Act) {
		return nil // without its beginning the story needs a clear end
	}
	f := &Finding{Evidence: steps, Parts: spansSources(append(steps, c.Act))}
	f.Reason = c.Act.Name + " signed in, gained rights by " + gain.Action + ", made a credential by " + key.Action + " and went on to " + c.Act.Action + " within " + agoText(c, steps[0].Time)
	if c.fresh(networks, c.Act.Network()) {
		f.Parts = append(f.Parts, Part{"new_network", 10, "from a network new to the identity"})
	}
	return f
}

// unusual reports whether the act is data access, or something new to an identity that is known well enough.
func unusual(c *Case) bool {
	if isData(c.Act) || c.Act.Is(ecs.LogTampering) {
		return true
	}
	return c.Novelty(operations, c.Act.Operation) == identity.New || c.Novelty(regions, c.Act.Region) == identity.New
}
