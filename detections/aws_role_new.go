package detections

import (
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// A role never worn: an identity takes a role that it never took. For a machine that is a new release or a thief who looks
// how far its key goes; for a person it is a day like others unless the role is an administrator's.
var awsRoleNew = &Detection{
	Rule: Rule{
		ID: "aws_role_new_to_identity", Name: "AWS role taken for the first time", Severity: 47, Points: 35,
		Description: "An identity assumes a role that it never assumed, directly, through another role, or through SAML.",
		Covers:      []string{"SE15"}, Techniques: []string{"T1548.005", "T1550.001"}, NHI: []string{"NHI5:2025", "NHI9:2025"},
		Evidence: "AssumeRole of a roleArn that is new to the caller", Lookalikes: "A new role of the same team; a deployment.",
		Tuning: "Declare deployment and elevation windows.",
	},
	On: []ecs.Activity{ecs.RoleAssume}, Within: time.Hour, Find: findRoleNew,
}

func findRoleNew(c *Case) *Finding {
	a := c.Act
	if a.Failed || a.Role == "" || !isAWS(a) || isService(a.Actor.ID) || !neverWorn(c) {
		return nil
	}
	f := &Finding{Reason: a.Name + " took the role " + lastPart(a.Role) + " for the first time"}
	if c.Machine() {
		f.Parts = append(f.Parts, Part{"machine", 15, "a machine identity wears the same roles every day"})
	} else {
		f.Parts = append(f.Parts, Part{"person", -5, "a person's tasks change"})
	}
	if isAdminName(lastPart(a.Role)) && !isPrivileged(c) {
		f.Parts = append(f.Parts, Part{"admin_role", 15, "the role is an administrator's by its name"})
	}
	if peers := c.Peers(); peers != nil && peers.Resources.Has(a.Resource) {
		f.Parts = append(f.Parts, Part{"peers", -15, "identities of the same function take it"})
	}
	if a.Session != "" {
		f.Parts = append(f.Parts, Part{"chained", 5, "it was taken out of another role"})
	}
	if a.operation() == "AssumeRoleWithSAML" && c.isNew(operations, a.Operation) {
		f.Parts = append(f.Parts, Part{"saml", 10, "through SAML, which it never used"})
	}
	if c.isNew(networks, a.Network()) {
		f.Parts = append(f.Parts, Part{"new_network", 15, "from a network new to the identity"})
	}
	return f
}

// isPrivileged: the house knows that the identity is an administrator's.
func isPrivileged(c *Case) bool {
	known := c.Known()
	return known != nil && known.Privileged
}

// neverWorn: the role is none of the identity's, or it never took any.
func neverWorn(c *Case) bool {
	return c.isNew(roles, c.Act.Role) || c.Who != nil && c.Who.Roles.Len() == 0 && c.isNew(operations, c.Act.Operation)
}
