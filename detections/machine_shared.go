package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// One credential, two workloads: a machine's key turns up with a second workload, or in production and test. Whoever copies keys around loses
// them. The alert hangs on the first use by the second one.
var sharedMachine = &Detection{
	Rule: Rule{
		ID: "any_machine_shared", Name: "One machine credential used by two workloads", Severity: 47, Points: 50,
		Description: "A credential is used by a second workload, in a second account, or in production and test.",
		Covers:      []string{"XS15"}, Techniques: []string{"T1078.004"}, NHI: []string{"NHI9:2025", "NHI8:2025"},
		Evidence: "equal credential id under two identities or accounts", Lookalikes: "A migration.", Tuning: "One identity for each workload; name them in the context file.",
	},
	Within: 24 * time.Hour, Find: findSharedMachine,
}

func findSharedMachine(c *Case) *Finding {
	a := c.Act
	k := c.Credential(a.Credential)
	if k == nil || a.Failed || !c.Machine() || k.Uses < 3 {
		return nil
	}
	f := &Finding{Key: a.Credential}
	if k.Users.Len() > 0 && !k.Users.Has(ecs.FirstOf(a.Actor.ID, c.ID)) {
		f.Parts = append(f.Parts, Part{"second_workload", 10, "a second workload uses the credential"})
	}
	if a.Account != "" && k.Accounts.Len() > 0 && !k.Accounts.Has(a.Account) {
		f.Parts = append(f.Parts, Part{"second_account", 10, "it is used in a second account"})
	}
	if len(f.Parts) == 0 {
		return nil
	}
	f.Evidence = c.Back(lineSpan, func(b *Act) bool { return b.Credential == a.Credential })
	f.Evidence = f.Evidence[max(0, len(f.Evidence)-1):]
	f.Reason = "the credential of " + a.Name + ": " + reasonsOf(f.Parts)
	return f
}

// Agent off its leash: an AI agent works faster or wider than it ever did, or makes identities and keys. The alert hangs on the first act of the burst.
var agentTempo = &Detection{
	Rule: Rule{
		ID: "any_agent_tempo", Name: "AI agent faster or wider than itself", Severity: 73, Points: 35,
		Description: "An agent identity does many different things within seconds, makes identities or credentials, or acts for a user who has no session.",
		Covers:      []string{"XS16", "NH16"}, Techniques: []string{"T1078.004", "T1580"}, NHI: []string{"NHI5:2025", "NHI9:2025"},
		Evidence: "distinct operations within a minute; follow-on identities and keys", Lookalikes: "A planned batch run.", Tuning: "Declare the agent's kind and windows in the context file.",
	},
	Within: time.Hour, Find: findAgentTempo,
}

const (
	agentSpan  = time.Minute
	agentWidth = 8 // different operations
)

func findAgentTempo(c *Case) *Finding {
	a := c.Act
	if a.Failed || !c.isAgent() {
		return nil
	}
	burst := c.Back(agentSpan, func(b *Act) bool { return !b.Failed })
	width := distinct(append(burst, a), func(b *Act) string { return b.Operation })
	f := &Finding{Evidence: burst}
	if width >= agentWidth {
		f.Parts = append(f.Parts, Part{"width", 25, fmt.Sprintf("%d different operations within %s", width, agentSpan)})
	}
	if a.Is(ecs.IdentityCreate, ecs.CredentialCreate, ecs.PrivilegeGrant) {
		f.Parts = append(f.Parts, Part{"follow_on", 25, "it makes what outlives it: " + a.Action})
	}
	if len(f.Parts) == 0 {
		return nil
	}
	if c.Novelty(operations, a.Operation) == identity.New {
		f.Parts = append(f.Parts, Part{"new_operation", 10, "an API it never called"})
	}
	f.Reason = "agent " + a.Name + ": " + reasonsOf(f.Parts)
	return f
}

// isAgent reports whether an AI agent acts, by the record or by the context file.
func (c *Case) isAgent() bool {
	known := c.Known()
	return c.Act.Actor.Kind == ecs.AIAgent || known != nil && known.Kind == ecs.AIAgent
}
