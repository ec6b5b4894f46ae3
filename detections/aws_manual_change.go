package detections

import (
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// A person in a machine's place: a user that only ever worked with keys signs in at the console. The alert hangs on the key's
// last call before.
var awsMachineAtConsole = &Detection{
	Rule: Rule{
		ID: "aws_machine_user_at_console", Name: "Machine user of AWS signs in at the console", Severity: 73, Points: 60, Chain: true,
		Description: "An IAM user that programs use, with keys alone, signs in with a password.",
		Covers:      []string{"NH15"}, Techniques: []string{"T1078.004"}, NHI: []string{"NHI10:2025"},
		Evidence: "ConsoleLogin of a user whose history is API calls with an AKIA key", Lookalikes: "An administrator who uses keys and console alike.",
		Tuning: "Say in the context file which users are people.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: time.Hour, Find: findMachineAtConsole,
}

func findMachineAtConsole(c *Case) *Finding {
	a := c.Act
	if !isConsoleLogin(a) || c.Who == nil || !c.Who.Mature(a.Time, c.Context.Maturity()) {
		return nil
	}
	isPerson := c.Who.Kind == ecs.Human || c.Novelty(operations, a.Operation) == identity.Known
	if known := c.Known(); known != nil && known.Kind != "" {
		isPerson = known.Kind == ecs.Human
	}
	calls := c.Back(24*time.Hour, isKeyUser)
	if isPerson || len(calls) == 0 {
		return nil
	}
	return &Finding{Evidence: calls[len(calls)-1:], Reason: a.Name + " signed in at the console, although only programs use this user"}
}

// Changed by hand: what a pipeline made, a person changes in the console. At best it is drift, at worst somebody goes around the review.
var awsManualChange = &Detection{
	Rule: Rule{
		ID: "aws_manual_change", Name: "Changed by hand what automation made", Severity: 47, Points: 35,
		Description: "A person changes something in the AWS console that a machine identity had made.",
		Covers:      []string{"NH15"}, Techniques: []string{"T1078.004"}, NHI: []string{"NHI10:2025"},
		Evidence: "sessionCredentialFromConsole true; the record of the making", Lookalikes: "A repair in the night.", Tuning: "Declare maintenance windows.",
	},
	On:     []ecs.Activity{ecs.ResourceChange, ecs.PolicyChange, ecs.PrivilegeGrant, ecs.TrustChange, ecs.DataShare, ecs.DataDelete, ecs.SecretWrite, ecs.SecretDelete, ecs.Deployment, ecs.LogTampering, ecs.IdentityDelete},
	Within: time.Hour, Find: findManualChange,
}

func findManualChange(c *Case) *Finding {
	a := c.Act
	if a.Failed || a.Dataset != cloudtrail || a.Via != consoleVia || a.Born {
		return nil
	}
	k := c.Credential(a.Object)
	if k == nil || k.Made.IsZero() || !k.MadeDoc.Actor.IsMachine() || c.Same(k.Maker, c.ID) {
		return nil
	}
	f := &Finding{Evidence: []*Act{k.MadeDoc}, Parts: habitParts(c), Reason: a.Name + " changed " + a.Target + " by hand, which " + k.MadeDoc.Name + " had made"}
	if !a.Is(ecs.ResourceChange) {
		f.Parts = append(f.Parts, Part{"strong", 15, "it can do harm: " + string(a.Activity)})
	}
	return f
}
