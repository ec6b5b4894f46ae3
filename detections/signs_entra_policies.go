package detections

import "github.com/idwatch/idwatch/parsers/ecs"

// entraPolicySigns are what single audit records show of policies, domains and trust.
var entraPolicySigns = []*Sign{
	{
		Rule: Rule{
			ID: entraAccessRemoved, Name: "Entra access policy removed or switched off", Severity: 73, Points: 50,
			Description: "A policy that asked for more than a password does not hold any more.",
			Covers:      []string{"DE5"}, Techniques: []string{"T1556.009"},
			Evidence: "Delete Conditional Access policy, or Update with state disabled or report-only", Lookalikes: "A policy replaced by a stricter one.", Tuning: "Declare maintenance windows.",
		},
		Dataset: entraAudit, Weigh: strange, When: removesAccess,
		Actions: []string{"Delete Conditional Access policy", "Delete conditional access policy", "Update Conditional Access policy", "Update conditional access policy", "Delete policy"},
	},
	{
		Rule: Rule{
			ID: "entra_access_policy_changed", Name: "Entra access policy added or changed", Severity: 47, Points: 30,
			Description: "A conditional access policy, or a place that policies trust, is added or changed.",
			Covers:      []string{"DE5"}, Techniques: []string{"T1556.009"},
			Evidence: "Add or Update Conditional Access policy, named location", Lookalikes: "Everyday administration.", Tuning: "Declare maintenance windows.",
		},
		Dataset: entraAudit, Weigh: strange, When: func(ev *ecs.Event) bool { return !removesAccess(ev) },
		Actions: []string{
			"Add Conditional Access policy", "Add conditional access policy", "Update Conditional Access policy", "Update conditional access policy",
			"Add named location", "Update named location", "Delete named location", "Update User Risk and MFA Registration Policy",
		},
	},
	{
		Rule: Rule{
			ID: "entra_federation_changed", Name: "Federation of an Entra domain changed", Severity: 99, Points: 70,
			Description: "Who vouches for a domain's users is changed: whoever holds the key of the new one can be anybody.",
			Covers:      []string{"DE6"}, Techniques: []string{"T1484.002", "T1556.007"}, NHI: []string{"NHI4:2025"},
			Evidence: "Set federation settings on domain, Set domain authentication", Lookalikes: "A change of provider, planned for weeks.", Tuning: "Declare a maintenance window.",
		},
		Dataset: entraAudit, Actions: []string{"Set federation settings on domain", "Set domain authentication"},
	},
	{
		Rule: Rule{
			ID: "entra_authority_added", Name: "Certificate authority trusted by Entra", Severity: 99, Points: 65,
			Description: "An authority is added whose certificates sign people in.",
			Covers:      []string{"DE6"}, Techniques: []string{"T1556.007", "T1484.002"},
			Evidence: "TrustedCAsForPasswordlessAuth changed, Create certificate authority", Lookalikes: "Roll-out of smart cards.", Tuning: "Declare a maintenance window.",
		},
		Dataset: entraAudit, When: func(ev *ecs.Event) bool {
			return changesAny(ev, "TrustedCAsForPasswordlessAuth") || holdsAny(auditName(ev), []string{"certificate authorit", "CertificateBasedAuthConfiguration", "Create PkiEntity"})
		},
	},
	{
		Rule: Rule{
			ID: "entra_methods_policy_changed", Name: "Entra authentication methods changed for all", Severity: 47, Points: 40,
			Description: "Which methods sign people in, and with what strength, is changed for everybody.",
			Covers:      []string{"DE6", "MF12"}, Techniques: []string{"T1556.006"},
			Evidence: "Authentication Methods Policy Update", Lookalikes: "Roll-out of passkeys.", Tuning: "Declare maintenance windows.",
		},
		Dataset: entraAudit, Weigh: strange,
		Actions: []string{"Authentication Methods Policy Update", "Authentication Methods Policy Reset", "Update authorization policy", "Update continuous access evaluation"},
	},
	{
		Rule: Rule{
			ID: "entra_security_defaults", Name: "Entra security defaults changed", Severity: 73, Points: 55,
			Description: "The switch that asks everybody for a second factor is touched.",
			Covers:      []string{"DE5"}, Techniques: []string{"T1556.009"},
			Evidence: "Update security defaults", Lookalikes: "Move to policies of one's own.",
		},
		Dataset: entraAudit, Actions: []string{"Update security defaults"}, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "entra_domain_added", Name: "Domain added to Entra", Severity: 47, Points: 35,
			Description: "A domain is added, which can be federated with a provider of an attacker's.",
			Covers:      []string{"DE6"}, Techniques: []string{"T1484.002"},
			Evidence: "Add unverified domain, Add verified domain, Verify domain", Lookalikes: "A new brand.",
		},
		Dataset: entraAudit, Actions: []string{"Add unverified domain", "Add verified domain", "Verify domain", "Add partner to company"}, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "entra_tenant_trusted", Name: "Other tenant trusted by Entra", Severity: 47, Points: 40,
			Description: "Another tenant's users or their second factors are trusted.",
			Covers:      []string{"DE6", "PR11"}, Techniques: []string{"T1484.002"}, NHI: []string{"NHI3:2025"},
			Evidence: "Add a partner to cross-tenant access setting and its like", Lookalikes: "A new partner.",
		},
		Dataset: entraAudit, Weigh: strange,
		Actions: []string{"Add a partner to cross-tenant access setting", "Update a partner cross-tenant access setting", "Update the default cross-tenant access setting", "Create a partner cross-tenant identity sync setting"},
	},
	{
		Rule: Rule{
			ID: "entra_device_policy_changed", Name: "Entra device registration policy changed", Severity: 47, Points: 45,
			Description: "Who may register devices, how many and with what proof is changed.",
			Covers:      []string{"DE7"}, Techniques: []string{"T1098.005"},
			Evidence: "Set device registration policies", Lookalikes: "Roll-out of device management.",
		},
		Dataset: entraAudit, Actions: []string{"Set device registration policies"}, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "entra_actor_token", Name: "Entra administrator's act by a service's actor token", Severity: 99, Points: 80,
			Description: "An act in an administrator's name whose display name is a service's: made with a token that lets a service be anybody.",
			Covers:      []string{"SE10"}, Techniques: []string{"T1606.002"},
			Evidence: "initiatedBy.user with the name of an Office service", Lookalikes: "Groups that Exchange makes in a user's name.",
		},
		Dataset: entraAudit, When: isActorToken,
	},
}

const entraAccessRemoved = "entra_access_policy_removed"

// removesAccess reports whether an access policy goes, or stops acting.
func removesAccess(ev *ecs.Event) bool {
	name := auditName(ev)
	if holdsAny(name, []string{"Delete Conditional Access policy"}) {
		return true
	}
	before, after := auditChange(ev, "ConditionalAccessPolicy")
	if name == "Delete policy" {
		return auditTells(ev, "Conditional Access", "conditionalAccess")
	}
	on := func(text string) bool { return holdsAny(text, []string{`"state":"enabled"`, `\"state\":\"enabled\"`}) }
	return on(before) && after != "" && !on(after)
}

// isActorToken: https://learn.microsoft.com/en-us/graph/api/resources/useridentity gives a user its own name, not a service's.
func isActorToken(ev *ecs.Event) bool {
	if entraText(ev, "initiatedBy", "user", "userPrincipalName") == "" || holdsAny(auditName(ev), []string{"group", "Set directory feature"}) {
		return false
	}
	switch entraText(ev, "initiatedBy", "user", "displayName") {
	case "Office 365 Exchange Online", "Skype for Business Online", "Dataverse", "Office 365 SharePoint Online", "Microsoft Dynamics ERP":
		return true
	}
	return false
}
