package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Dormant, back, out of hours: accounts nobody watches are the ones that are taken over. One comes back after a month or is switched on
// again, and works at hours it never worked. The alert hangs on the first act of the return.
var dormantOddHours = &Detection{
	Rule: Rule{
		ID: "any_dormant_back", Name: "Dormant identity comes back", Severity: 73, Points: 30,
		Description: "An identity, person or machine, acts after a silence of a month or more, or was just switched on again, and does so out of its hours, from a new place or with new operations.",
		Covers:      []string{"XS10"}, Techniques: []string{"T1078"}, NHI: []string{"NHI1:2025"},
		Evidence: "the act that switched it on, and the first acts after the silence", Lookalikes: "Back from parental leave: usual hours, usual place, enrolled device.",
		Tuning: "Declare business hours; offboard what is not used.",
	},
	Within: 12 * time.Hour, Find: findDormant,
}

func findDormant(c *Case) *Finding {
	a := c.Act
	if c.Who == nil || a.Failed || c.Who.Count < 3 || a.Activity == ecs.RiskReport {
		return nil
	}
	silent := c.Silent()
	started := a.Time
	if silent < identity.DormantAfter {
		if c.Who.DormantEnd.IsZero() || a.Time.Sub(c.Who.DormantEnd) > 12*time.Hour {
			return nil
		}
		silent, started = c.Who.Dormant, c.Who.DormantEnd
	}
	f := &Finding{Key: started.UTC().Format(time.DateOnly)}
	f.Evidence = c.Back(12*time.Hour, func(b *Act) bool { return !b.Time.Before(started) })
	f.Parts = strangeness(c)
	if on := c.Who.EnabledAt; !on.IsZero() && a.Time.Sub(on) < 48*time.Hour {
		f.Parts = append(f.Parts, Part{"switched_on", 15, "it was switched on again shortly before"})
	}
	if isData(a) || isMint(a) || isGain(a) {
		f.Parts = append(f.Parts, Part{"strong_act", 15, "what it does is " + string(a.Activity)})
	}
	if len(f.Parts) == 0 {
		return nil
	}
	f.Reason = fmt.Sprintf("%s acts again after %d days of silence: %s", a.Name, int(silent.Hours()/24), a.Action)
	return f
}

// strangeness are points for what is new to the identity about an act.
func strangeness(c *Case) []Part {
	a := c.Act
	var parts []Part
	inside, declared := c.Context.Business(a.Time)
	switch {
	case c.UsualHour() == identity.New:
		parts = append(parts, Part{"odd_hour", 15, "outside the identity's own hours"})
	case declared && !inside && c.UsualHour() == identity.Unknown && !c.Machine():
		parts = append(parts, Part{"off_hours", 10, "outside business hours"})
	}
	if c.Novelty(countries, a.Country()) == identity.New {
		parts = append(parts, Part{"new_country", 20, "from " + a.Country() + ", where the identity never was"})
	} else if c.Novelty(networks, a.Network()) == identity.New && c.Context.NetworkOf(a.Addr) == nil {
		parts = append(parts, Part{"new_network", 15, "from a network new to the identity"})
	}
	if c.Novelty(operations, a.Operation) == identity.New {
		parts = append(parts, Part{"new_operation", 10, "an operation new to the identity"})
	}
	if c.Novelty(regions, a.Region) == identity.New {
		parts = append(parts, Part{"new_region", 15, "in region " + a.Region + ", new to the identity"})
	}
	return parts
}

// After offboarding: switched off at its provider, and still at work somewhere else. The alert hangs on the act.
var afterOffboarding = &Detection{
	Rule: Rule{
		ID: "any_active_after_offboarding", Name: "Active after it was switched off", Severity: 73, Points: 65,
		Description: "An identity that was disabled or deleted in one source acts in another.",
		Covers:      []string{"XS14"}, Techniques: []string{"T1078"}, NHI: []string{"NHI1:2025"},
		Evidence: "the deactivation, and the act after it", Lookalikes: "A session that runs out within the hour.", Tuning: "Revoke sessions and keys when somebody leaves.",
	},
	Within: 24 * time.Hour, Find: findAfterOffboarding,
}

const offboardGrace = 5 * time.Minute

func findAfterOffboarding(c *Case) *Finding {
	a := c.Act
	if c.Who == nil || c.Who.DisabledAt.IsZero() || a.Failed || a.Is(ecs.IdentityEnable, ecs.SignOut, ecs.SessionRevoke, ecs.RiskReport) {
		return nil
	}
	if a.Time.Sub(c.Who.DisabledAt) < offboardGrace || a.Actor.ID == "okta:system" {
		return nil
	}
	f := &Finding{Reason: a.Name + " acts (" + a.Action + ") after it was switched off at " + c.Who.DisabledAt.UTC().Format(time.RFC3339)}
	f.Parts = strangeness(c)
	return f
}
