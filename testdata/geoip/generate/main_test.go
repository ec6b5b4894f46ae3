package main

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/idwatch/idwatch/testdata/geoip/places"
	"github.com/oschwald/maxminddb-golang/v2"
)

// The committed files are what the list makes: who changes one has to change the other.
func TestCommittedFilesAreCurrent(t *testing.T) {
	for name, db := range map[string]database{"City.mmdb": city, "ASN.mmdb": asn} {
		want, err := db.build(places.Networks)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the list makes; run: make geoip", name)
		}
	}
}

func TestEveryNetworkIsFound(t *testing.T) {
	cities, asns := open(t, city), open(t, asn)
	for _, n := range places.Networks {
		addr := n.Host(7)
		var where struct {
			Country struct {
				ISO string `maxminddb:"iso_code"`
			} `maxminddb:"country"`
			Location struct {
				Lat float64 `maxminddb:"latitude"`
			} `maxminddb:"location"`
		}
		var who struct {
			Number uint32 `maxminddb:"autonomous_system_number"`
		}
		if err := cities.Lookup(addr).Decode(&where); err != nil {
			t.Fatal(err)
		}
		if err := asns.Lookup(addr).Decode(&who); err != nil {
			t.Fatal(err)
		}
		if where.Country.ISO != n.Place.CountryISO || where.Location.Lat != n.Place.Lat || who.Number != n.ASN {
			t.Errorf("%s: %s gives %+v %+v", n.Name, addr, where, who)
		}
	}
}

func TestAddressesOfNobody(t *testing.T) {
	for _, n := range places.Networks {
		if !reserved(n.Prefix.Addr()) {
			t.Errorf("%s: %s is somebody's real network", n.Name, n.Prefix)
		}
		if back, ok := places.Of(n.Host(3)); !ok || back.Name != n.Name {
			t.Errorf("%s: its own address is found in %q", n.Name, back.Name)
		}
	}
}

func reserved(addr netip.Addr) bool {
	for _, p := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "100.64.0.0/10", "2001:db8::/32"} {
		if netip.MustParsePrefix(p).Contains(addr) {
			return true
		}
	}
	return false
}

func open(t *testing.T, db database) *maxminddb.Reader {
	t.Helper()
	b, err := db.build(places.Networks)
	if err != nil {
		t.Fatal(err)
	}
	r, err := maxminddb.OpenBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}
