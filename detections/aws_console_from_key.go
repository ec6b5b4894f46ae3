package detections

import (
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Console from a key: whoever stole an API key turns it into a browser session, which is easier to use and looks like a
// person. The alert hangs on the call that issued the credentials that were turned into a session, or on the turning itself.
var awsConsoleFromKey = &Detection{
	Rule: Rule{
		ID: "aws_console_token_from_key", Name: "AWS console session made from API credentials", Severity: 73, Points: 40,
		Description: "Temporary credentials that came from an API call are exchanged for a sign-in token of the console.",
		Covers:      []string{"SE13"}, Techniques: []string{"T1550.001", "T1021.007"}, NHI: []string{"NHI10:2025"},
		Evidence: "GetSigninToken and the AssumeRole, GetFederationToken or GetSessionToken before it", Lookalikes: "A broker of console sessions: it is learned as its habit.",
		Tuning: "Name the broker in the context file.",
	},
	On: []ecs.Activity{ecs.TokenIssue}, Within: time.Hour, Find: findConsoleFromKey,
}

func findConsoleFromKey(c *Case) *Finding {
	if c.Act.Operation != "signin:GetSigninToken" || c.Act.Failed {
		return nil
	}
	f := &Finding{Parts: habitParts(c), Reason: c.Act.Name + " turned API credentials into a console session"}
	k := c.Credential(c.Act.Credential)
	if k == nil || k.Made.IsZero() {
		return f
	}
	f.Evidence = []*Act{k.MadeDoc}
	f.Parts = append(f.Parts, Part{"from_api", 15, "the credentials came from " + k.Kind})
	if here := c.Act.Network(); here != "" && k.MadeNetwork != "" && here != k.MadeNetwork {
		f.Parts = append(f.Parts, Part{"elsewhere", 15, "they were issued to another network"})
	}
	return f
}

// Device code elsewhere: a person is talked into approving a code, and the token is fetched by the one who asked for it, from a
// place where nobody signed in. The alert hangs on the approval.
var awsDeviceCodeElsewhere = &Detection{
	Rule: Rule{
		ID: "aws_portal_token_elsewhere", Name: "AWS portal token fetched where nobody signed in", Severity: 73, Points: 30,
		Description: "A token of the access portal is fetched with a device code from an address that never saw the sign-in that approved it.",
		Covers:      []string{"SE13"}, Techniques: []string{"T1528", "T1566.002"},
		Evidence: "CreateToken with a device code; UserAuthentication or Authenticate from another network", Lookalikes: "A command line on a server, approved on a laptop.",
		Tuning: "Declare the networks of jump hosts.",
	},
	Signs: []string{awsDeviceCode}, Within: time.Hour, Find: findDeviceCodeElsewhere,
}

const (
	awsDeviceCode = "aws_device_code_token"
	promptWindow  = 30 * time.Minute
)

func findDeviceCodeElsewhere(c *Case) *Finding {
	if !c.Act.Addr.IsValid() || c.Context.NetworkOf(c.Act.Addr) != nil || len(c.From(promptWindow, isPortalPrompt)) > 0 ||
		c.byAddress().forgot(c.Act.Time.Add(-promptWindow)) {
		return nil
	}
	f := &Finding{Reason: "a portal token of " + c.Act.Name + " was fetched from " + c.Act.Addr.String() + ", where nobody signed in"}
	here := c.Act.Network()
	f.Evidence = c.Back(promptWindow, func(a *Act) bool { return isPortalPrompt(a) && a.Network() != here })
	if len(f.Evidence) > 0 {
		f.Parts = append(f.Parts, Part{"approved_elsewhere", 30, "it was approved from " + f.Evidence[0].Addr.String()})
	}
	if c.isNew(networks, here) {
		f.Parts = append(f.Parts, Part{"new_network", 15, "the network is new to the person"})
	}
	return f
}

// isPortalPrompt: a step of a sign-in at the portal.
func isPortalPrompt(a *Act) bool {
	switch a.operation() {
	case "UserAuthentication", "CredentialVerification", "CredentialChallenge", "Authenticate", "Federate":
		return a.Dataset == cloudtrail && !a.Failed
	}
	return false
}
