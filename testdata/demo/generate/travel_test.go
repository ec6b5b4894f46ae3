package main

import (
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/testdata/geoip/places"
)

// sighting is a person seen at an address.
type sighting struct {
	at    time.Time
	net   places.Network
	abuse bool
}

// Nobody is in two places at once but whoever pretends to be Mara: offices and VPN, which many people share, apart.
func TestOnlyTheAbuseFlies(t *testing.T) {
	flights := 0
	for who, seen := range sightings(generate(1)) {
		slices.SortFunc(seen, func(a, b sighting) int { return a.at.Compare(b.at) })
		for i := range seen[1:] {
			a, b := seen[i], seen[i+1]
			slack := float64(a.net.Place.RadiusKM + b.net.Place.RadiusKM)
			far := distance(a.net.Place, b.net.Place) - slack
			if far < 100 || far/b.at.Sub(a.at).Hours() < 900 {
				continue
			}
			flights++
			if !b.abuse {
				t.Errorf("%s: %s at %s, %s at %s", who, a.net.Name, a.at, b.net.Name, b.at)
			}
		}
	}
	if flights == 0 {
		t.Error("the abuse shows no impossible travel")
	}
}

func sightings(w *world) map[string][]sighting {
	all := map[string][]sighting{}
	for _, r := range w.records {
		var who string
		var addr any
		switch body := r.body.(type) {
		case oktaEvent:
			who, addr = body.Actor.AlternateID, body.Client.IPAddress
		case entraEvent:
			if s, ok := body.Properties.(signIn); ok {
				who, addr = s.UserPrincipalName, s.IPAddress
			}
		case awsEvent:
			who, addr = body.UserIdentity.UserName, body.SourceIPAddress
		}
		text, _ := addr.(string)
		ip, err := netip.ParseAddr(text)
		if net, ok := places.Of(ip); err == nil && ok && strings.Contains(who, "@") && !strings.HasPrefix(net.Name, "office") && net.Name != "vpn" {
			all[who] = append(all[who], sighting{r.at, net, r.truth != nil && r.truth.Truth == "abuse"})
		}
	}
	return all
}

// distance is in km along the surface.
func distance(a, b places.Place) float64 {
	rad := math.Pi / 180
	h := math.Pow(math.Sin((b.Lat-a.Lat)*rad/2), 2) + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Pow(math.Sin((b.Lon-a.Lon)*rad/2), 2)
	return 2 * 6371 * math.Asin(math.Sqrt(h))
}
