package detections

import "github.com/idwatch/idwatch/parsers/ecs"

// oktaDefenceSigns are what single events show of policies, zones and logs that change.
var oktaDefenceSigns = []*Sign{
	{
		Rule: Rule{
			ID: "okta_policy_removed", Name: "Okta policy or rule switched off or deleted", Severity: 47, Points: 40,
			Description: "A policy, or a rule of one, does not hold any more.",
			Covers:      []string{"DE1"}, Techniques: []string{"T1556.009", "T1562.007"},
			Evidence: "policy.lifecycle.deactivate, .delete, policy.rule.deactivate, .delete", Lookalikes: "A rule replaced by a better one.", Tuning: "Declare maintenance windows.",
		},
		Dataset: okta, Actions: []string{"policy.lifecycle.deactivate", "policy.lifecycle.delete", "policy.rule.deactivate", "policy.rule.delete"}, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "okta_policy_changed", Name: "Okta policy or rule changed", Severity: 21, Points: 20,
			Description: "A policy, or a rule of one, is added or changed.",
			Covers:      []string{"DE1"}, Techniques: []string{"T1556.009"},
			Evidence: "policy.lifecycle.update, policy.rule.update, policy.rule.add", Lookalikes: "Everyday administration.",
		},
		Dataset: okta, Actions: []string{"policy.lifecycle.update", "policy.lifecycle.overwrite", "policy.rule.update", "policy.rule.add"}, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "okta_sign_on_policy_changed", Name: "Okta application sign-on policy changed", Severity: 47, Points: 35,
			Description: "What an application asks of those who open it is changed.",
			Covers:      []string{"DE1"}, Techniques: []string{"T1556.009"},
			Evidence: "application.policy.sign_on.update, .rule.create, .rule.delete", Lookalikes: "Roll-out of an application.",
		},
		Dataset: okta, Weigh: strange,
		Actions: []string{"application.policy.sign_on.update", "application.policy.sign_on.rule.create", "application.policy.sign_on.rule.delete"},
	},
	{
		Rule: Rule{
			ID: "okta_zone_removed", Name: "Okta network zone switched off, deleted or changed", Severity: 47, Points: 40,
			Description: "A zone that policies trust or block changes its addresses or goes.",
			Covers:      []string{"DE1"}, Techniques: []string{"T1562.007"},
			Evidence: "zone.deactivate, zone.delete, zone.update, zone.remove_blacklist", Lookalikes: "A new office.", Tuning: "Declare maintenance windows.",
		},
		Dataset: okta, Weigh: strange,
		Actions: []string{"zone.deactivate", "zone.delete", "zone.update", "zone.remove_blacklist", "security.zone.remove_blacklist"},
	},
	{
		Rule: Rule{
			ID: "okta_application_removed", Name: "Okta application switched off or deleted", Severity: 21, Points: 30,
			Description: "An application is taken away.",
			Covers:      []string{"DE1"}, Techniques: []string{"T1531"},
			Evidence: "application.lifecycle.deactivate, .delete", Lookalikes: "Everyday administration.",
		},
		Dataset: okta, Actions: []string{"application.lifecycle.deactivate", "application.lifecycle.delete"}, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "okta_application_changed", Name: "Okta application changed", Severity: 21, Points: 10,
			Description: "An application's settings change.",
			Covers:      []string{"DE1"}, Techniques: []string{"T1098"},
			Evidence: "application.lifecycle.update", Lookalikes: "Everyday administration.",
		},
		Dataset: okta, Actions: []string{"application.lifecycle.update"},
	},
	{
		Rule: Rule{
			ID: "okta_protection_lowered", Name: "Okta's protection against attacks changed", Severity: 47, Points: 40,
			Description: "Settings change by which Okta finds or blocks attacks.",
			Covers:      []string{"DE1"}, Techniques: []string{"T1562.007"},
			Evidence: "security.attack_protection.settings.update, security.threat.configuration.update and their like", Lookalikes: "A roll-out that begins with logging only.",
		},
		Dataset: okta, Weigh: strange,
		Actions: []string{
			"security.attack_protection.settings.update", "security.threat.configuration.update", "security.session_protection.status.update",
			"security.behavior.settings.update", "security.behavior.settings.delete", "security.events.provider.deactivate", "security.events.provider.delete",
		},
	},
	{
		Rule: Rule{
			ID: "okta_log_stream_stopped", Name: "Okta log stream stopped", Severity: 99, Points: 70,
			Description: "The stream that carries this log is switched off or deleted: nothing after it is seen.",
			Covers:      []string{"DE3"}, Techniques: []string{"T1562.008"},
			Evidence: "system.log_stream.lifecycle.deactivate, .delete", Lookalikes: "A move to another stream, made before.", Tuning: "Declare a maintenance window.",
		},
		Dataset: okta, Actions: []string{"system.log_stream.lifecycle.deactivate", "system.log_stream.lifecycle.delete"},
	},
	{
		Rule: Rule{
			ID: "okta_log_stream_changed", Name: "Okta log stream or event hook changed", Severity: 47, Points: 40,
			Description: "Where events go is changed, or a hook that carries them is stopped.",
			Covers:      []string{"DE3"}, Techniques: []string{"T1562.008"},
			Evidence: "system.log_stream.lifecycle.update, event_hook.deactivated, .deleted, .updated", Lookalikes: "A new receiver.", Tuning: "Declare a maintenance window.",
		},
		Dataset: okta, Actions: []string{"system.log_stream.lifecycle.update", "event_hook.deactivated", "event_hook.deleted", "event_hook.updated"}, Weigh: strange,
	},
}

// weakensOkta reports whether an act takes some defence of Okta's away.
func weakensOkta(a *Act) bool {
	for _, s := range a.Signs {
		switch s.ID {
		case "okta_policy_removed", "okta_zone_removed", "okta_protection_lowered", "okta_sign_on_policy_changed", "okta_factor_demand_lowered",
			"okta_factor_off_for_all", "okta_log_stream_stopped", "okta_log_stream_changed":
			return true
		}
	}
	return a.Is(ecs.LogTampering)
}
