package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Secrets shown one after another: set-up reads one secret, theft reads all. The alert hangs on the first one.
var oktaSecretsShown = &Detection{
	Rule: Rule{
		ID: "okta_many_secrets_read", Name: "Many Okta client secrets read", Severity: 73, Points: 60, Chain: true,
		Description: "One identity has several applications' secrets shown within the hour.",
		Covers:      []string{"CR2"}, Techniques: []string{"T1552", "T1555"}, NHI: []string{"NHI2:2025"},
		Evidence: "read_client_secret with different targets", Lookalikes: "A move of applications.", Tuning: "Declare a maintenance window.",
	},
	On: []ecs.Activity{ecs.CredentialRead}, Within: time.Hour, Find: findSecretsShown,
}

const (
	shownWindow = time.Hour
	shownCount  = 3
)

func findSecretsShown(c *Case) *Finding {
	reads := func(a *Act) bool { return a.Dataset == okta && a.Has(oktaSecretRead) }
	if !reads(c.Act) {
		return nil
	}
	before := c.Back(shownWindow, reads)
	n := distinct(append(before, c.Act), func(a *Act) string { return ecs.FirstOf(a.TargetID, a.Target, a.ID) })
	if n < shownCount {
		return nil
	}
	return &Finding{Evidence: before, Parts: strangeness(c), Reason: fmt.Sprintf("%s had the secrets of %d applications shown within %s", c.Act.Name, n, shownWindow)}
}

// Device secrets in bulk: the recovery keys or local passwords of many machines. The alert hangs on the first one.
var entraDeviceSecrets = &Detection{
	Rule: Rule{
		ID: "entra_device_secrets_in_bulk", Name: "Secrets of many Entra devices read", Severity: 73, Points: 60, Chain: true,
		Description: "One identity reads disk recovery keys or local administrators' passwords of many machines within the hour.",
		Covers:      []string{"CR8"}, Techniques: []string{"T1555", "T1552"},
		Evidence: "Read BitLocker key, Recover device local administrator password", Lookalikes: "An inventory: planned.", Tuning: "Declare a maintenance window.",
	},
	On: []ecs.Activity{ecs.SecretRead}, Within: time.Hour, Find: findDeviceSecrets,
}

const deviceSecrets = 5

func findDeviceSecrets(c *Case) *Finding {
	reads := func(a *Act) bool { return a.Has(entraDeviceSecret) }
	if !reads(c.Act) {
		return nil
	}
	before := c.Back(shownWindow, reads)
	n := distinct(append(before, c.Act), func(a *Act) string { return ecs.FirstOf(a.Target, a.ID) })
	if n < deviceSecrets {
		return nil
	}
	f := &Finding{Evidence: before, Parts: newcomer(c), Reason: fmt.Sprintf("%s read secrets of %d devices within %s", c.Act.Name, n, shownWindow)}
	if c.UsualHour() == identity.New {
		f.Parts = append(f.Parts, Part{"odd_hour", 10, "outside the identity's own hours"})
	}
	return f
}
