package detections

import (
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// A role passed on: who may not take a strong role starts a machine, function or job with it and works through that. No record tells of
// the passing itself, only the role's name in the other call does.
var awsRolePassed = &Detection{
	Rule: Rule{
		ID: "aws_role_passed_to_service", Name: "AWS role handed to a machine or function", Severity: 47, Points: 25,
		Description: "An identity gives a role to an instance, function, job or agent, in a way that is new to it, or with a role that is an administrator's.",
		Covers:      []string{"PR16"}, Techniques: []string{"T1098.003", "T1548.005"}, NHI: []string{"NHI5:2025"},
		Evidence: "the role or instance profile in RunInstances, CreateFunction, AssociateIamInstanceProfile and the like", Lookalikes: "A deployment.",
		Tuning: "Declare deployment windows.",
	},
	On:     []ecs.Activity{ecs.CodeRun, ecs.Deployment, ecs.PrivilegeGrant, ecs.ResourceChange, ecs.IdentityCreate},
	Within: time.Hour, Find: findRolePassed,
}

func findRolePassed(c *Case) *Finding {
	a := c.Act
	if a.Failed || !isAWS(a) || !passesRole(a) {
		return nil
	}
	role := lastPart(a.TargetID)
	f := &Finding{Parts: habitParts(c), Reason: a.Name + " handed " + role + " to " + a.service() + " by " + a.operation()}
	if isAdminName(role) || c.Context.Known(a.TargetID) != nil && c.Context.Known(a.TargetID).Privileged {
		f.Parts = append(f.Parts, Part{"admin_role", 20, "the role is an administrator's"})
	}
	if strings.Contains(a.operation(), "IamInstanceProfile") {
		f.Parts = append(f.Parts, Part{"swapped", 20, "on a machine that runs already"})
	}
	raised := c.Back(time.Hour, func(b *Act) bool { return raises(b) && b.TargetID == a.TargetID })
	if len(raised) > 0 {
		f.Evidence = raised
		f.Parts = append(f.Parts, Part{"just_raised", 20, "the role has just been given all rights"})
	}
	return f
}

// passesRole: calls to IAM and STS name roles as well, but hand none over.
func passesRole(a *Act) bool {
	if s := a.service(); s == "iam" || s == "sts" || s == "sso" {
		return false
	}
	return strings.Contains(a.TargetID, ":role/") || strings.Contains(a.TargetID, ":instance-profile/")
}
