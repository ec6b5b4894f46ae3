package detections

import (
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

var (
	berlinPlace = &ecs.Place{CountryISO: "DE", Lat: 52.52, Lon: 13.405, HasLocation: true, AccuracyKM: 20, ASN: 64496}
	lagosPlace  = &ecs.Place{CountryISO: "NG", Lat: 6.5244, Lon: 3.3792, HasLocation: true, AccuracyKM: 50, ASN: 64999}
	parisPlace  = &ecs.Place{CountryISO: "FR", Lat: 48.8566, Lon: 2.3522, HasLocation: true, AccuracyKM: 20, ASN: 64700}
	noPlace     = &ecs.Place{CountryISO: "DE", ASN: 64496}
)

func TestApart(t *testing.T) {
	for _, test := range []struct {
		name string
		a, b *ecs.Place
		want float64
	}{
		{"Berlin to Lagos less 70 km", berlinPlace, lagosPlace, 5196 - 70},
		{"Berlin to Paris less 40 km", berlinPlace, parisPlace, 878 - 40},
		{"to itself", berlinPlace, berlinPlace, 0},
		{"over the date line", &ecs.Place{Lat: 0, Lon: 179.5}, &ecs.Place{Lat: 0, Lon: -179.5}, 111},
		{"from pole to pole", &ecs.Place{Lat: 90}, &ecs.Place{Lat: -90}, 20015},
		{"within both radii", &ecs.Place{Lat: 50, AccuracyKM: 500}, &ecs.Place{Lat: 51, AccuracyKM: 500}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := apartKM(test.a, test.b); math.Abs(got-test.want) > 5 {
				t.Errorf("got %.1f km, want %.1f", got, test.want)
			}
			if there, back := apartKM(test.a, test.b), apartKM(test.b, test.a); math.Abs(there-back) > 1e-9 {
				t.Errorf("there %v km, back %v", there, back)
			}
		})
	}
}

// travelCase is somebody seen in Berlin, who acts somewhere else later.
func travelCase(to *ecs.Place, after time.Duration) (*Case, *identity.Sighting) {
	at := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	from := &identity.Sighting{Time: at, Place: berlinPlace, Addr: netip.MustParseAddr("203.0.113.10"), Session: "s1", Device: "d1", Network: "as64496"}
	a := &Act{Time: at.Add(after), Place: to, Addr: netip.MustParseAddr("192.0.2.200"), Session: "s2", Device: "d2"}
	return &Case{Act: a, Context: DefaultContext(), Who: &identity.Profile{}}, from
}

func TestLeap(t *testing.T) {
	for _, test := range []struct {
		name  string
		to    *ecs.Place
		after time.Duration
		edit  func(*Case)
		want  bool
	}{
		{"Lagos after ten minutes", lagosPlace, 10 * time.Minute, nil, true},
		{"Lagos at the same moment", lagosPlace, 0, nil, true},
		{"Lagos after a flight", lagosPlace, 6 * time.Hour, nil, false},
		{"just too fast", lagosPlace, 5*time.Hour + 40*time.Minute, nil, true},
		{"Paris after a flight", parisPlace, time.Hour, nil, false},
		{"Paris after half an hour", parisPlace, 30 * time.Minute, nil, true},
		{"earlier than seen", lagosPlace, -time.Minute, nil, false},
		{"nowhere", noPlace, time.Minute, nil, false},
		{"refused", lagosPlace, time.Minute, func(c *Case) { c.Act.Failed = true }, false},
		{"same session", lagosPlace, time.Minute, func(c *Case) { c.Act.Session = "s1" }, false},
		{"same device", lagosPlace, time.Minute, func(c *Case) { c.Act.Device = "d1" }, false},
		{"no session and no device", lagosPlace, time.Minute, func(c *Case) { c.Act.Session, c.Act.Device = "", "" }, true},
		{"to an egress network", lagosPlace, time.Minute, func(c *Case) { declare(c, "192.0.2.0/24") }, false},
		{"from an egress network", lagosPlace, time.Minute, func(c *Case) { declare(c, "203.0.113.0/24") }, false},
		{"from one of two known networks", lagosPlace, time.Minute, func(c *Case) { use(c, "as64496", "DE", 72*time.Hour) }, true},
		{"between two own networks", lagosPlace, time.Minute, func(c *Case) {
			use(c, "as64496", "DE", 72*time.Hour)
			use(c, "as64999", "NG", 72*time.Hour)
		}, false},
		{"into a network of an hour ago", lagosPlace, time.Minute, func(c *Case) {
			use(c, "as64496", "DE", 72*time.Hour)
			use(c, "as64999", "NG", time.Hour)
		}, true},
		{"known network, new country", lagosPlace, time.Minute, func(c *Case) {
			use(c, "as64496", "DE", 72*time.Hour)
			use(c, "as64999", "DE", 72*time.Hour)
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, from := travelCase(test.to, test.after)
			if test.edit != nil {
				test.edit(c)
			}
			if l, got := c.leapFrom(from); got != test.want {
				t.Errorf("got %v (%s, %.0f km/h), want %v", got, l, l.speed(), test.want)
			}
		})
	}
}

func declare(c *Case, cidr string) {
	c.Context.Networks = append(c.Context.Networks, Network{Name: "office", Kind: "egress", CIDRs: []netip.Prefix{netip.MustParsePrefix(cidr)}})
}

func use(c *Case, network, country string, before time.Duration) {
	at := c.Act.Time.Add(-before).UnixNano()
	c.Who.Networks.Add(network, at)
	c.Who.Countries.Add(country, at)
}

func TestSeenOnEachSource(t *testing.T) {
	at := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	var p, q identity.Profile
	p.See(identity.Sighting{Time: at, Dataset: "okta.system", Doc: "1"})
	p.See(identity.Sighting{Time: at.Add(time.Hour), Dataset: "azure.signinlogs", Doc: "2"})
	q.See(identity.Sighting{Time: at.Add(time.Minute), Dataset: "okta.system", Doc: "3"})
	p.Merge(&q)
	if got := p.SeenOn("okta.system").Doc; got != "3" {
		t.Errorf("got %q, want the later sighting", got)
	}
	if got := p.SeenOn("azure.signinlogs").Doc; got != "2" {
		t.Errorf("got %q, want the other source's sighting", got)
	}
	if p.SeenOn("aws.cloudtrail") != nil {
		t.Error("got a sighting on a source it was never on")
	}
}
