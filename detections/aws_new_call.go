package detections

import (
	"fmt"
	"slices"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// A call never made: an identity that is known well makes a call that changes something and that it never made. What other
// detections judge by its own nature is left to them. The alert hangs on the call.
var awsNewCall = &Detection{
	Rule: Rule{
		ID: "aws_call_new_to_identity", Name: "AWS call that is new to the identity", Severity: 47, Points: 20,
		Description: "An identity with a settled history makes a call it never made. For a machine that is a release or a thief.",
		Covers:      []string{"NH14"}, Techniques: []string{"T1078.004"}, NHI: []string{"NHI5:2025"},
		Evidence: "eventSource and eventName that the identity never called", Lookalikes: "A new release; an administrator's new task.",
		Tuning: "Declare deployment windows; give peers one function, so that they share a baseline.",
	},
	Within: time.Hour, Find: findNewCall,
}

func findNewCall(c *Case) *Finding {
	a := c.Act
	if a.Dataset != cloudtrail || a.Failed || !isAWS(a) || isService(a.Actor.ID) || len(a.Signs) > 0 || !c.isNew(operations, a.Operation) {
		return nil
	}
	if isJudged(c) {
		return nil
	}
	f := &Finding{Reason: a.Name + " called " + a.Operation + " for the first time"}
	switch a.Activity {
	case ecs.Discovery, ecs.SecretList, ecs.APICall:
	case ecs.IdentityCreate, ecs.PrivilegeGrant, ecs.CredentialCreate, ecs.CodeRun, ecs.DataDelete, ecs.TrustChange, ecs.PolicyChange, ecs.DataShare:
		f.Parts = append(f.Parts, Part{"strong", 20, "it can do harm: " + string(a.Activity)})
	default:
		f.Parts = append(f.Parts, Part{"changes", 10, "it changes something"})
	}
	if c.Machine() {
		f.Parts = append(f.Parts, Part{"machine", 10, "a machine identity makes the same calls every day"})
	}
	f.Parts = append(f.Parts, peersDoTheSame(c)...)
	if !knowsService(c) {
		f.Parts = append(f.Parts, Part{"new_service", 5, "it never called this service in the last day either"})
	}
	return f
}

// isJudged: other detections look at the act for its own sake.
func isJudged(c *Case) bool {
	a := c.Act
	switch a.Activity {
	case ecs.SecretRead, ecs.CredentialRead, ecs.RoleAssume, ecs.SignIn, ecs.TokenIssue:
		return true
	case ecs.CredentialCreate, ecs.CredentialChange, ecs.CredentialEnable:
		return a.TargetID != "" && !c.Same(a.TargetID, c.ID)
	case ecs.CodeRun:
		return len(c.Back(2*time.Hour, func(b *Act) bool { return b.Has(awsModelBought) })) > 0
	}
	return false
}

// knowsService: the identity called the service within the last day.
func knowsService(c *Case) bool {
	return len(c.Back(24*time.Hour, func(b *Act) bool { return b.service() == c.Act.service() })) > 0
}

// Machines for a stranger's work: mining and stolen models need big machines, many of them, and often are refused.
var awsUnusualMachines = &Detection{
	Rule: Rule{
		ID: "aws_unusual_machines_started", Name: "AWS machines for heavy computing started", Severity: 73, Points: 45, Chain: true,
		Description: "An identity starts, or tries to start, many machines at once or machines made for heavy computing, which it does not do regularly.",
		Covers:      []string{"NH14"}, Techniques: []string{"T1496", "T1578.002"}, NHI: []string{"NHI5:2025"},
		Evidence: "RunInstances with instanceType p…, g…, trn…, or a great maxCount", Lookalikes: "A team that trains models: learned as its habit.", Tuning: "Declare deployment windows.",
	},
	Signs: []string{awsUnusualMachine}, Within: time.Hour, Find: findUnusualMachines,
}

func findUnusualMachines(c *Case) *Finding {
	a := c.Act
	if !isAWS(a) {
		return nil
	}
	tries := c.Back(time.Hour, func(b *Act) bool { return b.Has(awsUnusualMachine) })
	f := &Finding{Parts: habitParts(c), Evidence: slices.Concat(under(c, handsWindow), tries)}
	f.Reason = fmt.Sprintf("%s asked for %d machines for heavy computing", a.Name, max(a.Number, 1))
	if a.Number >= manyMachines {
		f.Parts = append(f.Parts, Part{"many", 25, "many at once"})
	}
	return f
}
