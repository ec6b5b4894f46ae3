package detections

import (
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Secret id by a stranger: an AppRole's secret id is made by its pipeline. One made by somebody who never made any is a second key to the
// same door. The alert hangs on the making.
var vaultSecretIDByStranger = &Detection{
	Rule: Rule{
		ID: "vault_secret_id_by_stranger", Name: "AppRole secret id made outside its pipeline", Severity: 73, Points: 40,
		Description: "A secret id of a role is made by an identity that does not usually make it, or by a person.",
		Covers:      []string{"CR21"}, Techniques: []string{"T1098.001"}, NHI: []string{"NHI2:2025", "NHI4:2025"},
		Evidence: "auth/approle/role/<role>/secret-id by another entity", Lookalikes: "An administrator who sets a role up.", Tuning: "Name the pipeline and the administrators in the context file.",
	},
	On: []ecs.Activity{ecs.CredentialCreate}, Within: time.Hour, Find: findVaultSecretIDByStranger,
}

func findVaultSecretIDByStranger(c *Case) *Finding {
	a := c.Act
	role := a.TargetID
	if a.Dataset != vault || a.Failed || role == "" || a.Actor.Kind == ecs.Root {
		return nil
	}
	owner := c.Profile(role)
	f := &Finding{Key: role, Reason: "a secret id of " + role + " was made by " + a.Name}
	if owner.Mature(a.Time, c.Context.Maturity()) {
		f.Parts = append(f.Parts, Part{"settled_role", 10, "the role has a settled history"})
	}
	switch {
	case c.Novelty(operations, a.Operation) == identity.New:
		f.Parts = append(f.Parts, Part{"first_time", 20, "the maker never made one"})
	case a.Actor.Kind == ecs.Human:
		f.Parts = append(f.Parts, Part{"by_person", 15, "made by a person and not by a pipeline"})
	default:
		return nil
	}
	return f
}

// Kinds mixed: a machine's role is used where people sit, or a person's token reads what machines read. Either means that
// somebody has taken a secret out of its place. The alert hangs on the act.
var vaultKindMixed = &Detection{
	Rule: Rule{
		ID: "vault_human_machine_mixed", Name: "Machine role from a person's network", Severity: 47, Points: 45,
		Description: "A machine's login comes from an address from which a person signed in within the day, and from which the machine never came.",
		Covers:      []string{"NH17"}, Techniques: []string{"T1078"}, NHI: []string{"NHI10:2025", "NHI9:2025"},
		Evidence: "AppRole login from an address of user sign-ins", Lookalikes: "A developer who tests with the team's role.", Tuning: "Declare the build network.",
	},
	On: []ecs.Activity{ecs.SignIn, ecs.SecretRead}, Within: 24 * time.Hour, Find: findVaultKindMixed,
}

func findVaultKindMixed(c *Case) *Finding {
	a := c.Act
	if a.Dataset != vault || a.Failed || !c.Machine() || a.Addr.IsLoopback() {
		return nil
	}
	if c.Novelty(networks, a.Network()) != identity.New || c.Context.NetworkOf(a.Addr) != nil {
		return nil
	}
	people := c.From(lineSpan, func(b *Act) bool { return b.Actor.Kind == ecs.Human && b.Is(ecs.SignIn, ecs.MFAApproved, ecs.SSO) })
	if len(people) == 0 {
		return nil
	}
	last := people[len(people)-1]
	return &Finding{
		Evidence: []*Act{last}, Reason: a.Name + " was used from " + a.Addr.String() + ", where " + last.Name + " sits",
		Parts: []Part{{"new_network", 15, "the machine never came from this network"}},
	}
}
