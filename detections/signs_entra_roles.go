package detections

import (
	"slices"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// entraGives are the operations that give a directory role for good or for the asking.
var entraGives = []string{
	"Add member to role", "Add eligible member to role", "Add scoped member to role", "Add role assignment to role definition",
	"Add eligible member to role in PIM completed (permanent)", "Add eligible member to role in PIM completed (timebound)",
	"Add member to role in PIM completed (permanent)", "Add member to role in PIM completed (timebound)",
}

// entraRoleSigns are what single audit records show of roles, accounts and guests.
var entraRoleSigns = []*Sign{
	{
		Rule: Rule{
			ID: entraTopRole, Name: "Highest Entra role given", Severity: 73, Points: 60,
			Description: "A role is given by which one can become anybody.",
			Covers:      []string{"PR6"}, Techniques: []string{"T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "Add member to role with Global Administrator or its like", Lookalikes: "A new head of IT.", Tuning: "Declare an elevation window for the one who gives it.",
		},
		Dataset: entraAudit, Actions: entraGives, Weigh: strange,
		When: func(ev *ecs.Event) bool { return !isPIM(ev) && slices.Contains(topRoles, auditRole(ev)) },
	},
	{
		Rule: Rule{
			ID: entraRole, Name: "Entra role given", Severity: 47, Points: 35,
			Description: "A directory role is given, or given for the asking.",
			Covers:      []string{"PR6"}, Techniques: []string{"T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "Add member to role, Add eligible member to role", Lookalikes: "Everyday administration.",
		},
		Dataset: entraAudit, Actions: entraGives, Weigh: strange,
		When: func(ev *ecs.Event) bool { return !isPIM(ev) && !slices.Contains(topRoles, auditRole(ev)) },
	},
	{
		Rule: Rule{
			ID: "entra_role_past_pim", Name: "Entra role given past PIM", Severity: 73, Points: 60,
			Description: "A role that people are meant to ask for is given for good, around the way of asking.",
			Covers:      []string{"PR6"}, Techniques: []string{"T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "Add member to role outside of PIM (permanent)", Lookalikes: "Break-glass accounts.", Tuning: "Name break-glass accounts in the context file.",
		},
		Dataset: entraAudit, Weigh: strange,
		When: func(ev *ecs.Event) bool { return strings.HasPrefix(auditName(ev), "Add member to role outside of PIM") },
	},
	{
		Rule: Rule{
			ID: "entra_pim_settings", Name: "Settings of an Entra role changed in PIM", Severity: 47, Points: 40,
			Description: "What is asked of those who take up a role is changed: a second factor, a reason, somebody's approval.",
			Covers:      []string{"PR9"}, Techniques: []string{"T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "Update role setting in PIM", Lookalikes: "Roll-out of PIM.",
		},
		Dataset: entraAudit, Actions: []string{"Update role setting in PIM"}, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "entra_pim_alert_off", Name: "PIM alert switched off", Severity: 73, Points: 55,
			Description: "Somebody switches off what PIM would have told.",
			Covers:      []string{"PR9"}, Techniques: []string{"T1562.001"},
			Evidence: "Disable PIM alert", Lookalikes: "An alert that nobody acts on.",
		},
		Dataset: entraAudit, Actions: []string{"Disable PIM alert"},
	},
	{
		Rule: Rule{
			ID: "entra_pim_alert", Name: "PIM raises an alert", Severity: 47, Points: 40,
			Description: "PIM sees roles given past it, too many administrators, or roles nobody uses.",
			Covers:      []string{"PR9"}, Techniques: []string{"T1078.004", "T1098.003"},
			Evidence: "Triggered PIM alert", Lookalikes: "Roles that are being tidied up.",
		},
		Dataset: entraAudit, Actions: []string{"Triggered PIM alert"},
	},
	{
		Rule: Rule{
			ID: "entra_raised_over_subscriptions", Name: "Entra administrator takes all Azure subscriptions", Severity: 99, Points: 75,
			Description: "Somebody makes themselves User Access Administrator over everything in Azure. Once in a company's life this is needed.",
			Covers:      []string{"PR10"}, Techniques: []string{"T1098.003"},
			Evidence: "User has elevated their access to User Access Administrator", Lookalikes: "First set-up; break-glass.", Tuning: "Declare an elevation window.",
		},
		Dataset: entraAudit, When: func(ev *ecs.Event) bool {
			name := auditName(ev)
			return strings.HasPrefix(name, "User has elevated their access") || name == "Assigns the caller to user access admin"
		},
	},
	{
		Rule: Rule{
			ID: "azure_raised_over_subscriptions", Name: "Azure caller takes all subscriptions", Severity: 99, Points: 75,
			Description: "Somebody makes themselves User Access Administrator over everything in Azure.",
			Covers:      []string{"PR10"}, Techniques: []string{"T1098.003"},
			Evidence: "Microsoft.Authorization/elevateAccess/action", Lookalikes: "First set-up; break-glass.", Tuning: "Declare an elevation window.",
		},
		Dataset: azure, When: func(ev *ecs.Event) bool {
			return containsFold(ev.Action, "/elevateAccess/action") && ev.Outcome != "unknown"
		},
	},
	{
		Rule: Rule{
			ID: "entra_guest_invited", Name: "Guest invited to Entra", Severity: 21, Points: 20,
			Description: "Somebody from another house gets an account.",
			Covers:      []string{"PR11"}, Techniques: []string{"T1136.003"}, NHI: []string{"NHI3:2025"},
			Evidence: "Invite external user", Lookalikes: "Everyday work with partners.",
		},
		Dataset: entraAudit, Actions: []string{"Invite external user"}, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "entra_guest_made_member", Name: "Entra guest made a member", Severity: 73, Points: 55,
			Description: "A guest's account becomes one of the house, with all that members may see.",
			Covers:      []string{"PR11"}, Techniques: []string{"T1078.004"}, NHI: []string{"NHI3:2025"},
			Evidence: "Update user, UserType from Guest to Member", Lookalikes: "A merger; a contractor hired.",
		},
		Dataset: entraAudit, Actions: []string{"Update user"},
		When: func(ev *ecs.Event) bool {
			before, after := auditChange(ev, "UserType")
			return strings.Contains(before, "Guest") && strings.Contains(after, "Member")
		},
	},
}

const (
	entraTopRole = "entra_top_role_given"
	entraRole    = "entra_role_given"
)
