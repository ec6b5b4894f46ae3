package detections

import (
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// newcomer are points for what is new about where and with what an identity comes: never seen before, or only within the day,
// so that the second act of a thief is as strange as the first. Who comes with an own device is on a journey.
func newcomer(c *Case) []Part {
	a := c.Act
	var parts []Part
	if c.own(devices, a.Device) {
		if c.fresh(countries, a.Country()) {
			parts = append(parts, Part{"journey", 10, "the identity was never in " + a.Country() + ", and has its own device there"})
		}
		return parts
	}
	if c.fresh(devices, a.Device) {
		parts = append(parts, Part{"new_device", 15, "the device is new to the identity"})
	}
	if c.egress(a.Addr) {
		return parts
	}
	if c.fresh(networks, a.Network()) {
		parts = append(parts, Part{"new_network", 10, "the network is new to the identity"})
	}
	if c.fresh(countries, a.Country()) {
		parts = append(parts, Part{"new_country", 15, "the identity was never in " + a.Country()})
	}
	return parts
}

// fresh reports whether a value is new to an identity that is known well, or has been its own, beside others, for less than a day.
func (c *Case) fresh(habit func(*identity.Profile) *identity.Habit, value string) bool {
	if c.Novelty(habit, value) == identity.New {
		return true
	}
	if !c.Who.Mature(c.Act.Time, c.Context.Maturity()) {
		return false
	}
	h := habit(c.Who)
	return h.Has(value) && h.Len() > 1 && !h.Forgot() && !c.own(habit, value)
}

// atHome are points taken off where an identity comes from its own network or with its own device.
func atHome(c *Case) []Part {
	a := c.Act
	var parts []Part
	if c.usualPlace(a.Network(), a.Country()) {
		parts = append(parts, Part{"own_network", -20, "from a network that the identity uses anyway"})
	}
	if c.own(devices, a.Device) {
		parts = append(parts, Part{"own_device", -10, "with a device that the identity uses anyway"})
	}
	return parts
}

// asPerson weighs what one record says of a sign-in with where and with what the identity comes.
func asPerson(c *Case) *Finding { return &Finding{Parts: append(newcomer(c), atHome(c)...)} }

// enrolled takes points off when the identity has just proved itself in the same session, or set up a factor there: a new
// machine of one's own is new, too.
func enrolled(c *Case) []Part {
	proved := c.Back(time.Hour, func(b *Act) bool {
		return b.Is(ecs.MFAEnroll, ecs.MFAApproved) && (sameText(b.Session, c.Act.Session) || sameText(b.Device, c.Act.Device))
	})
	if len(proved) == 0 {
		return nil
	}
	return []Part{{"proved", -15, "a second factor was given or set up in the same session"}}
}

// sumOf adds up the points of parts.
func sumOf(parts []Part) int {
	sum := 0
	for _, p := range parts {
		sum += p.Points
	}
	return sum
}

// rows counts rows of the kind of which there are most: several kinds may tell the same thing.
func rows(acts []*Act) int {
	count, most := map[string]int{}, 0
	for i := range acts {
		count[acts[i].Action]++
		most = max(most, count[acts[i].Action])
	}
	return most
}

// actorOf names who acted, as the record does.
func actorOf(a *Act) string { return a.Actor.ID }
