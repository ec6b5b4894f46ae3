package detections

import (
	"slices"
	"strings"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Signs that raise nothing by themselves, for the detections that ask for them.
const (
	entraLegacy     = "entra_legacy_sign_in"
	entraDeviceCode = "entra_device_code_sign_in"
	entraTool       = "entra_tool_sign_in"
	entraUnmanaged  = "entra_unmanaged_device"
)

// brokerClient is Microsoft's authentication broker, whose tokens open the way to a device's own.
const brokerClient = "29d9ed98-a469-4536-ade2-f981bc1d605e"

// entraSignInSigns are what single sign-ins show.
var entraSignInSigns = []*Sign{
	{
		Rule:    Rule{ID: entraLegacy, Name: "Entra sign-in by a legacy protocol", Covers: []string{"AU18"}},
		Dataset: entraSignIn, Quiet: true,
		When: func(ev *ecs.Event) bool {
			return isLegacyClient(entraText(ev, "clientAppUsed")) || entraText(ev, "authenticationProtocol") == "ropc"
		},
	},
	{
		Rule:    Rule{ID: entraDeviceCode, Name: "Entra sign-in by device code", Covers: []string{"AU19"}},
		Dataset: entraSignIn, Quiet: true,
		When: func(ev *ecs.Event) bool {
			return entraText(ev, "authenticationProtocol") == "deviceCode" || entraText(ev, "originalTransferMethod") == "deviceCodeFlow"
		},
	},
	{
		Rule:    Rule{ID: entraTool, Name: "Entra sign-in by a tool of attackers", Covers: []string{"AU20"}},
		Dataset: entraSignIn, Quiet: true, Failures: true,
		When: callsItselfTool,
	},
	{
		Rule:    Rule{ID: entraUnmanaged, Name: "Entra sign-in from an unmanaged device", Covers: []string{"SE8"}},
		Dataset: entraSignIn, Quiet: true,
		When: func(ev *ecs.Event) bool {
			return entraText(ev, "deviceDetail", "isManaged") != "true" && entraText(ev, "deviceDetail", "isCompliant") != "true"
		},
	},
	{
		Rule: Rule{
			ID: "entra_disabled_account", Name: "Attempt on a disabled Entra account", Severity: 47, Points: 40,
			Description: "Somebody signs in to an account that is switched off: a leaver, or whoever has a leaver's password.",
			Covers:      []string{"AU22"}, Techniques: []string{"T1078.004"}, NHI: []string{"NHI1:2025"},
			Evidence: "error 50057", Lookalikes: "A phone that nobody told: always the same client.", Tuning: "Remove saved passwords when somebody leaves.",
		},
		Dataset: entraSignIn, Failures: true, Weigh: asPerson, When: func(ev *ecs.Event) bool { return entraCode(ev, "50057") },
	},
	{
		Rule: Rule{
			ID: "entra_risky_sign_in", Name: "Entra lets a risky sign-in through", Severity: 47, Points: 40,
			Description: "A sign-in succeeds although Identity Protection puts it, or its user, at risk.",
			Covers:      []string{"AU17"}, Techniques: []string{"T1078.004"},
			Evidence: "riskLevelDuringSignIn medium, riskState atRisk", Lookalikes: "A traveller with a new machine.", Tuning: "Let a policy ask risky sign-ins for a second factor.",
		},
		Dataset: entraSignIn, Weigh: asPerson,
		When: func(ev *ecs.Event) bool {
			state := entraText(ev, "riskState")
			return entraText(ev, "riskLevelDuringSignIn") == "medium" || state == "atRisk" || state == "confirmedCompromised"
		},
	},
	{
		Rule: Rule{
			ID: "entra_high_risk_sign_in", Name: "Entra lets a sign-in at high risk through", Severity: 73, Points: 60,
			Description: "A sign-in succeeds although Identity Protection puts it at high risk.",
			Covers:      []string{"AU17"}, Techniques: []string{"T1078.004"},
			Evidence: "riskLevelDuringSignIn high", Lookalikes: "A traveller with a new machine.", Tuning: "Let a policy refuse sign-ins at high risk.",
		},
		Dataset: entraSignIn, Weigh: asPerson, When: func(ev *ecs.Event) bool { return entraText(ev, "riskLevelDuringSignIn") == "high" },
	},
	{
		Rule: Rule{
			ID: "entra_device_join_weak", Name: "Entra device registered without a second factor", Severity: 47, Points: 45,
			Description: "The service that registers devices is reached with one factor only. A registered device gets tokens that last.",
			Covers:      []string{"DE7"}, Techniques: []string{"T1098.005"},
			Evidence: "resource Device Registration Service, authenticationRequirement singleFactorAuthentication", Lookalikes: "A first set-up in the office where a policy allows it.",
		},
		Dataset: entraSignIn, Weigh: asPerson,
		When: func(ev *ecs.Event) bool {
			return entraText(ev, "resourceDisplayName") == "Device Registration Service" && entraText(ev, "authenticationRequirement") == "singleFactorAuthentication"
		},
	},
	{
		Rule: Rule{
			ID: "entra_push_declined", Name: "Entra second factor declined by its owner", Severity: 47, Points: 35,
			Description: "The password was right, and the owner of the phone said no.",
			Covers:      []string{"MF11"}, Techniques: []string{"T1621"},
			Evidence: "error 500121, user declined the authentication", Lookalikes: "A slip of the finger: right at the next try.",
		},
		Dataset: entraSignIn, Failures: true, Weigh: asPerson,
		When: func(ev *ecs.Event) bool {
			return entraCode(ev, "500121") && holdsAny(entraRefusal(entraProperties(ev)), []string{"declined", "denied; user"})
		},
	},
	{
		Rule: Rule{
			ID: "entra_push_fraud", Name: "Entra second factor reported as fraud", Severity: 73, Points: 70,
			Description: "The owner of the phone said that somebody else is signing in.",
			Covers:      []string{"MF11"}, Techniques: []string{"T1621"},
			Evidence: "error 500121 with fraud in its details", Lookalikes: "None that is everyday.",
		},
		Dataset: entraSignIn, Failures: true,
		When: func(ev *ecs.Event) bool {
			return entraCode(ev, "500121") && holdsAny(entraRefusal(entraProperties(ev)), []string{"fraud"})
		},
	},
	{
		Rule: Rule{
			ID: "entra_strange_issuer", Name: "Token of a federated issuer without its factor", Severity: 47, Points: 20,
			Description: "A federated issuer vouches for somebody, and for the second factor as well.",
			Covers:      []string{"SE10"}, Techniques: []string{"T1606.002"},
			Evidence: "tokenIssuerType other than AzureAD in a sign-in that skips the factor by the token's claim", Lookalikes: "A federation of your own.", Tuning: "Name the issuer.",
		},
		Dataset: entraSignIn, Weigh: weighIssuer,
		When: func(ev *ecs.Event) bool {
			kind := entraText(ev, "tokenIssuerType")
			return slices.Contains([]string{"ADFederationServices", "ADFederationServicesMFAAdapter"}, kind) && entraText(ev, "tokenIssuerName") != ""
		},
	},
}

// attackAgents are programs that attackers bring, as they call themselves. They may lie: alone this decides nothing.
var attackAgents = []string{
	"azurehound", "roadtools", "roadrecon", "aadinternals", "tokentactics", "graphrunner", "teamfiltration", "o365spray", "msolspray",
	"python-requests", "fasthttp", "axios/", "go-http-client", "bav2ropc", "cbainprod", "cbaintar",
}

// callsItselfTool reports whether a program bears the name of a tool. Those that call themselves browsers bear none.
func callsItselfTool(ev *ecs.Event) bool {
	return !strings.HasPrefix(ev.UserAgent.Original, "Mozilla/5.0 (") && holdsAny(ev.UserAgent.Original, attackAgents)
}

// weighIssuer raises nothing for an issuer that has always vouched.
func weighIssuer(c *Case) *Finding {
	if c.NewIssuer() != identity.New {
		return nil
	}
	return &Finding{Parts: append(strangeness(c), Part{"new_issuer", 40, "no token of this issuer was ever seen"})}
}
