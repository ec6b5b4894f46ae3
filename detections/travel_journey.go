package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Travel across sources: each log alone sees one place. Linked, one person is in Berlin at the provider and in Lagos in the cloud, minutes apart.
// The alert hangs on the earlier of the two acts.
var travelAcrossSources = &Detection{
	Rule: Rule{
		ID: "any_travel_across_sources", Name: "Impossible travel across sources", Severity: 73, Points: 55,
		Description: "One linked identity acts in two sources from places too far apart for the time between, with the accuracy of both places taken off.",
		Covers:      []string{"XS8"}, Techniques: []string{"T1078.004"},
		Evidence: "the two acts and their places", Lookalikes: "A VPN or cloud shell: declare its network as egress.", Tuning: "networks of kind egress in the context file.", Chain: true,
	},
	Within: 2 * time.Hour, Find: findTravelAcross,
}

func findTravelAcross(c *Case) *Finding {
	a := c.Act
	if c.Who == nil || c.Machine() || c.Who.Place.Dataset == "" || c.Who.Place.Dataset == a.Dataset {
		return nil
	}
	l, found := c.leapFrom(&c.Who.Place)
	if !found {
		return nil
	}
	f := &Finding{Evidence: []*Act{c.sighted(&l.From)}, Parts: strangeness(c)}
	f.Reason = fmt.Sprintf("%s was in %s (%s) and %s later in %s (%s): %s", a.Name, l.From.Place.CountryISO, l.From.Dataset, l.Took.Round(time.Second), a.Country(), a.Dataset, l)
	return f
}

// Travel, then refresh: the impossible traveller makes the visit last, with a refreshed token or a new session. Travel alone may be a VPN; who refreshes
// tokens from the far place means to stay. The alert hangs on the last act at the first place.
var travelThenRefresh = &Detection{
	Rule: Rule{
		ID: "any_travel_then_refresh", Name: "Impossible travel, then a refreshed token", Severity: 99, Points: 70, Chain: true,
		Description: "An identity appears in a place it cannot have reached, and from there refreshes a token or opens a session within half an hour.",
		Covers:      []string{"XS9"}, Techniques: []string{"T1550.001", "T1528"}, NHI: []string{"NHI2:2025"},
		Evidence: "the two places, and the refresh", Lookalikes: "A VPN switched on in the middle of a session: same device.", Tuning: "networks of kind egress in the context file.",
	},
	On: []ecs.Activity{ecs.TokenRefresh, ecs.TokenIssue, ecs.TokenReuse}, Within: 2 * time.Hour, Find: findTravelThenRefresh,
}

const refreshWithin = 30 * time.Minute

func findTravelThenRefresh(c *Case) *Finding {
	a := c.Act
	if a.Failed && a.Activity != ecs.TokenReuse || c.Who == nil {
		return nil
	}
	from, to, l, found := c.leapBefore(refreshWithin)
	if !found {
		return nil
	}
	f := &Finding{Evidence: []*Act{from}, Parts: strangeness(c)}
	if to.ID != a.ID {
		f.Evidence = append(f.Evidence, to)
	}
	if a.Activity == ecs.TokenReuse {
		f.Parts = append(f.Parts, Part{"replayed", 15, "a used refresh token was presented again"})
	}
	f.Reason = fmt.Sprintf("%s went %s, from %s to %s, and refreshed a token there by %s", a.Name, l, from.Country(), a.Country(), a.Action)
	return f
}

// leapBefore finds the leap by which the identity came to where the act is, no longer than d ago.
func (c *Case) leapBefore(d time.Duration) (from, to *Act, l leap, found bool) {
	acts := append(c.Back(6*time.Hour, func(b *Act) bool { _, ok := sighting(b); return ok }), c.Act)
	for i := len(acts) - 1; i > 0; i-- {
		to = acts[i]
		if c.Act.Time.Sub(to.Time) > d || to.Network() != c.Act.Network() {
			break
		}
		before, _ := sighting(acts[i-1])
		at := *c
		at.Act = to
		if l, found = at.leapFrom(&before); found {
			return acts[i-1], to, l, true
		}
	}
	return nil, nil, leap{}, false
}
