package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Client that tries: an application asks for tokens with the wrong address, scope or secret, again and again: somebody has found a
// client id and feels for what it opens. The alert hangs on the first refusal.
var oktaClientTries = &Detection{
	Rule: Rule{
		ID: "okta_oauth_client_tries", Name: "Okta refuses an OAuth client again and again", Severity: 47, Points: 65,
		Description: "Requests of one client fail on redirect address, scope or secret, several times within minutes.",
		Covers:      []string{"SE5"}, Techniques: []string{"T1528", "T1550.001"}, NHI: []string{"NHI3:2025", "NHI4:2025"},
		Evidence: "app.oauth2.*.authorize and token.grant FAILURE, app.oauth2.invalid_client_credentials", Lookalikes: "A release with a wrong setting: from its own network.",
	},
	Signs: []string{oktaOAuthRefused}, Within: time.Hour, Find: findClientTries,
}

const (
	triesWindow = 15 * time.Minute
	triesCount  = 4
)

func findClientTries(c *Case) *Finding {
	refused := func(a *Act) bool { return a.Has(oktaOAuthRefused) }
	before := c.Back(triesWindow, refused)
	if len(before)+1 < triesCount {
		return nil
	}
	f := &Finding{Evidence: before, Parts: atHome(c), Reason: fmt.Sprintf("%s was refused %d times within %s: %s", c.Act.Name, len(before)+1, triesWindow, c.Act.Why)}
	if c.Novelty(networks, c.Act.Network()) == identity.New {
		f.Parts = append(f.Parts, Part{"new_network", 10, "from a network new to it"})
	}
	if distinct(append(before, c.Act), func(a *Act) string { return a.Why }) > 1 {
		f.Parts = append(f.Parts, Part{"several_faults", 10, "for several reasons: somebody is feeling their way"})
	}
	return f
}

// Token used by a stranger: an Okta API token or service application does what it never did, or from where it never came. The alert
// hangs on the first such act.
var oktaTokenStrange = &Detection{
	Rule: Rule{
		ID: "okta_token_unlike_itself", Name: "Okta API token or agent unlike itself", Severity: 73, Points: 20,
		Description: "A token, service application or directory agent with settled habits calls from another network, calls something else, or hits limits.",
		Covers:      []string{"NH7"}, Techniques: []string{"T1528", "T1556"}, NHI: []string{"NHI2:2025", "NHI5:2025"},
		Evidence: "transaction.detail.requestApiTokenId with new addresses or calls", Lookalikes: "A release; a move to other machines.", Tuning: "Declare deployment windows.",
	},
	Within: 12 * time.Hour, Find: findTokenStrange,
}

func findTokenStrange(c *Case) *Finding {
	a := c.Act
	if a.Dataset != okta || !c.Machine() || a.Actor.ID == "okta:system" {
		return nil
	}
	var parts []Part
	if c.Novelty(networks, a.Network()) == identity.New && !c.egress(a.Addr) {
		parts = append(parts, Part{"new_network", 25, "from a network it never came from"})
	}
	if c.Novelty(operations, a.Operation) == identity.New || c.Novelty(resources, a.Resource) == identity.New {
		parts = append(parts, Part{"new_call", 15, "a call it never made"})
	}
	if a.Has("okta_rate_limit") {
		parts = append(parts, Part{"rate_limit", 10, "it asks for more than Okta gives"})
	}
	if sumOf(parts) < 20 {
		return nil
	}
	if a.Is(ecs.PrivilegeGrant, ecs.CredentialCreate, ecs.CredentialRead, ecs.PolicyChange, ecs.MFARemove, ecs.LogTampering) {
		parts = append(parts, Part{"strong_act", 15, "what it does is " + string(a.Activity)})
	}
	return &Finding{Parts: parts, Reason: a.Name + " " + a.Action + ": " + reasonsOf(parts)}
}
