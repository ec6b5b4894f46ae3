package detections

import (
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// A new administrator in one go: a user or role is made, gets all rights, and often a key, within minutes. That is how an
// intruder stays. The alert hangs on the making; the keys and passwords that follow join it.
var awsNewAdmin = &Detection{
	Rule: Rule{
		ID: "aws_new_admin_in_one_go", Name: "AWS user or role made and raised to administrator", Severity: 73, Points: 60, Chain: true,
		Description: "A user or role is created and given administrator rights within a day.",
		Covers:      []string{"PR15"}, Techniques: []string{"T1136.003", "T1098.003"}, NHI: []string{"NHI5:2025"},
		Evidence: "CreateUser or CreateRole, then AttachUserPolicy, AttachRolePolicy or an inline policy that allows all, then CreateAccessKey", Lookalikes: "Infrastructure as code that makes an administrators' role; a new colleague in operations.",
		Tuning: "Declare deployment windows for the identity that manages identities.",
	},
	On: []ecs.Activity{ecs.CredentialCreate}, Signs: []string{awsAdminGiven, awsAllAllowed}, Within: 24 * time.Hour, Find: findNewAdmin,
}

const riseWindow = 24 * time.Hour

func findNewAdmin(c *Case) *Finding {
	a := c.Act
	if a.Failed || a.Dataset != cloudtrail {
		return nil
	}
	birth := bornAct(c, a.Object, riseWindow)
	if birth == nil {
		return nil
	}
	steps := c.Back(riseWindow, func(b *Act) bool {
		return b.Object == a.Object && !b.Failed && (raises(b) || b.Is(ecs.CredentialCreate))
	})
	if !raises(a) && !anyAct(steps, raises) {
		return nil
	}
	f := &Finding{Key: a.Object, Evidence: append([]*Act{birth}, steps...), Parts: habitParts(c)}
	f.Reason = a.Name + " made " + a.Target + " and gave it administrator rights within " + span(a.Time.Sub(birth.Time))
	if birth.Has(awsTrustOpen) {
		f.Parts = append(f.Parts, Part{"foreign_trust", 15, "a foreign account may take the role"})
	}
	if a.Is(ecs.CredentialCreate) || anyAct(steps, func(b *Act) bool { return b.Is(ecs.CredentialCreate) }) {
		f.Parts = append(f.Parts, Part{"credential", 15, "it was given a key or password as well"})
	}
	return f
}

func raises(a *Act) bool { return a.Has(awsAdminGiven) || a.Has(awsAllAllowed) }

func anyAct(acts []*Act, is func(*Act) bool) bool {
	for i := range acts {
		if is(acts[i]) {
			return true
		}
	}
	return false
}
