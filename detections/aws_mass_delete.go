package detections

import (
	"fmt"
	"slices"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Mass delete: ransom and revenge delete what they can within minutes. Taking down an environment does so too, but what it
// removes it made itself, mostly within the day.
var awsMassDelete = &Detection{
	Rule: Rule{
		ID: "aws_mass_delete", Name: "Many things deleted in AWS at once", Severity: 73, Points: 60, Chain: true,
		Description: "One identity deletes many objects, or several buckets, databases, snapshots, volumes, machines, tables or secrets that it did not make itself, within minutes.",
		Covers:      []string{"DA5"}, Techniques: []string{"T1485", "T1490"},
		Evidence: "Delete calls on different things; versioning suspended before", Lookalikes: "Taking down an environment; clean-up jobs: learned as their habit.",
		Tuning: "Declare deployment windows.",
	},
	On: []ecs.Activity{ecs.DataDelete, ecs.SecretDelete}, Within: time.Hour, Find: findMassDelete,
}

const (
	deleteWindow  = 15 * time.Minute
	objectsMany   = 30
	thingsMany    = 6
	objectsInCall = 10 // DeleteObjects does not tell how many
)

func findMassDelete(c *Case) *Finding {
	if !deletes(c, c.Act) {
		return nil
	}
	acts := c.Back(deleteWindow, func(a *Act) bool { return deletes(c, a) })
	all := append(slices.Clone(acts), c.Act)
	objects, things := 0, 0
	seen := map[string]bool{}
	for i := range all {
		switch a := all[i]; {
		case a.operation() == "DeleteObjects":
			objects += objectsInCall
		case seen[a.Target]:
		case a.operation() == "DeleteObject", a.operation() == "DeleteItem":
			objects++
		default:
			things++
		}
		seen[all[i].Target] = true
	}
	if objects < objectsMany && things < thingsMany {
		return nil
	}
	f := &Finding{Evidence: acts, Parts: habitParts(c)}
	f.Reason = fmt.Sprintf("%s deleted at least %d things in AWS within %s", c.Act.Name, objects+things, span(deleteWindow))
	if before := c.Back(24*time.Hour, func(a *Act) bool { return a.Has(awsVersioningOff) }); len(before) > 0 {
		f.Evidence = append(before, f.Evidence...)
		f.Parts = append(f.Parts, Part{"no_versions", 15, "it had switched versioning off before"})
	}
	return f
}

func deletes(c *Case, a *Act) bool {
	return a.Dataset == cloudtrail && isAWS(a) && a.Is(ecs.DataDelete, ecs.SecretDelete) && a.Target != "" && !isOwn(c, a)
}
