package detections

import (
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// A key for somebody else: whoever can make keys or passwords for other users can become them, and stays when the own key is taken
// back. For a user that the same identity has just made it is the everyday of whoever brings people on board.
var awsCredentialForOther = &Detection{
	Rule: Rule{
		ID: "aws_credential_for_somebody_else", Name: "AWS key or password made for somebody else", Severity: 73, Points: 55,
		Description: "An access key, password or other credential of a user is made, set or switched on by somebody else.",
		Covers:      []string{"CR9"}, Techniques: []string{"T1098.001"}, NHI: []string{"NHI7:2025"},
		Evidence: "CreateAccessKey, CreateLoginProfile, UpdateLoginProfile whose userName is not the caller's", Lookalikes: "Bringing a new colleague or service on board; a help desk that resets passwords.",
		Tuning: "Name the identity that manages users, declare its windows.",
	},
	On:     []ecs.Activity{ecs.CredentialCreate, ecs.CredentialChange, ecs.CredentialEnable, ecs.CredentialRotate},
	Within: time.Hour, Find: findCredentialForOther,
}

const onboardPoints = -20

func findCredentialForOther(c *Case) *Finding {
	a := c.Act
	if a.Failed || a.service() != "iam" || !isAWS(a) || a.TargetID == "" || isService(a.Actor.ID) || c.Same(a.TargetID, c.ID) {
		return nil
	}
	f := &Finding{Parts: habitParts(c), Reason: a.Name + " called " + a.operation() + " for " + a.Target}
	if isOwn(c, a) {
		f.Key = ownKey
		f.Parts = append(f.Parts, Part{"new_user", onboardPoints, "the identity has just made this user"})
	}
	if a.Made != "" && c.rotates(a.TargetID) {
		f.Parts = append(f.Parts, Part{"rotation", -20, "it made the key that the user works with, too, and is where it always is"})
	}
	if known := c.Context.Known(a.TargetID); known != nil && known.Privileged || isAdminName(a.Target) {
		f.Parts = append(f.Parts, Part{"privileged_target", 10, "the user is privileged"})
	}
	return f
}

// rotatesAfter is the least age of the key before that makes the next one a rotation.
const rotatesAfter = 7 * 24 * time.Hour

// rotates reports whether whoever acts made, long enough ago, the key that a user works with, and acts from where it always does.
func (c *Case) rotates(user string) bool {
	if c.Novelty(networks, c.Act.Network()) != identity.Known {
		return false
	}
	return len(c.Of(user, lineSpan, func(b *Act) bool {
		k := c.Credential(b.Credential)
		return k != nil && !k.Made.IsZero() && c.Act.Time.Sub(k.Made) >= rotatesAfter && c.Same(k.Maker, c.ID)
	})) > 0
}
