package geoip

import (
	"bytes"
	"net"
	"os"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

type record = mmdbtype.Map

func name(s string) record { return record{"names": record{"en": mmdbtype.String(s)}} }

func region(iso, s string) record {
	r := name(s)
	r["iso_code"] = mmdbtype.String(iso)
	return r
}

func location(lat, lon float64) record {
	return record{"latitude": mmdbtype.Float64(lat), "longitude": mmdbtype.Float64(lon), "accuracy_radius": mmdbtype.Uint16(5)}
}

func network(number uint32, organization string) record {
	r := record{"autonomous_system_number": mmdbtype.Uint32(number)}
	if organization != "" {
		r["autonomous_system_organization"] = mmdbtype.String(organization)
	}
	return r
}

// database makes a database of some networks.
func database(t testing.TB, kind string, version int, records map[string]record) []byte {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{
		DatabaseType: kind, IPVersion: version, RecordSize: 24, IncludeReservedNetworks: true, BuildEpoch: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	for prefix, r := range records {
		_, network, err := net.ParseCIDR(prefix)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(network, r); err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if _, err := tree.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func cities(t testing.TB, city string) []byte {
	return database(t, "test-City", 6, map[string]record{
		"192.0.2.0/28": {
			"continent": name("Europe"), "country": region("DE", "Germany"), "city": name(city), "location": location(52.5, 13),
			"subdivisions": mmdbtype.Slice{region("X", "East"), region("BE", "Land Berlin")},
		},
		"192.0.2.16/28":   {"country": region("DE", "Germany"), "location": location(91, 0)},
		"192.0.2.32/28":   {"registered_country": region("DE", "Germany")},
		"192.0.2.48/28":   {"subdivisions": mmdbtype.Slice{region("BE", "Land Berlin")}, "location": record{"latitude": mmdbtype.Float64(1)}},
		"2001:db8:1::/48": {"country": region("NO", "Nor\"way"), "location": location(0, -10.25)},
	})
}

func networks(t testing.TB) []byte {
	return database(t, "test-ASN", 4, map[string]record{
		"192.0.2.0/27": network(64500, "Spree DSL"), "192.0.2.32/27": network(64501, ""),
	})
}

// write puts a file into place as geoipupdate does, by renaming.
func write(t testing.TB, path string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustOpen(t testing.TB, city, asn string) *DB {
	t.Helper()
	d, err := Open(city, asn)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
