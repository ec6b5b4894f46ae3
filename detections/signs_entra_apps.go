package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// entraAppSigns are what single audit records show of applications, their principals and their keys.
var entraAppSigns = []*Sign{
	{
		Rule: Rule{
			ID: entraKeyMade, Name: "Secret or certificate added to an Entra application", Severity: 47, Points: 40,
			Description: "Whoever adds a key to an application can be that application, with all it may do, without a second factor.",
			Covers:      []string{"CR5"}, Techniques: []string{"T1098.001"}, NHI: []string{"NHI7:2025", "NHI2:2025"},
			Evidence: "KeyDescription with a new KeyIdentifier", Lookalikes: "Rotation: the old key goes soon after.", Tuning: "Declare rotation windows.",
		},
		Dataset: entraAudit, Weigh: weighKey,
		When: func(ev *ecs.Event) bool {
			return ev.Activity == ecs.CredentialCreate || ev.Activity == ecs.CredentialRotate
		},
	},
	{
		Rule: Rule{
			ID: entraFederated, Name: "Foreign issuer trusted by an Entra application", Severity: 73, Points: 50,
			Description: "An application accepts tokens of an outside issuer: whoever can have one written is the application, and no secret shows it.",
			Covers:      []string{"CR6"}, Techniques: []string{"T1098.001", "T1484.002"}, NHI: []string{"NHI4:2025", "NHI3:2025"},
			Evidence: "FederatedIdentityCredentials changed", Lookalikes: "A pipeline that moves away from secrets.", Tuning: "Declare a deployment window.",
		},
		Dataset: entraAudit, Weigh: strange, When: trustsIssuer,
	},
	{
		Rule: Rule{
			ID: "entra_principal_made", Name: "Entra service principal made", Severity: 21, Points: 15,
			Description: "An application gets an identity in the tenant.",
			Covers:      []string{"NH1"}, Techniques: []string{"T1136.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "Add service principal", Lookalikes: "Everyday set-up; Microsoft adds some by itself.",
		},
		Dataset: entraAudit, Actions: []string{"Add service principal", "Add application"}, Weigh: weighMethod,
	},
	{
		Rule: Rule{
			ID: "entra_principal_removed", Name: "Entra service principal or application removed", Severity: 21, Points: 25,
			Description: "An application's identity goes: work stops, or traces do.",
			Covers:      []string{"NH1"}, Techniques: []string{"T1070", "T1531"}, NHI: []string{"NHI1:2025"},
			Evidence: "Remove service principal, Delete application", Lookalikes: "Tidying up.",
		},
		Dataset: entraAudit, Weigh: strange,
		Actions: []string{"Remove service principal", "Delete application", "Hard Delete application", "Hard delete application", "Hard delete service principal"},
	},
	{
		Rule: Rule{
			ID: "entra_owner_changed", Name: "Owner of an Entra application added or removed", Severity: 47, Points: 30,
			Description: "An owner may add keys to an application and so be it.",
			Covers:      []string{"NH1"}, Techniques: []string{"T1098.001", "T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "Add owner to application, Add owner to service principal, Remove owner …", Lookalikes: "A team that hands its work on.",
		},
		Dataset: entraAudit, Weigh: strange,
		Actions: []string{"Add owner to application", "Add owner to service principal", "Remove owner from application", "Remove owner from service principal"},
	},
	{
		Rule: Rule{
			ID: "entra_app_address_changed", Name: "Entra application's reply address changed", Severity: 47, Points: 35,
			Description: "Where tokens are sent, or by what address the application is known, is changed.",
			Covers:      []string{"NH2"}, Techniques: []string{"T1528"}, NHI: []string{"NHI3:2025"},
			Evidence: "AppAddress, AppIdentifierUri or ReplyUrls among the changed properties", Lookalikes: "A new host name.",
		},
		Dataset: entraAudit, Actions: []string{"Update application", "Update service principal"}, Weigh: strange,
		When: func(ev *ecs.Event) bool {
			return changesAny(ev, "AppAddress", "AppIdentifierUri", "ReplyUrls", "IdentifierUris", "RedirectUris")
		},
	},
	{
		Rule:    Rule{ID: azureClusterKeys, Name: "Azure cluster credentials listed", Covers: []string{"NH5"}},
		Dataset: azure, Quiet: true,
		When: func(ev *ecs.Event) bool {
			return containsFold(ev.Action, "/listClusterAdminCredential/") || containsFold(ev.Action, "/listClusterUserCredential/")
		},
	},
}

const (
	entraKeyMade     = "entra_app_secret_added"
	entraFederated   = "entra_federated_issuer_added"
	azureClusterKeys = "azure_cluster_credentials"
)

// changesAny reports whether one of some properties has another value than before.
func changesAny(ev *ecs.Event, names ...string) bool {
	for _, name := range names {
		if before, after := auditChange(ev, name); after != before && unquoted(after) != "" {
			return true
		}
	}
	return false
}

// trustsIssuer reports whether an application begins to trust an outside issuer.
func trustsIssuer(ev *ecs.Event) bool {
	name := auditName(ev)
	if strings.Contains(name, "federated identity credential") {
		return strings.HasPrefix(name, "Create") || strings.HasPrefix(name, "Add") || strings.HasPrefix(name, "Update")
	}
	return changesAny(ev, "FederatedIdentityCredentials", "FederatedIdentityCredential")
}

// weighKey is loud for a key beside others, and for one whose maker does not do such things.
func weighKey(c *Case) *Finding {
	f := &Finding{Key: c.Act.TargetID, Parts: strangeness(c)}
	others := c.Done(c.Act.TargetID, lineSpan, func(a *Act) bool { return a.Made != "" && a.Made != c.Act.Made })
	if len(others) > 0 {
		f.Evidence = others
		f.Parts = append(f.Parts, Part{"several_keys", 15, "another key was added to it within the day"})
	}
	if c.Act.Gone != "" {
		f.Parts = append(f.Parts, Part{"replaced", -15, "an old key goes at the same time"})
	}
	return f
}
