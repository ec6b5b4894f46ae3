package detections

import "github.com/idwatch/idwatch/parsers/ecs"

// oktaGrants are the events that give administrator roles.
var oktaGrants = []string{"user.account.privilege.grant", "group.privilege.grant", "app.oauth2.client.privilege.grant", "iam.resourceset.bindings.add"}

// oktaAdminSigns are what single events show of administrators and their console.
var oktaAdminSigns = []*Sign{
	{
		Rule: Rule{
			ID: oktaSuperAdmin, Name: "Okta super administrator made", Severity: 73, Points: 65,
			Description: "The role that may do everything is given to a user, a group or an application.",
			Covers:      []string{"PR1"}, Techniques: []string{"T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "user.account.privilege.grant with Super administrator", Lookalikes: "A new head of IT.", Tuning: "Declare an elevation window for the one who gives it.",
		},
		Dataset: okta, Actions: oktaGrants, Weigh: strange, When: givesEverything,
	},
	{
		Rule: Rule{
			ID: oktaAdminRole, Name: "Okta administrator role given", Severity: 47, Points: 40,
			Description: "An administrator role is given to a user, a group or an application.",
			Covers:      []string{"PR1"}, Techniques: []string{"T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence:   "user.account.privilege.grant, group.privilege.grant, app.oauth2.client.privilege.grant, iam.resourceset.bindings.add",
			Lookalikes: "Everyday administration.", Tuning: "Declare elevation windows.",
		},
		Dataset: okta, Actions: oktaGrants, Weigh: strange, When: func(ev *ecs.Event) bool { return !givesEverything(ev) },
	},
	{
		Rule: Rule{
			ID: "okta_admin_console_odd", Name: "Okta admin console from a new device, place or proxy", Severity: 47, Points: 40,
			Description: "Somebody opens the administrators' console, and Okta never saw this device or place with that user, or it comes through a proxy.",
			Covers:      []string{"PR2"}, Techniques: []string{"T1078.004"},
			Evidence: "user.session.access_admin_app or policy.evaluate_sign_on for the console, behaviors POSITIVE or isProxy", Lookalikes: "An administrator's new laptop: enrolled the same day.",
		},
		Dataset: okta, Actions: []string{"user.session.access_admin_app", "policy.evaluate_sign_on"}, Weigh: strange,
		When: func(ev *ecs.Event) bool {
			odd := isOktaProxy(ev) || oktaBehaves(ev, "New Device", "New Geo-Location", "New Country", "New City", "New State", "Velocity")
			return odd && (ev.Action == "user.session.access_admin_app" || isAdminConsole(ev))
		},
	},
	{
		Rule: Rule{
			ID: "okta_admin_console_refused", Name: "Okta admin console refused", Severity: 47, Points: 50,
			Description: "Somebody who may not, or not from there, tries to open the administrators' console.",
			Covers:      []string{"PR2"}, Techniques: []string{"T1078.004"},
			Evidence: "policy.evaluate_sign_on DENY or user.session.access_admin_app FAILURE for the console", Lookalikes: "A curious employee.",
		},
		Dataset: okta, Actions: []string{"user.session.access_admin_app", "policy.evaluate_sign_on", "app.generic.unauth_app_access_attempt"}, Failures: true, Weigh: strange,
		When: func(ev *ecs.Event) bool {
			return ev.Outcome == "failure" && (ev.Action == "user.session.access_admin_app" || isAdminConsole(ev))
		},
	},
	{
		Rule: Rule{
			ID: "okta_admin_by_proxy", Name: "Okta administration through a proxy", Severity: 47, Points: 45,
			Description: "A page or call of the administrators' console is reached through a known proxy.",
			Covers:      []string{"PR2"}, Techniques: []string{"T1078.004", "T1090.003"},
			Evidence: "debugData.requestUri with admin and securityContext.isProxy", Lookalikes: "A private relay of a browser.",
		},
		Dataset: okta, Weigh: strange,
		When: func(ev *ecs.Event) bool { return isOktaProxy(ev) && containsFold(oktaData(ev, "requestUri"), "admin") },
	},
	{
		Rule: Rule{
			ID: "okta_protected_action", Name: "Protected Okta action attempted", Severity: 47, Points: 40,
			Description: "An action that asks for a fresh proof of identity is attempted.",
			Covers:      []string{"PR2"}, Techniques: []string{"T1078.004"},
			Evidence: "security.protected_action.attempt", Lookalikes: "An administrator at work.",
		},
		Dataset: okta, Actions: []string{"security.protected_action.attempt"}, Failures: true, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "okta_identity_provider_added", Name: "Identity provider added to Okta", Severity: 73, Points: 60,
			Description: "Whoever runs another identity provider that Okta trusts can sign in as anybody.",
			Covers:      []string{"PR5"}, Techniques: []string{"T1484.002", "T1556.007"}, NHI: []string{"NHI3:2025"},
			Evidence: "system.idp.lifecycle.create", Lookalikes: "A merger or a new partner, planned for weeks.", Tuning: "Declare a maintenance window.",
		},
		Dataset: okta, Actions: []string{"system.idp.lifecycle.create"}, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "okta_identity_provider_changed", Name: "Identity provider of Okta changed", Severity: 47, Points: 40,
			Description: "A trusted identity provider is switched on or changed, or its keys are.",
			Covers:      []string{"PR5"}, Techniques: []string{"T1484.002", "T1556.007"}, NHI: []string{"NHI3:2025"},
			Evidence: "system.idp.lifecycle.update, .activate, system.idp.key.*", Lookalikes: "A certificate that runs out.",
		},
		Dataset: okta, Actions: []string{"system.idp.lifecycle.update", "system.idp.lifecycle.activate", "system.idp.key.create", "system.idp.key.update"}, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "okta_org2org_added", Name: "Okta connected to another Okta organisation", Severity: 73, Points: 60,
			Description: "An application that joins this organisation to another one is made or switched on: a side door for users and passwords.",
			Covers:      []string{"PR5"}, Techniques: []string{"T1484.002"}, NHI: []string{"NHI3:2025"},
			Evidence: "application.lifecycle.create with Org2Org", Lookalikes: "A group with several organisations.",
		},
		Dataset: okta, Actions: []string{"application.lifecycle.create", "application.lifecycle.activate"}, Weigh: strange,
		When: func(ev *ecs.Event) bool { return oktaTells(ev, "org2org", "okta org to org") },
	},
	{
		Rule: Rule{
			ID: "okta_directory_agent_added", Name: "Directory agent added to Okta", Severity: 47, Points: 45,
			Description: "A new agent checks passwords against a directory: it sees them all, and may say yes to any.",
			Covers:      []string{"PR5"}, Techniques: []string{"T1556.007"},
			Evidence: "system.agent.ad.create, system.agent.register", Lookalikes: "A server replaced.", Tuning: "Declare a maintenance window.",
		},
		Dataset: okta, Actions: []string{"system.agent.ad.create", "system.agent.register", "system.iwa.create"}, Weigh: strange,
	},
}

const (
	oktaSuperAdmin = "okta_super_admin_given"
	oktaAdminRole  = "okta_admin_role_given"
)

// givesEverything reports whether the role given is the highest one.
func givesEverything(ev *ecs.Event) bool {
	super := []string{"super admin", "super_admin", "SUPER_ORG_ADMIN"}
	return holdsAny(oktaData(ev, "privilegeGranted"), super) || oktaTells(ev, super...)
}
