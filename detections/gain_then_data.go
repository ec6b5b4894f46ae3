package detections

import (
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Elevation right before data: rights are gained and at once used to read secrets or data. Also when one gives the rights and
// another reads. The alert hangs on the gain.
var gainThenData = &Detection{
	Rule: Rule{
		ID: "any_gain_then_data", Name: "Rights gained, then data or secrets read", Severity: 73, Points: 40,
		Description: "An identity gains rights, or is given them, and reads secrets or data within the hour.",
		Covers:      []string{"XS11"}, Techniques: []string{"T1098.003", "T1530", "T1555.006"}, NHI: []string{"NHI5:2025"},
		Evidence: "the grant or elevation and the first reads", Lookalikes: "A just-in-time elevation with a ticket: used for what it was given for.",
		Tuning: "Declare elevation windows.", Chain: true,
	},
	On: []ecs.Activity{ecs.SecretRead, ecs.DataRead, ecs.DataShare, ecs.CredentialRead}, Within: gainSpan, Find: findGainThenData,
}

const gainSpan = time.Hour

func findGainThenData(c *Case) *Finding {
	a := c.Act
	if a.Failed {
		return nil
	}
	given := false
	gain := lastOf(c.Back(gainSpan, func(b *Act) bool { return isNamedGain(b) && (b.TargetID == "" || c.Same(b.TargetID, c.ID)) }))
	if gain == nil {
		gain, given = c.givenTo(gainSpan), true
	}
	if gain == nil {
		return nil
	}
	f := &Finding{Evidence: []*Act{gain}, Parts: spansSources([]*Act{gain, a})}
	f.Reason = a.Name + " read " + a.Target + " " + agoText(c, gain.Time) + " after gaining rights by " + gain.Action
	if given {
		f.Parts = append(f.Parts, Part{"given", 5, "the rights were given by " + gain.Name})
	}
	switch c.Novelty(resources, a.Resource) {
	case identity.New:
		f.Parts = append(f.Parts, Part{"new_resource", 20, "the identity never touched this"})
	case identity.Unknown:
		f.Parts = append(f.Parts, Part{"unknown_resource", 10, "nothing says that the identity reads this anyway"})
	case identity.Known:
		f.Parts = append(f.Parts, Part{"usual_resource", -20, "the identity reads this anyway"})
	}
	if c.UsualHour() == identity.New {
		f.Parts = append(f.Parts, Part{"odd_hour", 10, "outside the identity's own hours"})
	}
	if c.Novelty(networks, a.Network()) == identity.New {
		f.Parts = append(f.Parts, Part{"new_network", 10, "from a network new to the identity"})
	}
	return f
}
