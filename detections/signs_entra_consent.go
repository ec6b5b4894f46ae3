package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// entraConsentSigns are what single audit records show of permissions of applications.
var entraConsentSigns = []*Sign{
	{
		Rule: Rule{
			ID: "entra_mighty_permission", Name: "Powerful permission given to an Entra application", Severity: 73, Points: 60,
			Description: "An application gets a permission by which it can take the tenant, or read what everybody has.",
			Covers:      []string{"NH2"}, Techniques: []string{"T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "AppRole.Value of Add app role assignment to service principal", Lookalikes: "A backup or security product.", Tuning: "Declare a deployment window.",
		},
		Dataset: entraAudit, Actions: []string{"Add app role assignment to service principal"}, Weigh: strange,
		When: func(ev *ecs.Event) bool { return isMighty(permissions(ev)) },
	},
	{
		Rule: Rule{
			ID: "entra_permission", Name: "Permission given to an Entra application", Severity: 21, Points: 25,
			Description: "An application gets a permission to act for itself.",
			Covers:      []string{"NH2"}, Techniques: []string{"T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "Add app role assignment to service principal", Lookalikes: "Everyday set-up.",
		},
		Dataset: entraAudit, Actions: []string{"Add app role assignment to service principal"}, Weigh: strange,
		When: func(ev *ecs.Event) bool { return !isMighty(permissions(ev)) },
	},
	{
		Rule: Rule{
			ID: "entra_delegated_for_all", Name: "Entra application may act for everybody", Severity: 73, Points: 50,
			Description: "An application may act in the name of every user, with scopes that reach far.",
			Covers:      []string{"NH2"}, Techniques: []string{"T1528", "T1098.003"}, NHI: []string{"NHI5:2025", "NHI3:2025"},
			Evidence: "Add delegated permission grant or consent with AllPrincipals or IsAdminConsent, and mighty scopes", Lookalikes: "A product rolled out to everybody.",
		},
		Dataset: entraAudit, Actions: consents, Weigh: strange,
		When: func(ev *ecs.Event) bool { return isForAll(ev) && isMighty(permissions(ev)) },
	},
	{
		Rule: Rule{
			ID: "entra_delegated", Name: "Entra application may act for a user, with far reach", Severity: 47, Points: 45,
			Description: "Somebody lets an application read or send in their name: what consent phishing is after.",
			Covers:      []string{"NH2"}, Techniques: []string{"T1528"}, NHI: []string{"NHI3:2025"},
			Evidence: "Consent to application by a user, scopes such as Mail.ReadWrite", Lookalikes: "A mail client of one's own.",
		},
		Dataset: entraAudit, Actions: consents, Weigh: strange,
		When: func(ev *ecs.Event) bool { return !isForAll(ev) && isMighty(permissions(ev)) },
	},
	{
		Rule: Rule{
			ID: "entra_consent", Name: "Consent to an Entra application", Severity: 21, Points: 20,
			Description: "An application is let in, with a reach that is not far.",
			Covers:      []string{"NH2"}, Techniques: []string{"T1528"}, NHI: []string{"NHI3:2025"},
			Evidence: "Consent to application, Add delegated permission grant", Lookalikes: "Everyday work.",
		},
		Dataset: entraAudit, Actions: consents, Weigh: strange, When: func(ev *ecs.Event) bool { return !isMighty(permissions(ev)) },
	},
	{
		Rule: Rule{
			ID: "entra_consent_blocked", Name: "Consent to a risky application refused", Severity: 47, Points: 45,
			Description: "Somebody was about to let an application in that Entra takes for risky: there is a phishing message about.",
			Covers:      []string{"NH2"}, Techniques: []string{"T1528"}, NHI: []string{"NHI3:2025"},
			Evidence: "Consent to application refused with UserConsentBlockedForRiskyAppsException", Lookalikes: "An unverified publisher.",
		},
		Dataset: entraAudit, Actions: consents, Failures: true,
		When: func(ev *ecs.Event) bool {
			return ev.Outcome == "failure" && holdsAny(string(entraProperties(ev).Raw()), []string{"consentBlockedForRiskyApps"})
		},
	},
}

var consents = []string{"Consent to application", "Add delegated permission grant", "Add OAuth2PermissionGrant"}

// permissions are the scopes or roles that an application gets.
func permissions(ev *ecs.Event) string {
	for _, name := range []string{"AppRole.Value", "DelegatedPermissionGrant.Scope", "ConsentAction.Permissions"} {
		if _, after := auditChange(ev, name); after != "" {
			_, scopes, found := strings.Cut(after, "Scope: ")
			if !found {
				return after
			}
			return scopes
		}
	}
	return ""
}

// isForAll reports whether a consent holds for every user.
func isForAll(ev *ecs.Event) bool {
	_, admin := auditChange(ev, "ConsentContext.IsAdminConsent")
	_, all := auditChange(ev, "ConsentContext.OnBehalfOfAll")
	_, kind := auditChange(ev, "DelegatedPermissionGrant.ConsentType")
	_, granted := auditChange(ev, "ConsentAction.Permissions")
	return containsFold(admin, "true") || containsFold(all, "true") || containsFold(kind, "AllPrincipals") || containsFold(granted, "AllPrincipals")
}
