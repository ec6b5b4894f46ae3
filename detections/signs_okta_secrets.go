package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// oktaSecretSigns are what single events show of API tokens and secrets.
var oktaSecretSigns = []*Sign{
	{
		Rule: Rule{
			ID: "okta_api_token_made", Name: "Okta API token made", Severity: 47, Points: 40,
			Description: "A token is made that acts with its maker's rights, from anywhere, without a second factor.",
			Covers:      []string{"CR1"}, Techniques: []string{"T1098.001", "T1528"}, NHI: []string{"NHI7:2025"},
			Evidence: "system.api_token.create", Lookalikes: "A new integration.", Tuning: "Declare a deployment window.",
		},
		Dataset: okta, Actions: []string{"system.api_token.create"}, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "okta_api_token_opened", Name: "Okta API token usable from any network", Severity: 73, Points: 60,
			Description: "The networks from which a token may be used are no longer limited.",
			Covers:      []string{"CR1"}, Techniques: []string{"T1098.001", "T1528"}, NHI: []string{"NHI4:2025"},
			Evidence: "system.api_token.update or .create with network ANYWHERE", Lookalikes: "An integration that moves.",
		},
		Dataset: okta, Actions: []string{"system.api_token.update"}, Weigh: strange, When: opensToken,
	},
	{
		Rule: Rule{
			ID: "okta_api_token_changed", Name: "Okta API token changed", Severity: 47, Points: 30,
			Description: "A token's limits are changed, or it is switched on again.",
			Covers:      []string{"CR1"}, Techniques: []string{"T1098.001"}, NHI: []string{"NHI7:2025"},
			Evidence: "system.api_token.update, .enable", Lookalikes: "Everyday administration.",
		},
		Dataset: okta, Actions: []string{"system.api_token.update", "system.api_token.enable"}, Weigh: strange,
		When: func(ev *ecs.Event) bool { return !opensToken(ev) },
	},
	{
		Rule: Rule{
			ID: "okta_api_token_revoked", Name: "Okta API token revoked", Severity: 21, Points: 10,
			Description: "A token is ended. Good when planned; whoever hides something does it too.",
			Covers:      []string{"CR1"}, Techniques: []string{"T1070"},
			Evidence: "system.api_token.revoke", Lookalikes: "Rotation.",
		},
		Dataset: okta, Actions: []string{"system.api_token.revoke"},
	},
	{
		Rule: Rule{
			ID: "okta_api_token_outside", Name: "Okta API token used outside its networks", Severity: 73, Points: 65,
			Description: "A token is presented from a network it is not allowed in: somebody else holds a copy.",
			Covers:      []string{"CR1", "NH7"}, Techniques: []string{"T1528"}, NHI: []string{"NHI2:2025"},
			Evidence: "system.api_token.request_outside_allowed_range", Lookalikes: "An integration that moved before its limits did.",
		},
		Dataset: okta, Actions: []string{"system.api_token.request_outside_allowed_range"}, Failures: true,
	},
	{
		Rule: Rule{
			ID: oktaSecretRead, Name: "Okta client secret read", Severity: 47, Points: 30,
			Description: "The secret of an application or identity provider is shown to somebody.",
			Covers:      []string{"CR2"}, Techniques: []string{"T1552", "T1555"}, NHI: []string{"NHI2:2025"},
			Evidence: "app.oauth2.client.read_client_secret and its like", Lookalikes: "Set-up of an application.",
		},
		Dataset: okta, Weigh: strange,
		Actions: []string{"app.oauth2.client.read_client_secret", "application.configuration.read_client_secret", "system.idp.lifecycle.read_client_secret"},
	},
	{
		Rule: Rule{
			ID: "okta_password_shown", Name: "Okta shows somebody another's application password", Severity: 73, Points: 50,
			Description: "A password kept for an application is shown to somebody it does not belong to.",
			Covers:      []string{"CR2"}, Techniques: []string{"T1552", "T1555"},
			Evidence: "application.user_membership.show_password, actor is not the target", Lookalikes: "A shared account.",
		},
		Dataset: okta, Actions: []string{"application.user_membership.show_password"},
		Weigh: func(c *Case) *Finding {
			if c.isSelf() {
				return nil
			}
			return strange(c)
		},
	},
	{
		Rule: Rule{
			ID: "okta_password_pushed", Name: "Okta pushes a password to an application", Severity: 21, Points: 10,
			Description: "A user's password goes out in clear to an application that asked for it by provisioning. An application of an attacker's asks for all.",
			Covers:      []string{"CR2"}, Techniques: []string{"T1552", "T1555"}, NHI: []string{"NHI2:2025"},
			Evidence: "application.provision.user.push_okta_password", Lookalikes: "Password sync that was set up on purpose.",
		},
		Dataset: okta, Actions: []string{"application.provision.user.push_password", "application.provision.user.push_okta_password"}, Weigh: weighPush,
	},
	{
		Rule: Rule{
			ID: "okta_vaulted_password_changed", Name: "Vaulted server password changed outside its rotation", Severity: 73, Points: 55,
			Description: "The password of a server's account, which Okta keeps, was changed on the server by somebody else.",
			Covers:      []string{"CR3"}, Techniques: []string{"T1098"}, NHI: []string{"NHI7:2025"},
			Evidence: "pam.server_account.password_change.out_of_band", Lookalikes: "An administrator who does not know of the vault.",
		},
		Dataset: okta, Actions: []string{"pam.server_account.password_change.out_of_band"},
	},
	{
		Rule: Rule{
			ID: "okta_rate_limit", Name: "Okta rate limit hit", Severity: 21, Points: 20,
			Description: "A token, client or address asks for more than Okta gives.",
			Covers:      []string{"NH7"}, Techniques: []string{"T1499"}, NHI: []string{"NHI5:2025"},
			Evidence: "system.org.rate_limit.violation and its like", Lookalikes: "A nightly sync.",
		},
		Dataset: okta, Failures: true,
		Actions: []string{"system.org.rate_limit.violation", "core.concurrency.org.limit.violation", "app.oauth2.client_id_rate_limit_warning"},
	},
	{
		Rule: Rule{
			ID: "okta_report_read", Name: "Okta reports on users and passwords read", Severity: 21, Points: 20,
			Description: "Somebody takes a report that tells who has weak passwords, which accounts are not used, who may do what.",
			Covers:      []string{"NH7"}, Techniques: []string{"T1087.004"}, NHI: []string{"NHI5:2025"},
			Evidence: "analytics.reports.export.*, app.audit_report.download.*, requestUri of the password health report", Lookalikes: "An audit.",
		},
		Dataset: okta, Weigh: strange,
		When: func(ev *ecs.Event) bool {
			return (strings.HasPrefix(ev.Action, "analytics.reports.export") || strings.HasPrefix(ev.Action, "app.audit_report.download")) || containsFold(oktaData(ev, "requestUri"), "/reports/password-health/")
		},
	},
}

const oktaSecretRead = "okta_client_secret_read"

// opensToken reports whether a token may be used from anywhere after the act.
func opensToken(ev *ecs.Event) bool {
	return oktaBecame(ev, "ANYWHERE") || containsFold(oktaData(ev, "networkConnection"), "ANYWHERE")
}

// weighPush is loud for an application that nobody's password went to before: one that was made for it.
func weighPush(c *Case) *Finding {
	f := &Finding{Key: c.Act.Resource}
	made := c.Back(lineSpan, func(a *Act) bool { return a.Action == "application.lifecycle.create" && a.Resource == c.Act.Resource })
	if len(made) > 0 {
		f.Evidence = made
		f.Parts = append(f.Parts, Part{"new_application", 45, "the application was made within the day"})
	}
	return f
}
