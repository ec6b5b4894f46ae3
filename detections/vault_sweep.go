package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Sweep: whoever gets hold of a token reads all it can reach, at once. Many different secrets within minutes, more than this identity ever
// reads. The alert hangs on the first read of the sweep.
var vaultSweep = &Detection{
	Rule: Rule{
		ID: "vault_secret_sweep", Name: "Many Vault secrets read at once", Severity: 73, Points: 60,
		Description: "One identity reads many different secret paths within minutes.",
		Covers:      []string{"CR18"}, Techniques: []string{"T1555.006"}, NHI: []string{"NHI2:2025", "NHI5:2025"},
		Evidence: "reads of distinct paths of a secrets engine", Lookalikes: "A deployment that loads its whole configuration; a backup.",
		Tuning: "Declare deployment windows; identities that always read this much are learned.",
	},
	On: []ecs.Activity{ecs.SecretRead}, Within: time.Hour, Find: findVaultSweep,
}

const (
	sweepWindow = 5 * time.Minute
	sweepPaths  = 10
)

func findVaultSweep(c *Case) *Finding {
	if c.Act.Dataset != vault || c.Act.Failed {
		return nil
	}
	if len(c.Recent(sweepWindow))+1 < sweepPaths {
		return nil
	}
	read := c.Back(sweepWindow, func(a *Act) bool { return a.Dataset == vault && a.Is(ecs.SecretRead) })
	paths := distinct(append(read, c.Act), func(a *Act) string { return a.Target })
	if paths < sweepPaths {
		return nil
	}
	f := &Finding{Evidence: read, Reason: fmt.Sprintf("%s read %d different secrets within %s", c.Act.Name, paths, sweepWindow)}
	if c.Who.Mature(c.Act.Time, c.Context.Maturity()) && c.Novelty(resources, c.Act.Resource) == identity.Known {
		f.Parts = append(f.Parts, Part{"usual_paths", -25, "the identity reads these paths every day"})
	}
	return f
}

// New path: an identity with settled habits reads where it never did. Machines have few habits, so a new one says much.
var vaultNewPath = &Detection{
	Rule: Rule{
		ID: "vault_new_path", Name: "Vault path new to the identity", Severity: 47, Points: 25,
		Description: "An identity reads a mount or path that it never read.",
		Covers:      []string{"CR19", "XS12"}, Techniques: []string{"T1555.006"}, NHI: []string{"NHI5:2025", "NHI9:2025"},
		Evidence: "request.path with an unknown prefix", Lookalikes: "A new release that needs a new secret.", Tuning: "Declare deployment windows.",
	},
	On: []ecs.Activity{ecs.SecretRead, ecs.SecretList, ecs.CredentialCreate, ecs.DataRead}, Within: 24 * time.Hour, Find: findVaultNewPath,
}

func findVaultNewPath(c *Case) *Finding {
	a := c.Act
	if a.Dataset != vault || a.Failed || c.Novelty(resources, a.Resource) != identity.New {
		return nil
	}
	f := &Finding{Reason: a.Name + " read " + a.Target + " in Vault, where it never was"}
	if c.Machine() {
		f.Parts = append(f.Parts, Part{"machine", 15, "a machine identity has few habits, and this is none of them"})
	}
	if c.Novelty(networks, a.Network()) == identity.New {
		f.Parts = append(f.Parts, Part{"new_network", 15, "the network is new to the identity as well"})
	}
	if c.UsualHour() == identity.New {
		f.Parts = append(f.Parts, Part{"odd_hour", 10, "the identity does not act at this hour"})
	}
	return f
}
