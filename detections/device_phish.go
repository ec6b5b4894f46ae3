package detections

import (
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Device after phishing: with a token got by phishing, the attacker registers a device of their own in the victim's name, and so
// gets a token that lasts. The alert hangs on the sign-in.
var entraDevicePhish = &Detection{
	Rule: Rule{
		ID: "entra_device_after_strange_sign_in", Name: "Entra device registered after a strange sign-in", Severity: 73, Points: 35,
		Description: "Within the hour after a sign-in by device code, for the broker, at risk or from a new place, a device is registered in the user's name.",
		Covers:      []string{"SE8", "DE7"}, Techniques: []string{"T1098.005", "T1528"},
		Evidence: "the sign-in, and Register device", Lookalikes: "A new laptop set up at home.",
	},
	Signs: []string{entraDeviceMade}, Within: time.Hour, Find: findDevicePhish,
}

const (
	phishWindow = time.Hour
	riskWindow  = 5 * time.Minute
)

func findDevicePhish(c *Case) *Finding {
	owner := deviceOwner(c)
	entries := c.Of(owner, phishWindow, func(b *Act) bool { return b.Dataset == entraSignIn && b.Is(ecs.SignIn, ecs.SSO, ecs.TokenRefresh) })
	for i := range entries {
		if parts := phishy(c, owner, entries[i]); sumOf(parts) >= 15 {
			return &Finding{
				Key: owner, Evidence: entries[i : i+1], Parts: parts,
				Reason: "a device was registered for " + owner + " " + agoText(c, entries[i].Time) + " after a sign-in: " + reasonsOf(parts),
			}
		}
	}
	return nil
}

// deviceOwner is in whose name a device is registered: whoever does it, or the target of the service that does it.
func deviceOwner(c *Case) string {
	if c.Machine() && c.Act.TargetID != "" {
		return c.Act.TargetID
	}
	return c.Act.Actor.ID
}

// phishy are points for what is wrong about a sign-in before a device is registered.
func phishy(c *Case, owner string, in *Act) []Part {
	var parts []Part
	if in.Method == "deviceCode" || in.Method == "authenticationTransfer" {
		parts = append(parts, Part{"device_code", 25, "it was by " + in.Method})
	}
	if strings.HasPrefix(in.App, brokerClient) {
		parts = append(parts, Part{"broker", 15, "it was for the broker"})
	}
	if in.Has("entra_risky_sign_in") || in.Has("entra_high_risk_sign_in") || in.Has("entra_device_join_weak") {
		parts = append(parts, Part{"risky", 20, "it was at risk, or without a second factor"})
	}
	risks := c.Of(owner, phishWindow, func(b *Act) bool { return b.Activity == ecs.RiskReport && b.Time.After(in.Time.Add(-riskWindow)) })
	if len(risks) > 0 {
		parts = append(parts, Part{"reported", 20, "Entra reports a risk of the identity"})
	}
	if c.Act.Addr.IsValid() && in.Addr.IsValid() && c.Act.Network() != in.Network() {
		parts = append(parts, Part{"other_network", 15, "the device comes from another network"})
	}
	return parts
}

// Token of a device just registered: the last step. The device's own token signs in, from a machine nobody manages. The alert
// hangs on the registration.
var entraFreshDevice = &Detection{
	Rule: Rule{
		ID: "entra_fresh_device_token", Name: "Lasting Entra token of a device just registered", Severity: 73, Points: 40, Chain: true,
		Description: "A device that was registered within the hour presents a primary refresh token, and nobody manages it.",
		Covers:      []string{"SE8"}, Techniques: []string{"T1098.005", "T1528", "T1557"},
		Evidence: "Register device, then incomingTokenType primaryRefreshToken on an unmanaged device", Lookalikes: "A new laptop: managed before the hour is over.",
	},
	On: []ecs.Activity{ecs.SignIn, ecs.SSO}, Within: 2 * time.Hour, Find: findFreshDevice,
}

func findFreshDevice(c *Case) *Finding {
	a := c.Act
	if a.Dataset != entraSignIn || a.Failed || a.Method != "primaryRefreshToken" || !a.Has(entraUnmanaged) {
		return nil
	}
	made := func(b *Act) bool { return b.Has(entraDeviceMade) }
	registered := append(c.Back(phishWindow, made), c.Done(a.Actor.ID, phishWindow, made)...)
	if len(registered) == 0 {
		return nil
	}
	f := &Finding{Evidence: registered, Parts: newcomer(c), Reason: a.Name + " signed in with the token of a device registered " + agoText(c, registered[0].Time) + " before"}
	odd := c.Back(phishWindow, func(b *Act) bool {
		return b.Dataset == entraSignIn && !b.Failed && (b.Method == "deviceCode" || b.Method == "authenticationTransfer" || strings.HasPrefix(b.App, brokerClient))
	})
	if len(odd) > 0 {
		f.Evidence = append(odd[:1], registered...)
		f.Parts = append(f.Parts, Part{"phished", 25, "after a sign-in by " + ecs.FirstOf(odd[0].Method, "the broker")})
	}
	return f
}

// Many devices: one person registers device after device. The alert hangs on the first one.
var entraManyDevices = &Detection{
	Rule: Rule{
		ID: "entra_many_devices", Name: "Many Entra devices registered by one person", Severity: 47, Points: 55,
		Description: "One identity registers several devices within the hour.",
		Covers:      []string{"DE7"}, Techniques: []string{"T1098.005"},
		Evidence: "Register device or Add device", Lookalikes: "Somebody who sets up machines: name them in the context file.",
	},
	Signs: []string{entraDeviceMade}, Within: 3 * time.Hour, Find: findManyDevices,
}

const manyDevices = 4

func findManyDevices(c *Case) *Finding {
	if c.Machine() {
		return nil
	}
	before := c.Back(phishWindow, func(b *Act) bool { return b.Has(entraDeviceMade) })
	if distinct(append(before, c.Act), func(a *Act) string { return ecs.FirstOf(a.Object, a.Target) }) < manyDevices {
		return nil
	}
	return &Finding{Evidence: before, Reason: c.Act.Name + " registered several devices within the hour"}
}
