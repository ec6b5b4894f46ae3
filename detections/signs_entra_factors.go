package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// entraFactorSigns are what single audit records show of second factors, devices and their secrets.
var entraFactorSigns = []*Sign{
	{
		Rule: Rule{
			ID: "entra_method_changed", Name: "Entra sign-in method added, changed or removed", Severity: 21, Points: 20,
			Description: "Somebody changes the methods by which an account proves who it is.",
			Covers:      []string{"MF12"}, Techniques: []string{"T1556.006", "T1098.005"},
			Evidence: "User registered security info and its like", Lookalikes: "A new phone.",
		},
		Dataset: entraAudit, Weigh: weighMethod,
		Actions: []string{
			"User registered security info", "User deleted security info", "User changed default security info", "User updated security info",
			"User registered all required security info", "Add FIDO2 security key", "Delete FIDO2 security key", "Add Passkey (device-bound)",
			"Add Windows Hello for Business credential", "Delete Windows Hello for Business credential",
			"Add passwordless phone sign-in credential", "Delete passwordless phone sign-in credential",
		},
	},
	{
		Rule: Rule{
			ID: "entra_method_changed_by_other", Name: "Entra sign-in method changed by an administrator", Severity: 47, Points: 30,
			Description: "Somebody else than its owner changes the methods of an account.",
			Covers:      []string{"MF12"}, Techniques: []string{"T1556.006", "T1098"},
			Evidence: "Admin registered, updated or deleted security info", Lookalikes: "Everyday help desk.", Tuning: "Name the help desk's people in the context file.",
		},
		Dataset: entraAudit, Weigh: strange, When: func(ev *ecs.Event) bool { return !issuesPass(ev) },
		Actions: []string{"Admin registered security info", "Admin updated security info", "Admin deleted security info"},
	},
	{
		Rule: Rule{
			ID: "entra_pass_issued", Name: "Temporary Access Pass issued in Entra", Severity: 47, Points: 45,
			Description: "A pass is made that replaces password and second factor for some hours. Whoever gets it is the account.",
			Covers:      []string{"MF12"}, Techniques: []string{"T1556.006", "T1098.005"},
			Evidence: "Create Temporary Access Pass method for user, or Admin registered security info with that reason", Lookalikes: "A new employee's first day.",
		},
		Dataset: entraAudit, Weigh: strange, When: issuesPass,
		Actions: []string{"Create Temporary Access Pass method for user", "Admin registered security info"},
	},
	{
		Rule: Rule{
			ID: "entra_factor_off", Name: "Entra second factor switched off for an account", Severity: 73, Points: 60,
			Description: "An account needs no second factor any more.",
			Covers:      []string{"MF12"}, Techniques: []string{"T1556.006"},
			Evidence: "Disable Strong Authentication", Lookalikes: "A move from accounts' own settings to policies.",
		},
		Dataset: entraAudit, Actions: []string{"Disable Strong Authentication", "Disable per-user MFA"},
	},
	{
		Rule: Rule{
			ID: "entra_user_reports", Name: "User reports suspicious activity to Entra", Severity: 73, Points: 65,
			Description: "The owner of an account says that a prompt was not theirs.",
			Covers:      []string{"MF11", "AU17"}, Techniques: []string{"T1621"},
			Evidence: "Suspicious activity reported, Fraud reported", Lookalikes: "A slip of the finger.",
		},
		Dataset: entraAudit, When: func(ev *ecs.Event) bool {
			name := auditName(ev)
			return name == "Suspicious activity reported" || strings.HasPrefix(name, "Fraud reported") || strings.HasPrefix(name, "fraud reported")
		},
	},
	{
		Rule:    Rule{ID: entraDeviceMade, Name: "Entra device registered", Covers: []string{"DE7", "SE8"}},
		Dataset: entraAudit, Quiet: true,
		Actions: []string{"Register device", "Add device", "Add registered owner to device", "Add registered users to device"},
	},
	{
		Rule: Rule{
			ID: "entra_device_odd_agent", Name: "Entra device registered by an odd program", Severity: 21, Points: 30,
			Description: "The program that registers a device calls itself as a known tool of attackers does.",
			Covers:      []string{"DE7"}, Techniques: []string{"T1098.005"},
			Evidence: "the old version of Dsreg that AADInternals names itself", Lookalikes: "A machine that was never updated.",
		},
		Dataset: entraAudit, Actions: []string{"Register device", "Add device"}, Weigh: strange,
		When: func(ev *ecs.Event) bool {
			agent, _ := auditDetail(entraProperties(ev), "User-Agent")
			return holdsAny(agent, []string{"Dsreg/10.0 (Windows 10.0.19044.1826)", "python", "aadinternals", "curl/"})
		},
	},
	{
		Rule: Rule{
			ID: entraDeviceSecret, Name: "Secret of an Entra device read", Severity: 21, Points: 20,
			Description: "Somebody reads a disk's recovery key or the password of a machine's administrator.",
			Covers:      []string{"CR8"}, Techniques: []string{"T1555", "T1552"},
			Evidence: "Read BitLocker key, Recover device local administrator password", Lookalikes: "Help desk: one machine at a time.",
		},
		Dataset: entraAudit, Actions: []string{"Read BitLocker key", "Recover device local administrator password"}, Weigh: strange,
	},
}

const (
	entraDeviceMade   = "entra_device_registered"
	entraDeviceSecret = "entra_device_secret_read"
)

// auditName is the name of an audited operation, as documented.
func auditName(ev *ecs.Event) string {
	return plainName(ecs.FirstOf(ev.Action, entraText(ev, "activityDisplayName")))
}

// issuesPass reports whether a temporary pass is made.
func issuesPass(ev *ecs.Event) bool {
	return strings.HasPrefix(ev.Action, "Create Temporary Access Pass") || holdsAny(entraText(ev, "resultReason")+entraText(ev, "status"), []string{"temporary access pass"})
}

// weighMethod asks for a user behind the change: a service of Microsoft's brings records up to date in everybody's name.
func weighMethod(c *Case) *Finding {
	if c.Act.Actor.Kind != ecs.Human {
		return nil
	}
	return strange(c)
}
