// Command generate writes the GeoIP test databases of this folder from the list in package places.
// The same list gives the same bytes, so that the committed files can be checked.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/idwatch/idwatch/testdata/geoip/places"
	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// The time written into the databases: fixed, or two runs would differ.
const buildEpoch = 1788220800 // 2026-09-01T00:00:00Z

func main() {
	out := flag.String("out", "testdata/geoip", "folder to write City.mmdb and ASN.mmdb to")
	flag.Parse()
	for name, kind := range map[string]database{"City.mmdb": city, "ASN.mmdb": asn} {
		if err := writeFile(filepath.Join(*out, name), kind); err != nil {
			slog.Error("write GeoIP database", "file", name, "err", err)
			os.Exit(1)
		}
	}
}

func writeFile(path string, db database) error {
	b, err := db.build(places.Networks)
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}

// database is one kind of file: its type, as readers ask for it, and what it says of a network.
type database struct {
	kind   string
	record func(places.Network) mmdbtype.Map
}

var (
	city = database{"idwatch-demo-City", cityRecord}
	asn  = database{"idwatch-demo-ASN", asnRecord}
)

func (db database) build(networks []places.Network) ([]byte, error) {
	tree, err := mmdbwriter.New(mmdbwriter.Options{
		BuildEpoch:              buildEpoch,
		DatabaseType:            db.kind,
		Description:             map[string]string{"en": "made-up networks for the demo and the tests of idwatch"},
		Languages:               []string{"en"},
		RecordSize:              24,
		IncludeReservedNetworks: true, // all of ours are
	})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", db.kind, err)
	}
	for _, n := range networks {
		_, prefix, err := net.ParseCIDR(n.Prefix.String())
		if err != nil {
			return nil, fmt.Errorf("read network %s: %w", n.Name, err)
		}
		if err := tree.Insert(prefix, db.record(n)); err != nil {
			return nil, fmt.Errorf("insert network %s: %w", n.Name, err)
		}
	}
	var buf bytes.Buffer
	if _, err := tree.WriteTo(&buf); err != nil {
		return nil, fmt.Errorf("write %s: %w", db.kind, err)
	}
	return buf.Bytes(), nil
}

func asnRecord(n places.Network) mmdbtype.Map {
	return mmdbtype.Map{
		"autonomous_system_number":       mmdbtype.Uint32(n.ASN),
		"autonomous_system_organization": mmdbtype.String(n.Org),
	}
}

// cityRecord leaves out what is not known, as the real databases do for a network of which only the country is known.
func cityRecord(n places.Network) mmdbtype.Map {
	p := n.Place
	m := mmdbtype.Map{
		"continent": mmdbtype.Map{"code": mmdbtype.String(p.ContinentCode), "names": english(p.Continent)},
		"country":   mmdbtype.Map{"iso_code": mmdbtype.String(p.CountryISO), "names": english(p.Country)},
		"location": mmdbtype.Map{
			"accuracy_radius": mmdbtype.Uint16(p.RadiusKM),
			"latitude":        mmdbtype.Float64(p.Lat),
			"longitude":       mmdbtype.Float64(p.Lon),
			"time_zone":       mmdbtype.String(p.Zone),
		},
	}
	if p.City != "" {
		m["city"] = mmdbtype.Map{"names": english(p.City)}
		m["postal"] = mmdbtype.Map{"code": mmdbtype.String(p.Postal)}
	}
	if p.RegionISO != "" {
		region := mmdbtype.Map{"iso_code": mmdbtype.String(p.RegionISO[len(p.CountryISO)+1:]), "names": english(p.Region)}
		m["subdivisions"] = mmdbtype.Slice{region}
	}
	return m
}

func english(name string) mmdbtype.Map { return mmdbtype.Map{"en": mmdbtype.String(name)} }
