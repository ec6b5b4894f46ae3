package detections

import (
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// New way in: a stolen role id or password is used through a network the identity never came from, or by another mount or role.
// The alert hangs on the login itself.
var vaultNewLogin = &Detection{
	Rule: Rule{
		ID: "vault_new_login", Name: "Vault login by a way the identity never used", Severity: 47, Points: 20,
		Description: "An identity with a settled history logs in from a network, or by a mount or role, that is new to it.",
		Covers:      []string{"AU28"}, Techniques: []string{"T1078"}, NHI: []string{"NHI4:2025", "NHI9:2025"},
		Evidence: "auth/<mount>/login from an unknown network", Lookalikes: "A job moved to another cluster.", Tuning: "Declare the networks, or a deployment window.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: time.Hour, Find: findVaultNewLogin,
}

func findVaultNewLogin(c *Case) *Finding {
	if c.Act.Dataset != vault || c.Act.Failed {
		return nil
	}
	var f Finding
	if c.Novelty(networks, c.Act.Network()) == identity.New && c.Context.NetworkOf(c.Act.Addr) == nil {
		f.Parts = append(f.Parts, Part{"new_network", 15, "the network is new to the identity"})
	}
	if c.Novelty(operations, c.Act.Operation) == identity.New {
		f.Parts = append(f.Parts, Part{"new_mount", 10, "the auth mount is new to the identity"})
	}
	if len(f.Parts) == 0 {
		return nil
	}
	if c.Machine() {
		f.Parts = append(f.Parts, Part{"machine", 15, "machines do not travel"})
	}
	if c.Novelty(countries, c.Act.Country()) == identity.New {
		f.Parts = append(f.Parts, Part{"new_country", 20, "the country is new to the identity"})
	}
	f.Reason = c.Act.Name + " logged in to Vault at " + c.Act.Target + " from " + c.Act.Addr.String() + ", a way it never used"
	return &f
}
