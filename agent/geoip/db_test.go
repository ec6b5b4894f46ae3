package geoip

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter/mmdbtype"
)

func TestLookup(t *testing.T) {
	dir := t.TempDir()
	d := mustOpen(t, write(t, dir+"/city", cities(t, "Berlin")), write(t, dir+"/asn", networks(t)))
	const berlin = `{"continent_name":"Europe","country_iso_code":"DE","country_name":"Germany","location":{"lat":52.5,"lon":13},` +
		`"region_iso_code":"DE-BE","region_name":"Land Berlin","city_name":"Berlin"}`
	for _, c := range []struct{ name, addr, geo, as string }{
		{"everything", "192.0.2.1", berlin, `{"number":64500,"organization":{"name":"Spree DSL"}}`},
		{"IPv4 in IPv6", "::ffff:192.0.2.1", berlin, `{"number":64500,"organization":{"name":"Spree DSL"}}`},
		{"a location off the earth", "192.0.2.17", `{"country_iso_code":"DE","country_name":"Germany"}`, `{"number":64500,"organization":{"name":"Spree DSL"}}`},
		{"no country but a registered one, no organization", "192.0.2.33", "", `{"number":64501}`},
		{"a region without a country, half a location", "192.0.2.49", `{"region_name":"Land Berlin"}`, `{"number":64501}`},
		{"IPv6 with a zone, and none in the database of networks", "2001:db8:1::1%eth0",
			`{"country_iso_code":"NO","country_name":"Nor\"way","location":{"lat":0,"lon":-10.25}}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := d.Lookup(netip.MustParseAddr(c.addr))
			if got == nil {
				t.Fatal("nothing found")
			}
			if string(got.GeoJSON) != c.geo || string(got.ASJSON) != c.as {
				t.Errorf("got  %s %s\nwant %s %s", got.GeoJSON, got.ASJSON, c.geo, c.as)
			}
		})
	}
	place := d.Lookup(netip.MustParseAddr("192.0.2.1"))
	if !place.HasLocation || place.Lat != 52.5 || place.Lon != 13 || place.AccuracyKM != 5 || place.ASN != 64500 || place.RegionISO != "DE-BE" {
		t.Errorf("got %+v", place)
	}
	for _, unknown := range []netip.Addr{netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("::1"), {}} {
		if got := d.Lookup(unknown); got != nil {
			t.Errorf("%s: got %+v, want nothing", unknown, got)
		}
	}
	if err := d.Refresh(); err != nil {
		t.Errorf("a lookup met a fault: %v", err)
	}
}

func TestLookupHitAllocatesNothing(t *testing.T) {
	d := mustOpen(t, write(t, t.TempDir()+"/city", cities(t, "Berlin")), "")
	for _, text := range []string{"192.0.2.1", "::ffff:192.0.2.1", "198.51.100.1"} {
		addr := netip.MustParseAddr(text)
		if got := testing.AllocsPerRun(100, func() { d.Lookup(addr) }); got != 0 {
			t.Errorf("%s: %v allocations, want 0", text, got)
		}
	}
}

func TestWithoutDatabases(t *testing.T) {
	addr := netip.MustParseAddr("192.0.2.1")
	for _, d := range []*DB{nil, mustOpen(t, "", "")} {
		if d.Lookup(addr) != nil || d.Refresh() != nil || d.Close() != nil {
			t.Error("something from nothing")
		}
	}
}

func TestClose(t *testing.T) {
	d := mustOpen(t, write(t, t.TempDir()+"/city", cities(t, "Berlin")), "")
	addr := netip.MustParseAddr("192.0.2.1")
	if d.Lookup(addr) == nil {
		t.Fatal("nothing found")
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Refresh(); err != nil || d.Lookup(addr) != nil {
		t.Errorf("still open: %v", err)
	}
}

func TestFaultIsReported(t *testing.T) {
	records := map[string]record{"203.0.113.0/24": {"country": mmdbtype.String("not a map")}}
	for i := range tried {
		records[netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 32).String()] = record{"city": name("C" + string(rune('a'+i%26)))}
	}
	d := mustOpen(t, write(t, t.TempDir()+"/city", database(t, "test-City", 6, records)), "")
	addr := netip.MustParseAddr("203.0.113.7")
	if d.Lookup(addr) != nil {
		t.Error("something found")
	}
	err := d.Refresh()
	if err == nil || strings.Contains(err.Error(), addr.String()) {
		t.Errorf("got %v, want an error without the address", err)
	}
}

func TestDemoDatabases(t *testing.T) {
	dir := filepath.Join("..", "..", "testdata", "geoip")
	d := mustOpen(t, filepath.Join(dir, "City.mmdb"), filepath.Join(dir, "ASN.mmdb"))
	got := d.Lookup(netip.MustParseAddr("203.0.113.5"))
	if got == nil || got.City != "Berlin" || got.RegionISO != "DE-BE" || got.ASN == 0 {
		t.Errorf("got %+v", got)
	}
}

// TestPlacesLikeElasticsearch reads documents of Elastic's pipelines, and the databases they were made with, beside
// the repository.
func TestPlacesLikeElasticsearch(t *testing.T) {
	shared := filepath.Join("..", "..", "..", "shared")
	files, _ := filepath.Glob(filepath.Join(shared, "conformance", "*", "*-expected.json"))
	if len(files) == 0 {
		t.Skipf("skipped: no documents of Elasticsearch in %s", shared)
	}
	d := mustOpen(t, filepath.Join(shared, "geoip", "GeoLite2-City.mmdb"), filepath.Join(shared, "geoip", "GeoLite2-ASN.mmdb"))
	seen := map[string]bool{}
	for _, file := range files {
		for _, source := range readSources(t, file) {
			addr, err := netip.ParseAddr(source.IP)
			if err != nil || seen[source.IP] {
				continue
			}
			seen[source.IP] = true
			var geo, as []byte
			if place := d.Lookup(addr); place != nil {
				geo, as = place.GeoJSON, place.ASJSON
			}
			checkJSON(t, source.IP, geo, source.Geo)
			checkJSON(t, source.IP, as, source.AS)
		}
	}
	t.Logf("%d addresses", len(seen))
}

type source struct {
	IP  string          `json:"ip"`
	Geo json.RawMessage `json:"geo"`
	AS  json.RawMessage `json:"as"`
}

func readSources(t *testing.T, file string) (found []source) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var documents struct {
		Expected []*struct {
			Source source `json:"source"`
		} `json:"expected"`
	}
	if err := json.Unmarshal(text, &documents); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for _, document := range documents.Expected {
		if document != nil {
			found = append(found, document.Source)
		}
	}
	return found
}

// checkJSON compares objects; no text stands for no object.
func checkJSON(t *testing.T, ip string, got, want []byte) {
	t.Helper()
	var g, w any
	if len(got) > 0 {
		if err := json.Unmarshal(got, &g); err != nil {
			t.Fatal(err)
		}
	}
	if len(want) > 0 {
		if err := json.Unmarshal(want, &w); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("%s: got %s, want %s", ip, got, want)
	}
}
