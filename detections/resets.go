package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// isReset: a proof of identity is taken away from somebody.
func isReset(a *Act) bool {
	return (a.Dataset == okta || a.Dataset == entraAudit) && a.Is(ecs.MFARemove, ecs.CredentialChange)
}

// Many resets: one account's factors and passwords are reset again and again. The alert hangs on the first reset.
var anyManyResets = &Detection{
	Rule: Rule{
		ID: "any_many_resets", Name: "Factors and passwords of one account reset again and again", Severity: 47, Points: 55,
		Description: "Within an hour, one account's factors or passwords are reset several times: somebody talks to the help desk, and another one does not understand why.",
		Covers:      []string{"MF5"}, Techniques: []string{"T1556.006", "T1098"},
		Evidence: "resets with one target", Lookalikes: "A new phone that takes several tries: by its owner.",
	},
	On: []ecs.Activity{ecs.MFARemove, ecs.CredentialChange}, Within: 3 * time.Hour, Find: findManyResets,
}

const (
	resetsWindow = time.Hour
	resetsCount  = 4
)

func findManyResets(c *Case) *Finding {
	if !isReset(c.Act) {
		return nil
	}
	before := c.Done(c.Act.TargetID, resetsWindow, isReset)
	if len(before)+1 < resetsCount {
		return nil
	}
	f := &Finding{Key: c.Act.TargetID, Evidence: before, Reason: fmt.Sprintf("%s: %d resets within %s", c.Act.Target, len(before)+1, resetsWindow)}
	if c.isSelf() {
		f.Parts = append(f.Parts, Part{"self", -15, "by the account's owner"})
	}
	return f
}

// Reset and factor removed: with both gone, whoever is on the phone gets the account. The alert hangs on the first of the two.
var anyResetAndRemoved = &Detection{
	Rule: Rule{
		ID: "any_password_reset_and_factor_removed", Name: "Password reset and factor removed together", Severity: 73, Points: 55,
		Description: "Within half an hour somebody resets the password of an account and takes its second factor away.",
		Covers:      []string{"MF6"}, Techniques: []string{"T1556.006", "T1098"},
		Evidence: "the two resets of one target", Lookalikes: "A lost phone and a forgotten password: by the help desk, who do it every day.", Tuning: "Name the help desk's people in the context file.",
	},
	On: []ecs.Activity{ecs.MFARemove, ecs.CredentialChange}, Within: time.Hour, Find: findResetAndRemoved,
}

const togetherWindow = 30 * time.Minute

func findResetAndRemoved(c *Case) *Finding {
	a := c.Act
	if !isReset(a) {
		return nil
	}
	other := c.Done(a.TargetID, togetherWindow, func(b *Act) bool { return isReset(b) && b.Activity != a.Activity })
	if len(other) == 0 {
		return nil
	}
	f := &Finding{Key: a.TargetID, Evidence: other[len(other)-1:], Reason: a.Name + " reset the password of " + a.Target + " and took its second factor away"}
	if c.isSelf() {
		f.Parts = append(f.Parts, Part{"self", -20, "by the account's owner"})
	} else if c.Novelty(operations, a.Operation) == identity.Known && c.Who.Mature(a.Time, c.Context.Maturity()) {
		f.Parts = append(f.Parts, Part{"usual_work", -20, "whoever did it does such things anyway"})
	}
	f.Parts = append(f.Parts, newcomer(c)...)
	return f
}

// Sign-in without the factor: after somebody else took a factor away, the account signs in and sets none up. The absence alone is
// no alert; the sign-in is. The alert hangs on the removal.
var anyFactorGone = &Detection{
	Rule: Rule{
		ID: "any_sign_in_after_factor_removed", Name: "Sign-in after a factor was removed and not set up again", Severity: 73, Points: 25, Chain: true,
		Description: "A second factor was taken away by somebody else, was not set up again, and the account signs in with something new.",
		Covers:      []string{"MF6"}, Techniques: []string{"T1556.006", "T1078.004"},
		Evidence: "the removal, and the sign-in", Lookalikes: "A new phone that is set up right after the first sign-in.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: 24 * time.Hour, Find: findFactorGone,
}

const goneLong = 12 * time.Hour

func findFactorGone(c *Case) *Finding {
	a := c.Act
	if a.Failed || a.Dataset != okta && a.Dataset != entraSignIn {
		return nil
	}
	removed := lastOf(c.Done(a.Actor.ID, lineSpan, func(b *Act) bool { return b.Is(ecs.MFARemove) && !c.Same(b.Actor.ID, a.Actor.ID) }))
	if removed == nil {
		return nil
	}
	back := func(b *Act) bool { return b.Is(ecs.MFAEnroll, ecs.MFAApproved) && b.Time.After(removed.Time) }
	if len(c.Back(lineSpan, back))+len(c.Done(a.Actor.ID, lineSpan, back)) > 0 || c.forgot(a.Time.Sub(removed.Time)) {
		return nil
	}
	parts := newcomer(c)
	if ago := a.Time.Sub(removed.Time); ago >= goneLong {
		parts = append(parts, Part{"long_gone", 25, "no factor was set up in " + ago.Round(time.Hour).String()})
	}
	if len(parts) == 0 {
		return nil
	}
	return &Finding{Evidence: []*Act{removed}, Parts: parts, Reason: a.Name + " signed in without the second factor that " + removed.Name + " had taken away"}
}

// Shared authenticator: one phone or device becomes the second factor of several people. The alert hangs on the enrolment.
var oktaSharedFactor = &Detection{
	Rule: Rule{
		ID: "okta_shared_authenticator", Name: "One device enrolled for several Okta users", Severity: 73, Points: 35,
		Description: "The device that becomes a user's second factor is already another one's.",
		Covers:      []string{"MF8"}, Techniques: []string{"T1098.005"},
		Evidence: "device.enrollment.create or device.user.add with a device that has an owner", Lookalikes: "A person with two accounts; a tablet of a workshop.",
	},
	On: []ecs.Activity{ecs.MFAEnroll}, Within: 30 * 24 * time.Hour, Find: findSharedFactor,
}

const sharedWindow = 30 * 24 * time.Hour

func findSharedFactor(c *Case) *Finding {
	a := c.Act
	k, owner := c.Credential(a.Topic), ecs.FirstOf(a.TargetID, c.ID)
	if a.Failed || k == nil || a.Time.Sub(k.FirstUse) > sharedWindow || k.Users.Has(owner) || c.Same(ecs.FirstOf(k.MadeDoc.TargetID, k.MadeDoc.Actor.ID), owner) {
		return nil
	}
	f := &Finding{Key: a.Topic, Wide: true, Evidence: []*Act{k.MadeDoc}, Reason: fmt.Sprintf("the device enrolled for %s is also that of %d others", owner, k.Users.Len())}
	if k.Users.Len() > 1 {
		f.Parts = append(f.Parts, Part{"many_owners", 25, fmt.Sprintf("it is the device of %d people", k.Users.Len()+1)})
	}
	return f
}
