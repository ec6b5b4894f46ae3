package detections

import (
	"fmt"
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Console without single sign-on: the house signs in through its provider, and here somebody comes in by another door. The alert hangs on the
// console sign-in.
var consoleWithoutSSO = &Detection{
	Rule: Rule{
		ID: "any_console_without_sso", Name: "AWS console sign-in that the provider did not broker", Severity: 47, Points: 40,
		Description: "A person who usually comes to AWS through the identity provider signs in to the console directly, without a sign-in at the provider shortly before.",
		Covers:      []string{"XS1"}, Techniques: []string{"T1078.004", "T1550.004"}, NHI: []string{"NHI10:2025"},
		Evidence: "ConsoleLogin without user.authentication.sso before it", Lookalikes: "Break-glass users.", Tuning: "Name break-glass users in the context file, with an elevation window.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: 24 * time.Hour, Find: findConsoleWithoutSSO,
}

const brokeredWithin = 12 * time.Hour

func findConsoleWithoutSSO(c *Case) *Finding {
	a := c.Act
	if a.Dataset != "aws.cloudtrail" || a.Failed || a.Action != "ConsoleLogin" || c.Machine() || !c.hasProvider() {
		return nil
	}
	if c.Who != nil && (c.Who.Forgotten || a.Time.Sub(c.Who.Brokered) <= brokeredWithin) {
		return nil
	}
	f := &Finding{Reason: a.Name + " signed in to the AWS console with no sign-in at the identity provider before"}
	f.Parts = strangeness(c)
	if a.Actor.Kind != ecs.Root && strings.Contains(a.Actor.ID, ":user/") {
		f.Parts = append(f.Parts, Part{"local_user", 10, "as a local IAM user"})
	}
	return f
}

// hasProvider reports whether an identity provider's log is read at all, and was within the last day.
func (c *Case) hasProvider() bool {
	for _, dataset := range []string{"okta.system", "azure.signinlogs"} {
		f := c.memory.Sources.Peek(dataset)
		if f == nil {
			continue
		}
		if c.Act.Time.Before(f.Since) {
			c.memory.clock.Cross()
		} else if c.Act.Time.Sub(f.Last) < feedRests {
			return true
		}
	}
	return false
}

func isProvider(dataset string) bool {
	return dataset == "okta.system" || dataset == "azure.signinlogs"
}

// Secrets in two clouds: one address reads secrets in two stores within minutes, under whatever names. The alert hangs on the first read.
var secretsInTwoClouds = &Detection{
	Rule: Rule{
		ID: "any_secrets_in_two_stores", Name: "One address reads secrets in two stores", Severity: 73, Points: 50,
		Description: "Secrets of two different clouds or stores are read from one address within minutes.",
		Covers:      []string{"XS4"}, Techniques: []string{"T1555.006"}, NHI: []string{"NHI2:2025", "NHI9:2025"},
		Evidence: "GetSecretValue and a Vault read from one source.ip", Lookalikes: "A build runner that needs both.", Tuning: "Declare the runners' network.",
	},
	On: []ecs.Activity{ecs.SecretRead}, Within: time.Hour, Find: findSecretsInTwoClouds,
}

const twoStoresWithin = 15 * time.Minute

func findSecretsInTwoClouds(c *Case) *Finding {
	a := c.Act
	if a.Failed || !a.Addr.IsValid() || a.Addr.IsPrivate() || a.Addr.IsLoopback() || c.Context.NetworkOf(a.Addr) != nil {
		return nil
	}
	other := c.From(twoStoresWithin, func(b *Act) bool { return b.Is(ecs.SecretRead) && b.Dataset != a.Dataset })
	if len(other) == 0 {
		return nil
	}
	f := &Finding{Key: a.Addr.String(), Evidence: other[:1], Reason: fmt.Sprintf("%s read secrets of two stores within %s", a.Addr, twoStoresWithin)}
	switch harvest := c.isHarvest(other); {
	case c.usualPlace(a.Network(), a.Country()) || c.isWorkplace():
		return nil // where people sit who read both
	case c.fresh(networks, a.Network()):
	case harvest:
		f.Parts = append(f.Parts, Part{"harvest", 5, "one secret after the other"})
	default:
		f.Parts = append(f.Parts, Part{"hardly_known", -20, "too little is known of the identity to call the address strange"})
	}
	return f
}

// harvestSecrets is how many different secrets, of both stores together, are more than somebody needs for one piece of work.
const harvestSecrets = 4

// isHarvest reports whether many different secrets were read from the address, in both stores together.
func (c *Case) isHarvest(other []*Act) bool {
	same := c.From(twoStoresWithin, func(b *Act) bool { return b.Is(ecs.SecretRead) && b.Dataset == c.Act.Dataset })
	return distinct(append(append(same, other...), c.Act), func(b *Act) string { return b.Target }) >= harvestSecrets
}

// isWorkplace reports whether a person signed in from the address within the last day, at a provider that asks for more than a secret.
func (c *Case) isWorkplace() bool {
	return len(c.From(lineSpan, func(b *Act) bool { return isProvider(b.Dataset) && b.Actor.Kind == ecs.Human && isSignIn(b) })) > 0
}

// Risky sign-in, then the cloud: the provider or the user says that a sign-in is bad, and the same person, linked over the logs, goes on into the
// cloud or the secret store. The alert hangs on the risky sign-in.
var riskySignInThenCloud = &Detection{
	Rule: Rule{
		ID: "any_risky_sign_in_then_cloud", Name: "Risky sign-in, then on to the cloud", Severity: 73, Points: 50, Chain: true,
		Description: "A sign-in that the provider marks as risky, or push prompts that were refused, followed within the hour by a role, console or secret in another system by the same person.",
		Covers:      []string{"XS7"}, Techniques: []string{"T1078.004", "T1550.001"}, NHI: []string{"NHI2:2025"},
		Evidence: "the risk mark or refusals, and the act in the other source", Lookalikes: "A traveller: known device, proved by a second factor.", Tuning: "Enrol devices.",
	},
	On: []ecs.Activity{ecs.SignIn, ecs.RoleAssume, ecs.TokenIssue, ecs.SecretRead, ecs.DataRead, ecs.CredentialCreate}, Within: 2 * time.Hour, Find: findRiskyThenCloud,
}

const riskyWithin = time.Hour

func findRiskyThenCloud(c *Case) *Finding {
	a := c.Act
	if a.Failed || isProvider(a.Dataset) || strings.HasPrefix(a.Dataset, "azure.") {
		return nil
	}
	risky := c.Back(riskyWithin, func(b *Act) bool {
		return b.Dataset != a.Dataset && (b.Activity == ecs.RiskReport || b.Activity == ecs.MFARefused || b.Activity == ecs.MFABypass || b.Has("okta_risky_sign_in") || b.Has("entra_risky_sign_in"))
	})
	in := c.Back(riskyWithin, func(b *Act) bool { return isProvider(b.Dataset) && isSignIn(b) })
	if len(in) == 0 || !riskyEnough(risky) {
		return nil
	}
	return &Finding{
		Evidence: append(risky, in[len(in)-1]), Parts: append(strangeness(c), spansSources(append(risky, a))...),
		Reason: fmt.Sprintf("%s: %s %s after %s at the identity provider", a.Name, a.Action, agoText(c, risky[0].Time), risky[0].Action),
	}
}

// riskyRefusals is how many refused prompts make a sign-in risky; fewer are slips.
const riskyRefusals = 3

// riskyEnough reports whether the signs are more than a slip of the finger.
func riskyEnough(risky []*Act) bool {
	refused := 0
	for i, a := range risky {
		switch {
		case a.Activity != ecs.MFARefused:
			return true
		case a.Dataset != entraSignIn || !goesOn(risky[i+1:], a): // of the rows of one sign-in the last one counts
			refused++
		}
	}
	return refused >= riskyRefusals
}

// Several sources: findings of different kinds in several sources on one linked identity. The alert hangs on the first of them.
var manySources = &Detection{
	Rule: Rule{
		ID: "any_several_sources", Name: "Findings in several sources on one identity", Severity: 73, Points: 45, Chain: true,
		Description: "One identity, linked over the logs, bears signs of abuse in two or more sources within a day.",
		Covers:      []string{"XS5"}, Techniques: []string{"T1078"},
		Evidence: "the acts that bore signs", Lookalikes: "An administrator on a busy day.", Tuning: "Declare windows.",
	},
	Within: 24 * time.Hour, Find: findManySources,
}

const (
	severalKinds = 3
	signPoints   = 20 // signs weaker than this are everyday administration
)

func findManySources(c *Case) *Finding {
	if !bearsSign(c.Act) {
		return nil
	}
	before := c.Back(lineSpan, bearsSign)
	all := append(before, c.Act)
	kinds := distinct(all, firstSign)
	if sourcesOf(all) < 2 || kinds < severalKinds {
		return nil
	}
	f := &Finding{Evidence: before, Parts: spansSources(all)}
	f.Reason = fmt.Sprintf("%s bears %d different signs of abuse in %d sources within a day", c.Act.Name, kinds, sourcesOf(all))
	return f
}

func bearsSign(a *Act) bool { return firstSign(a) != "" }

// firstSign is the first sign of weight that an act bears.
func firstSign(a *Act) string {
	for _, s := range a.Signs {
		if (!s.Quiet || s.Foreign) && s.Points >= signPoints {
			return s.ID
		}
	}
	return ""
}
