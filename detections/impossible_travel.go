package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Impossible travel: somebody is in two places too far apart for the time between, so there are two of them. The alert hangs on
// the earlier of the two sightings: the later one may have come before it into the log.
var (
	oktaTravel = &Detection{
		Rule: Rule{
			ID: "okta_impossible_travel", Name: "Impossible travel in Okta", Severity: 73, Points: 55,
			Description: "A person comes to Okta from two places further apart than an airliner goes in the time between, both accuracy radii taken off.",
			Covers:      []string{"AU6"}, Techniques: []string{"T1078.004"},
			Evidence: "the two sign-ins and their places", Lookalikes: "A VPN, a mobile network, a proxy of a browser: same session or device, or both places one's own.",
			Tuning: "Declare shared networks as egress.",
		},
		On: arrivals, Within: 12 * time.Hour, Find: findTravelOn(okta),
	}
	entraTravel = &Detection{
		Rule: Rule{
			ID: "entra_impossible_travel", Name: "Impossible travel in Entra", Severity: 73, Points: 55,
			Description: "A person comes to Entra from two places further apart than an airliner goes in the time between, both accuracy radii taken off.",
			Covers:      []string{"AU16"}, Techniques: []string{"T1078.004"},
			Evidence: "the two sign-ins and their places", Lookalikes: "A VPN; a web application that redeems tokens for its users, whose addresses are not theirs and do not count.",
			Tuning: "Declare shared networks as egress.",
		},
		On: arrivals, Within: 12 * time.Hour, Find: findTravelOn(entraSignIn),
	}
)

// arrivals are acts that show a person to be somewhere.
var arrivals = []ecs.Activity{ecs.SignIn, ecs.SSO, ecs.MFAApproved, ecs.TokenRefresh, ecs.TokenIssue, ecs.Elevation, ecs.MFAEnroll}

func findTravelOn(dataset string) func(*Case) *Finding {
	return func(c *Case) *Finding {
		if c.Act.Dataset != dataset || c.Act.Actor.Kind != ecs.Human {
			return nil
		}
		l, found := c.leapFrom(c.Who.SeenOn(dataset))
		if !found || c.goesOnAt(l.From.Time) {
			return nil
		}
		return &Finding{
			Evidence: []*Act{c.sighted(&l.From)}, Parts: newcomer(c),
			Reason: fmt.Sprintf("%s went from %s to %s: %s, %.0f km/h", c.Act.Name, where(l.From.Place), where(c.Act.Place), l, l.speed()),
		}
	}
}

// goesOnAt reports whether the act only goes on with what the identity did here before a time: then it was not this act that
// leapt, but the one in between.
func (c *Case) goesOnAt(before time.Time) bool {
	a := c.Act
	return len(c.Back(lineSpan, func(b *Act) bool {
		return b.Time.Before(before) && !b.Failed && b.Network() == a.Network() && (sameText(b.Session, a.Session) || sameText(b.Device, a.Device))
	})) > 0
}

// where names a place for a reader.
func where(p *ecs.Place) string {
	if p.City != "" {
		return p.City + " (" + p.CountryISO + ")"
	}
	return ecs.FirstOf(p.Country, p.CountryISO, fmt.Sprintf("%.1f, %.1f", p.Lat, p.Lon))
}
