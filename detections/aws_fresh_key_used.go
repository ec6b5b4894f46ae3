package detections

import (
	"time"

	"github.com/idwatch/idwatch/detections/identity"
)

// A fresh key at work: an intruder makes a key for another user and tries it at once, from the own place or from elsewhere.
// The alert hangs on the making of the key.
var awsFreshKeyUsed = &Detection{
	Rule: Rule{
		ID: "aws_fresh_key_used", Name: "AWS key used right after it was made", Severity: 73, Points: 45,
		Description: "A long-lived key is used for the first time shortly after it was made, from another network than its maker's, or by its maker although it is somebody else's.",
		Covers:      []string{"CR10"}, Techniques: []string{"T1098.001", "T1078.004"}, NHI: []string{"NHI2:2025"},
		Evidence: "CreateAccessKey and the first record with the key", Lookalikes: "A new service that is given its key; a rotation, in which the same place goes on.",
		Tuning: "Declare rotation windows.",
	},
	Within: time.Hour, Find: findFreshKeyUsed,
}

const freshKey = 2 * time.Hour

func findFreshKeyUsed(c *Case) *Finding {
	a := c.Act
	if a.Dataset != cloudtrail || !isKeyUser(a) {
		return nil
	}
	k := c.Credential(a.Credential)
	if k == nil || k.Made.IsZero() || !k.FirstUse.IsZero() || a.Time.Sub(k.Made) > freshKey {
		return nil
	}
	here, isForOther := a.Network(), !c.Same(k.Owner, k.Maker)
	isElsewhere := here != "" && k.MadeNetwork != "" && here != k.MadeNetwork
	if !isForOther && !isElsewhere {
		return nil // one's own key, where one is: a rotation
	}
	f := &Finding{Key: a.Credential, Evidence: []*Act{k.MadeDoc}, Reason: "the key " + short(a.Credential) + " of " + a.Name + " was used " + span(a.Time.Sub(k.Made)) + " after " + k.MadeDoc.Name + " made it"}
	switch {
	case isElsewhere:
		f.Parts = append(f.Parts, Part{"elsewhere", 15, "from another network than its maker's"})
	default:
		f.Parts = append(f.Parts, Part{"by_maker", 15, "from where its maker was, although it is somebody else's"})
	}
	if c.Who != nil && c.Who.Networks.Has(here) && (isElsewhere || c.Novelty(operations, a.Operation) == identity.Known) {
		f.Parts = append(f.Parts, Part{"owner_place", -30, "its owner works from there: a key that was exchanged"})
	}
	if birth := bornAct(c, k.MadeDoc.Object, ownAge); birth != nil && isElsewhere {
		f.Parts = append(f.Parts, Part{"new_user", onboardPoints, "the user is new: its service may have been waiting for the key"})
	}
	return f
}
