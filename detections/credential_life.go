package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Handed on: a secret is made and minutes later used from another network than its maker's. It was made to be carried away. The alert hangs
// on the making.
var credentialHandedOn = &Detection{
	Rule: Rule{
		ID: "any_credential_handed_on", Name: "Credential made and at once used elsewhere", Severity: 73, Points: 50, Chain: true,
		Description: "A key, secret or token is made, and within minutes used from another network.",
		Covers:      []string{"XS13", "CR10"}, Techniques: []string{"T1098.001", "T1550.001"}, NHI: []string{"NHI2:2025", "NHI7:2025"},
		Evidence: "the making, and the first use", Lookalikes: "A pipeline that makes keys for its runners: known maker, known networks.", Tuning: "Declare the runners' network.",
	},
	Within: 24 * time.Hour, Find: findHandedOn,
}

const handedOnWithin = 30 * time.Minute

func findHandedOn(c *Case) *Finding {
	a := c.Act
	k := c.Credential(a.Credential)
	if k == nil || k.Made.IsZero() || !k.FirstUse.IsZero() || a.Time.Sub(k.Made) > handedOnWithin || !lasting(k.MadeDoc) {
		return nil
	}
	if k.MadeNetwork == "" || a.Network() == "" || k.MadeNetwork == a.Network() || c.Context.NetworkOf(a.Addr) != nil {
		return nil
	}
	f := &Finding{Key: k.ID, Evidence: []*Act{k.MadeDoc}}
	f.Reason = fmt.Sprintf("a credential made by %s was used %s later from %s", k.MadeDoc.Name, agoText(c, k.Made), a.Addr)
	if a.Country() != "" && k.MadeDoc.Country() != "" && a.Country() != k.MadeDoc.Country() {
		f.Parts = append(f.Parts, Part{"other_country", 15, "in another country"})
	}
	if c.Who != nil && c.own(networks, a.Network()) {
		f.Parts = append(f.Parts, Part{"owner_place", -30, "whoever uses it works from there anyway: a rotation"})
	} else if k.Maker != k.Owner && k.Owner != "" {
		f.Parts = append(f.Parts, Part{"for_other", 10, "made for another identity"})
	}
	return f
}

// lasting reports whether an act made a credential that is meant to last: session tokens travel by nature.
func lasting(a *Act) bool {
	return a.Activity == ecs.CredentialCreate || a.Activity == ecs.CredentialEnable
}

// After its end: a credential that was revoked, rotated away or has expired is used. Somebody kept a copy. The alert hangs on the use.
var credentialAfterEnd = &Detection{
	Rule: Rule{
		ID: "any_credential_after_end", Name: "Credential used after its end", Severity: 73, Points: 60,
		Description: "A key or token is used after it was revoked, deleted or rotated away.",
		Covers:      []string{"XS13"}, Techniques: []string{"T1550.001"}, NHI: []string{"NHI1:2025", "NHI7:2025"},
		Evidence: "the revocation, and the use after it", Lookalikes: "Records that arrive late: the event time decides.", Tuning: "Nothing to tune: a dead credential has no use.",
	},
	Within: 24 * time.Hour, Find: findCredentialAfterEnd,
}

const credentialGrace = 2 * time.Minute // revocations take a moment to spread

func findCredentialAfterEnd(c *Case) *Finding {
	a := c.Act
	k := c.Credential(a.Credential)
	if a.Dataset == vault || k == nil || k.Ended.IsZero() || a.Time.Sub(k.Ended) < credentialGrace || a.Gone == a.Credential {
		return nil
	}
	return &Finding{
		Key: k.ID, Evidence: []*Act{k.EndedDoc},
		Reason: fmt.Sprintf("a credential of %s was used from %s, %s after its end", a.Name, a.Addr, agoText(c, k.Ended)),
	}
}

// Second credential: inside a true rotation somebody makes one more, or makes one from elsewhere. The rotation hides it. The alert hangs on the
// first of the two.
var secondCredential = &Detection{
	Rule: Rule{
		ID: "any_second_credential", Name: "One credential too many in a rotation", Severity: 73, Points: 45,
		Description: "Within a rotation a second credential is made for the same owner, by another maker or from another network.",
		Covers:      []string{"XS22"}, Techniques: []string{"T1098.001"}, NHI: []string{"NHI2:2025", "NHI7:2025"},
		Evidence: "two credentials made for one owner within a day", Lookalikes: "A rotation that failed and was done again: same maker, same network.", Tuning: "Declare rotation windows.",
	},
	On: []ecs.Activity{ecs.CredentialCreate}, Within: 24 * time.Hour, Find: findSecondCredential,
}

func findSecondCredential(c *Case) *Finding {
	a := c.Act
	owner := a.TargetID // an application's name is no owner: each of its users makes credentials for it
	if a.Failed || a.Made == "" || owner == "" {
		return nil
	}
	first := lastOf(c.madeFor(owner, func(b *Act) bool { return b.Is(ecs.CredentialCreate) && b.Made != a.Made && b.TargetID == owner }))
	if first == nil {
		return nil
	}
	f := &Finding{Key: owner, Evidence: []*Act{first}}
	if first.Actor.ID != a.Actor.ID {
		f.Parts = append(f.Parts, Part{"other_maker", 20, "made by " + a.Name + ", the first one by " + first.Name})
	}
	if first.Network() != a.Network() && a.Network() != "" && c.Context.NetworkOf(a.Addr) == nil && !c.usualPlace(a.Network(), a.Country()) {
		f.Parts = append(f.Parts, Part{"other_network", 20, "made from another network"})
	}
	if len(f.Parts) == 0 {
		return nil
	}
	f.Reason = "a second credential for " + owner + " within a day: " + reasonsOf(f.Parts)
	return f
}

// madeFor lists acts of the last day by which credentials were made for an owner, whoever made them.
func (c *Case) madeFor(owner string, fits func(*Act) bool) []*Act {
	own := c.Back(lineSpan, fits)
	for _, a := range pick(c.memory.Targets.Get(owner).Since(c.Act.Time, lineSpan), fits) {
		if a.Actor.ID != c.Act.Actor.ID {
			own = append(own, a)
		}
	}
	return own
}
