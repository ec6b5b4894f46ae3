package detections

import (
	"slices"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Types of risk by what they mean: https://learn.microsoft.com/en-us/entra/id-protection/concept-identity-protection-risks
var (
	leakedRisks = []string{"leakedCredentials"}
	forgedRisks = []string{"tokenIssuerAnomaly"}
	travelRisks = []string{"unlikelyTravel", "impossibleTravel", "mcasImpossibleTravel"}
	strongRisks = []string{
		"maliciousIPAddress", "maliciousIPAddressValidCredentialsBlockedIP", "passwordSpray", "attackerinTheMiddle", "attemptedPRTAccess", "anomalousToken",
		"investigationsThreatIntelligence", "investigationsThreatIntelligenceSigninLinked", "investigationsThreatIntelligenceUserLinked",
		"nationStateIP", "malwareInfectedIPAddress", "adminConfirmedUserCompromised", "adminConfirmedServicePrincipalCompromised", "adminConfirmedAgentCompromised",
		"userReportedSuspiciousActivity", "suspiciousAPITraffic", "maliciousApplication", "suspiciousInboxForwarding", "mcasSuspiciousInboxManipulationRules",
		"mcasFinSuspiciousFileAccess", "threatIntelligenceAccount", "verifiedThreatActorIP",
	}
	knownRisks = slices.Concat(leakedRisks, forgedRisks, travelRisks, strongRisks)
)

// entraRiskSigns are what Identity Protection tells.
var entraRiskSigns = []*Sign{
	{
		Rule: Rule{
			ID: "entra_leaked_credentials", Name: "Credentials of an Entra identity have leaked", Severity: 73, Points: 60,
			Description: "Microsoft found the password or secret among leaked ones.",
			Covers:      []string{"CR7", "AU17"}, Techniques: []string{"T1552.001", "T1589.001"}, NHI: []string{"NHI2:2025"},
			Evidence: "riskEventType leakedCredentials", Lookalikes: "An old leak: the secret has changed since.",
		},
		Dataset: entraRisk, When: risk(leakedRisks),
	},
	{
		Rule: Rule{
			ID: "entra_forged_token", Name: "Entra token of an anomalous issuer", Severity: 99, Points: 75,
			Description: "A SAML token bears claims that its issuer never wrote so: it may be forged.",
			Covers:      []string{"SE10", "AU17"}, Techniques: []string{"T1606.002"},
			Evidence: "riskEventType tokenIssuerAnomaly", Lookalikes: "A federation server that was set up anew.",
		},
		Dataset: entraRisk, When: risk(forgedRisks),
	},
	{
		Rule: Rule{
			ID: "entra_travel_reported", Name: "Entra reports atypical travel", Severity: 47, Points: 40,
			Description: "Microsoft sees two sign-ins too far apart.",
			Covers:      []string{"AU16", "AU17"}, Techniques: []string{"T1078.004"},
			Evidence: "riskEventType unlikelyTravel, impossibleTravel", Lookalikes: "A VPN.",
		},
		Dataset: entraRisk, When: risk(travelRisks),
	},
	{
		Rule: Rule{
			ID: "entra_strong_risk", Name: "Entra reports a strong risk", Severity: 73, Points: 60,
			Description: "Identity Protection sees what is hardly ever innocent: a spray that worked, a token replayed, an address of known attackers.",
			Covers:      []string{"AU17"}, Techniques: []string{"T1078.004"},
			Evidence: "riskEventType and riskState atRisk", Lookalikes: "A penetration test.",
		},
		Dataset: entraRisk, When: risk(strongRisks),
	},
	{
		Rule: Rule{
			ID: "entra_risk", Name: "Entra reports a risk", Severity: 47, Points: 35,
			Description: "Identity Protection sees something odd: an unfamiliar place, an anonymiser, a new country, a new browser.",
			Covers:      []string{"AU17"}, Techniques: []string{"T1078.004"},
			Evidence: "riskEventType and riskState atRisk", Lookalikes: "A traveller.",
		},
		Dataset: entraRisk, When: func(ev *ecs.Event) bool {
			kind := riskType(ev)
			return kind != "" && isOpenRisk(ev) && !slices.Contains(knownRisks, kind) && !isPIMIncident(kind)
		},
	},
	{
		Rule: Rule{
			ID: "entra_identity_compromised", Name: "Entra identity confirmed as compromised, or at high risk", Severity: 73, Points: 60,
			Description: "An administrator or Microsoft says that an identity is taken over.",
			Covers:      []string{"AU17"}, Techniques: []string{"T1078.004"},
			Evidence: "RiskyUsers or RiskyServicePrincipals with riskState confirmedCompromised or riskLevel high", Lookalikes: "A test.",
		},
		Dataset: entraRisk, When: func(ev *ecs.Event) bool {
			return riskType(ev) == "" && isOpenRisk(ev) && (entraText(ev, "riskState") == "confirmedCompromised" || entraText(ev, "riskLevel") == "high")
		},
	},
	{
		Rule: Rule{
			ID: "entra_pim_incident", Name: "PIM sees a role out of order", Severity: 47, Points: 40,
			Description: "Microsoft's own watch over roles sees one given past it, not used, renewed too often, held by too many, or taken up without a second factor.",
			Covers:      []string{"PR9"}, Techniques: []string{"T1078.004", "T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "riskEventType …AlertIncident", Lookalikes: "Roles that are being tidied up.",
		},
		Dataset: entraRisk, When: func(ev *ecs.Event) bool { return isPIMIncident(riskType(ev)) },
	},
}

func isPIMIncident(kind string) bool {
	return strings.HasSuffix(kind, "AlertIncident") || strings.HasSuffix(kind, "AlertConfiguration")
}

// risk fits risks of some types that are still open.
func risk(kinds []string) func(*ecs.Event) bool {
	return func(ev *ecs.Event) bool { return slices.Contains(kinds, riskType(ev)) && isOpenRisk(ev) }
}

// isOpenRisk reports whether nobody has dealt with a risk yet.
func isOpenRisk(ev *ecs.Event) bool {
	switch entraText(ev, "riskState") {
	case "remediated", "dismissed", "confirmedSafe", "none":
		return false
	}
	return true
}
