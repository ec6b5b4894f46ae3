package detections

import (
	"fmt"
	"slices"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Passwords of machines: the administrator's password of Windows instances, or the start-up script of any, where keys are often left. Who looks
// for them asks machine by machine, mostly without the right to. A deployment asks for the script too, together with the
// other attributes of the machine: those do not count.
var awsPasswordSweep = &Detection{
	Rule: Rule{
		ID: "aws_machine_credentials_read", Name: "Passwords or user data of AWS machines read", Severity: 73, Points: 50, Chain: true,
		Description: "One identity asks for the password or the user data of machine after machine. Refused tries count as well.",
		Covers:      []string{"CR14"}, Techniques: []string{"T1552.005", "T1555"}, NHI: []string{"NHI2:2025"},
		Evidence: "GetPasswordData, DescribeInstanceAttribute userData over many instances", Lookalikes: "An administrator who fetches the password of one new machine; an inventory that reads all attributes.",
		Tuning: "Name the inventory in the context file.", BeyondWindows: true,
	},
	On: []ecs.Activity{ecs.CredentialRead}, Signs: []string{awsUserDataRead}, Within: 15 * time.Minute, Find: findPasswordSweep,
}

const (
	machineWindow  = 10 * time.Minute
	passwordsAsked = 3
	scriptsAsked   = 5
	machinesMany   = 10
)

func findPasswordSweep(c *Case) *Finding {
	a := c.Act
	asksScript := a.Has(awsUserDataRead)
	if !isAWS(a) || !asksScript && a.operation() != "GetPasswordData" {
		return nil
	}
	same := c.Back(machineWindow, func(b *Act) bool { return b.Operation == a.Operation && b.Has(awsUserDataRead) == asksScript })
	need := passwordsAsked
	if asksScript {
		same, need = withoutInventory(c, same), scriptsAsked
	}
	machines := distinct(append(slices.Clone(same), a), func(b *Act) string { return b.Target })
	isFirst := c.isNew(operations, a.Operation) && !asksScript
	if machines < need && !isFirst {
		return nil
	}
	f := &Finding{Key: a.operation(), Evidence: slices.Concat(under(c, handsWindow), same)}
	f.Reason = fmt.Sprintf("%s asked for %s of at least %d machines within %s", a.Name, wordFor(asksScript), machines, span(machineWindow))
	switch {
	case machines >= machinesMany:
		f.Parts = append(f.Parts, Part{"many", 30, "it asked for a great many"})
	case machines >= need:
		f.Parts = append(f.Parts, Part{"several", 15, "it asked for one after the other"})
	}
	if c.Novelty(operations, a.Operation) == identity.Known && isHabit(c, operations, a.Operation) {
		f.Parts = append(f.Parts, Part{"habit", usualPoints, "the identity does this regularly"})
	}
	return f
}

func wordFor(script bool) string {
	if script {
		return "the user data"
	}
	return "the password"
}

// withoutInventory leaves out machines of which the identity reads other attributes too.
func withoutInventory(c *Case, acts []*Act) []*Act {
	others := c.Back(machineWindow, func(b *Act) bool {
		return b.Operation == c.Act.Operation && !b.Has(awsUserDataRead)
	})
	return slices.DeleteFunc(acts, func(a *Act) bool {
		return anyAct(others, func(b *Act) bool { return b.Target == a.Target })
	})
}
