package detections

import (
	"fmt"
	"slices"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Remote shell: commands and sessions on machines through the cloud's own doors, which no firewall sees. Who never did it,
// or does it on many machines at once, moves sideways.
var awsRemoteShell = &Detection{
	Rule: Rule{
		ID: "aws_remote_shell", Name: "Commands run on AWS machines", Severity: 47, Points: 35, Chain: true,
		Description: "An identity opens shells or runs commands on machines, for the first time or on several machines within minutes.",
		Covers:      []string{"DA7"}, Techniques: []string{"T1651", "T1021.008", "T1059"},
		Evidence: "SendCommand, StartSession, SendSSHPublicKey, ExecuteCommand", Lookalikes: "Operations that work this way: learned as their habit; patch runs are left out.",
		Tuning: "Declare maintenance windows.",
	},
	Signs: []string{awsRemoteCommand}, Within: time.Hour, Find: findRemoteShell,
}

const (
	shellWindow   = 10 * time.Minute
	shellMachines = 3
)

func findRemoteShell(c *Case) *Finding {
	a := c.Act
	if !isAWS(a) {
		return nil
	}
	acts := c.Back(shellWindow, func(b *Act) bool { return b.Has(awsRemoteCommand) })
	machines := machinesIn(append(slices.Clone(acts), a))
	f := &Finding{Evidence: slices.Concat(under(c, handsWindow), acts), Reason: fmt.Sprintf("%s ran %s on %d AWS machines", a.Name, a.operation(), machines)}
	switch {
	case isHabit(c, operations, a.Operation):
		f.Parts = append(f.Parts, Part{"habit", usualPoints, "the identity does this regularly"})
	case c.isNew(operations, a.Operation):
		f.Parts = append(f.Parts, Part{"new_operation", 20, "the identity never did this"})
	}
	if machines >= shellMachines {
		f.Parts = append(f.Parts, Part{"several_machines", 20, "on several machines within minutes"})
	}
	return f
}

func machinesIn(acts []*Act) int {
	n, seen := 0, map[string]bool{}
	for i := range acts {
		if a := acts[i]; !seen[a.Target] {
			seen[a.Target] = true
			n += max(a.Number, 1)
		}
	}
	return n
}

// Start-up script swapped: a machine is stopped, given another start-up script and started again, which then runs as root.
// The alert hangs on the stop.
var awsUserDataSwap = &Detection{
	Rule: Rule{
		ID: "aws_user_data_swapped", Name: "AWS machine restarted with another start-up script", Severity: 73, Points: 65, Chain: true,
		Description: "An instance is stopped, its user data changed, and started again: the new script runs as root.",
		Covers:      []string{"DA7"}, Techniques: []string{"T1059", "T1651"},
		Evidence: "StopInstances, ModifyInstanceAttribute userData, StartInstances of one instance", Lookalikes: "A repair by hand.", Tuning: "Declare maintenance windows.",
	},
	On: []ecs.Activity{ecs.CodeRun}, Within: time.Hour, Find: findUserDataSwap,
}

func findUserDataSwap(c *Case) *Finding {
	a := c.Act
	if a.Failed || a.Operation != "ec2:StartInstances" {
		return nil
	}
	steps := c.Back(time.Hour, func(b *Act) bool {
		return b.Target == a.Target && (b.Has(awsUserDataSet) || b.Operation == "ec2:StopInstances" && !b.Failed)
	})
	for i := range steps {
		if steps[i].Has(awsUserDataSet) {
			return &Finding{Key: a.Target, Evidence: steps, Reason: a.Name + " gave " + a.Target + " another start-up script and started it"}
		}
	}
	return nil
}
