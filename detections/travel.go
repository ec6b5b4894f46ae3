package detections

import (
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

const (
	flightKMH  = 900            // no airliner is faster from door to door
	nearbyKM   = 300            // less may be the error of the databases that place an address
	usualAfter = 24 * time.Hour // a network that an identity came back to after this is one it uses
)

// leap is the way between two places where an identity was seen, too far for the time between.
type leap struct {
	From identity.Sighting
	KM   float64 // great circle, less both accuracy radii
	Took time.Duration
}

// speed is the speed that the leap would take, in km/h.
func (l leap) speed() float64 {
	return l.KM / max(l.Took.Hours(), 1.0/3600)
}

// String tells the leap in words.
func (l leap) String() string {
	return fmt.Sprintf("%.0f km in %s", l.KM, l.Took.Round(time.Second))
}

// measure is the way from a sighting to an act; ok is false when one of the places is not known.
func measure(from *identity.Sighting, a *Act) (l leap, ok bool) {
	if from == nil || from.Place == nil || !from.Place.HasLocation || a.Place == nil || !a.Place.HasLocation {
		return leap{}, false
	}
	took := a.Time.Sub(from.Time)
	return leap{*from, apartKM(from.Place, a.Place), took}, took >= 0
}

// impossible reports whether nobody can have gone the way.
func (l leap) impossible() bool { return l.KM >= nearbyKM && l.speed() > flightKMH }

// leapFrom reports whether the act is too far from an earlier sighting of the identity that acts, and nothing explains it: not
// the same session or device, no shared egress network at either end, no two places that the identity uses anyway.
func (c *Case) leapFrom(from *identity.Sighting) (leap, bool) {
	a := c.Act
	l, ok := measure(from, a)
	if !ok || !l.impossible() || a.Failed || sameText(from.Session, a.Session) || sameText(from.Device, a.Device) {
		return leap{}, false
	}
	if c.egress(a.Addr) || c.egress(from.Addr) || c.usualPlace(a.Network(), a.Country()) && c.usualPlace(from.Network, from.Place.CountryISO) {
		return leap{}, false
	}
	return l, true
}

// egress reports whether an address belongs to a declared network that many people share.
func (c *Case) egress(addr netip.Addr) bool {
	n := c.Context.NetworkOf(addr)
	return n != nil && n.Kind == "egress"
}

// usualPlace reports whether the identity has used a network in a country for long enough that it is one of its own.
func (c *Case) usualPlace(network, country string) bool {
	return c.own(networks, network) && (country == "" || c.own(countries, country))
}

// own reports whether a value has been the identity's for a day or more.
func (c *Case) own(habit func(*identity.Profile) *identity.Habit, value string) bool {
	if c.Who == nil {
		return false
	}
	first := habit(c.Who).First(value)
	return first != 0 && first <= c.Act.Time.Add(-usualAfter).UnixNano()
}

// sighted is the act of a sighting, with what is left of it when it is not remembered any more.
func (c *Case) sighted(s *identity.Sighting) *Act {
	for _, act := range c.Line.Since(c.Act.Time, lineSpan) {
		if act.ID == s.Doc {
			return act
		}
	}
	return &Act{ID: s.Doc, Index: s.Index, Time: s.Time, Dataset: s.Dataset, Place: s.Place, Addr: s.Addr, Actor: c.Act.Actor, Name: c.Act.Name, Action: "seen"}
}

// sighting is where an act shows its actor to be.
func sighting(a *Act) (s identity.Sighting, ok bool) {
	if a.Failed || a.Place == nil || !a.Place.HasLocation || a.Activity == ecs.RiskReport {
		return s, false
	}
	return identity.Sighting{
		Time: a.Time, Place: a.Place, Addr: a.Addr, Dataset: a.Dataset, Session: a.Session, Device: a.Device,
		Network: a.Network(), Doc: a.ID, Index: a.Index,
	}, true
}

func sameText(a, b string) bool { return a != "" && a == b }

const earthKM = 6371.0088

// apartKM is the least distance there can be between two places: along the great circle, less the radii within which they are known.
func apartKM(a, b *ecs.Place) float64 {
	rad := func(degrees float64) float64 { return degrees * math.Pi / 180 }
	hav := func(x float64) float64 { return math.Pow(math.Sin(x/2), 2) }
	h := hav(rad(b.Lat-a.Lat)) + math.Cos(rad(a.Lat))*math.Cos(rad(b.Lat))*hav(rad(b.Lon-a.Lon))
	km := 2 * earthKM * math.Asin(math.Sqrt(min(h, 1)))
	return max(km-float64(a.AccuracyKM)-float64(b.AccuracyKM), 0)
}
