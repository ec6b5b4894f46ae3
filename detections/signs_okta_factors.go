package detections

import "github.com/idwatch/idwatch/parsers/ecs"

// oktaFactorSigns are what single events show of second factors and passwords.
var oktaFactorSigns = []*Sign{
	{
		Rule: Rule{
			ID: "okta_factor_removed", Name: "Okta factor removed or reset", Severity: 47, Points: 25,
			Description: "A second factor is taken away from a user: the way to put one's own in its place.",
			Covers:      []string{"MF5"}, Techniques: []string{"T1556.006", "T1098"},
			Evidence: "user.mfa.factor.deactivate, .suspend, .reset_all", Lookalikes: "A lost or new phone, reset by the help desk.", Tuning: "Name the help desk's people in the context file.",
		},
		Dataset: okta, Actions: []string{"user.mfa.factor.deactivate", "user.mfa.factor.suspend", "user.mfa.factor.reset_all"}, Weigh: strange,
	},
	{
		Rule: Rule{
			ID: "okta_password_reset_by_other", Name: "Okta password reset by an administrator", Severity: 21, Points: 20,
			Description: "Somebody else than its owner resets a password.",
			Covers:      []string{"MF5"}, Techniques: []string{"T1098"},
			Evidence: "user.account.reset_password, .expire_password, actor is not the target", Lookalikes: "Everyday help desk.",
		},
		Dataset: okta, Actions: []string{"user.account.reset_password", "user.account.expire_password"},
		Weigh: func(c *Case) *Finding {
			if c.isSelf() {
				return nil
			}
			return strange(c)
		},
	},
	{
		Rule: Rule{
			ID: "okta_phishing_refused", Name: "Okta FastPass refused a phishing site", Severity: 73, Points: 75,
			Description: "Somebody was led to a site that stands between them and Okta. The factor that cannot be phished said no; the password may be gone.",
			Covers:      []string{"MF9"}, Techniques: []string{"T1566.002", "T1557"},
			Evidence: "auth_via_mfa with reason: FastPass declined phishing attempt", Lookalikes: "A proxy of your own that rewrites addresses.",
		},
		Dataset: okta, Actions: []string{"user.authentication.auth_via_mfa", "user.session.start"}, Failures: true,
		When: func(ev *ecs.Event) bool {
			return holdsAny(ev.Record.Root().Path("outcome", "reason").Str(), []string{"declined phishing"})
		},
	},
	{
		Rule: Rule{
			ID: "okta_factor_bypass", Name: "Attempt to get around Okta's second factor", Severity: 73, Points: 70,
			Description: "Okta sees a try to pass over the second factor.",
			Covers:      []string{"MF10"}, Techniques: []string{"T1556.006"},
			Evidence: "user.mfa.attempt_bypass", Lookalikes: "None that is everyday.",
		},
		Dataset: okta, Actions: []string{"user.mfa.attempt_bypass"}, Failures: true,
	},
	{
		Rule: Rule{
			ID: "okta_factor_off_for_all", Name: "Okta factor switched off for everybody", Severity: 99, Points: 70,
			Description: "A kind of factor is switched off for the whole organisation.",
			Covers:      []string{"MF10"}, Techniques: []string{"T1556.006", "T1556.009"},
			Evidence: "system.mfa.factor.deactivate, security.authenticator.lifecycle.deactivate", Lookalikes: "A weak factor retired on purpose.", Tuning: "Declare a maintenance window.",
		},
		Dataset: okta, Actions: []string{"system.mfa.factor.deactivate", "security.authenticator.lifecycle.deactivate"},
	},
	{
		Rule: Rule{
			ID: "okta_factor_demand_lowered", Name: "Okta policy asks for fewer factors", Severity: 73, Points: 60,
			Description: "A policy or rule that asked for a second factor does not any more.",
			Covers:      []string{"MF10", "DE1"}, Techniques: []string{"T1556.006", "T1556.009"},
			Evidence: "changeDetails of a policy or rule, from two factors to one; a factor policy switched off", Lookalikes: "A policy replaced by a stricter one.", Tuning: "Declare a maintenance window.",
		},
		Dataset: okta, When: lowersFactors,
		Actions: []string{
			"policy.lifecycle.update", "policy.rule.update", "application.policy.sign_on.update",
			"policy.lifecycle.deactivate", "policy.lifecycle.delete", "policy.rule.deactivate", "policy.rule.delete",
		},
	},
	{
		Rule: Rule{
			ID: "okta_wrong_number", Name: "Wrong number chosen in an Okta push", Severity: 47, Points: 55,
			Description: "Somebody answered a push by choosing a number that was not on the screen: the screen is another's.",
			Covers:      []string{"MF3"}, Techniques: []string{"T1621"},
			Evidence: "debugData.pushWithNumberChallengeResponseType", Lookalikes: "A slip of the finger: right at the next try, from the same address.",
		},
		Dataset: okta, Actions: []string{"user.authentication.auth_via_mfa", "user.mfa.okta_verify"}, Failures: true,
		When: func(ev *ecs.Event) bool {
			return holdsAny(oktaData(ev, "pushWithNumberChallengeResponseType"), []string{"INVALID", "MISMATCH", "INCORRECT"})
		},
	},
}

// lowersFactors reports whether a policy's demand of factors goes down.
func lowersFactors(ev *ecs.Event) bool {
	switch ev.Action {
	case "policy.lifecycle.update", "policy.rule.update", "application.policy.sign_on.update":
		return oktaWas(ev, `requireFactor":true`, `requireFactor\":true`, "2FA", "MFA_REQUIRED") && oktaBecame(ev, `requireFactor":false`, `requireFactor\":false`, "1FA", "ONE_FA")
	case "policy.lifecycle.deactivate", "policy.lifecycle.delete", "policy.rule.deactivate", "policy.rule.delete":
		first := ev.Record.Root().Get("target").First()
		return holdsAny(ev.Record.Root().Path("debugContext", "debugData", "policyType").Str()+first.Path("detailEntry", "policyType").Str(), []string{"MfaEnroll", "MFA_ENROLL"})
	}
	return false
}
