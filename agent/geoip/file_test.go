package geoip

import (
	"encoding/json"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/maxmind/mmdbwriter/mmdbtype"
)

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	good := cities(t, "Berlin")
	for _, c := range []struct{ name, city, asn, want string }{
		{"missing city", dir + "/none", "", "open GeoIP city database: stat " + dir + "/none"},
		{"missing ASN", "", dir + "/none", "open GeoIP ASN database: stat " + dir + "/none"},
		{"directory", dir, "", "no regular file"},
		{"empty", write(t, dir+"/empty", nil), "", "invalid MaxMind DB file"},
		{"text", write(t, dir+"/text", []byte("no database")), "", "invalid MaxMind DB file"},
		{"cut off", write(t, dir+"/cut", good[:len(good)-200]), "", "open GeoIP city database: read " + dir + "/cut"},
		{"networks as cities", write(t, dir+"/asn", networks(t)), "", `nothing of use in a database of type "test-ASN"`},
		{"cities as networks", "", write(t, dir+"/city", good), `nothing of use in a database of type "test-City"`},
		{"a wrong type", write(t, dir+"/odd", database(t, "odd", 6, map[string]record{
			"192.0.2.0/28": {"country": mmdbtype.String("DE")}})), "", "open GeoIP city database: read " + dir + "/odd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(c.city, c.asn)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestRefresh(t *testing.T) {
	path := write(t, t.TempDir()+"/city", cities(t, "Berlin"))
	d := mustOpen(t, path, "")
	check := func(step, city string, wantErr bool) {
		t.Helper()
		if err := d.Refresh(); (err != nil) != wantErr {
			t.Errorf("%s: got error %v", step, err)
		}
		if got := d.Lookup(netip.MustParseAddr("192.0.2.1")); got == nil || got.City != city {
			t.Errorf("%s: got %+v, want %s", step, got, city)
		}
	}
	check("unchanged", "Berlin", false)
	before := d.current.Load()
	check("unchanged again", "Berlin", false)
	if d.current.Load() != before {
		t.Error("a file that is the same was read again")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, cities(t, "Dublin"))
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	check("another file, as old and as large", "Dublin", false)

	write(t, path, []byte("broken"))
	check("broken", "Dublin", true)
	check("still broken", "Dublin", true)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	check("gone", "Dublin", true)
	write(t, path, cities(t, "Lisbon"))
	check("whole again", "Lisbon", false)

	if err := os.WriteFile(path, cities(t, "Boston"), 0o600); err != nil { // into the same inode
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Time{}, info.ModTime().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	check("written in place", "Boston", false)
}

func TestRefreshUnderLookups(t *testing.T) {
	path := write(t, t.TempDir()+"/city", cities(t, "Berlin"))
	d := mustOpen(t, path, "")
	stop := make(chan struct{})
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for i := byte(0); ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if got := d.Lookup(netip.AddrFrom4([4]byte{192, 0, 2, i % 16})); got == nil || len(got.City) != len("Berlin") {
					t.Errorf("got %+v", got)
					return
				}
			}
		})
	}
	for i := range 20 {
		write(t, path, cities(t, []string{"Dublin", "Berlin"}[i%2]))
		if err := d.Refresh(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	wait.Wait()
}

// FuzzOpen asserts that a damaged database is refused or answers with objects that Elasticsearch takes.
func FuzzOpen(f *testing.F) {
	f.Add(cities(f, "Berlin"))
	f.Add(networks(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, read := range []readFunc{readPlace, readNetwork} {
			opened, err := open(data, read)
			if err != nil {
				continue
			}
			d := &DB{city: file{table: opened}}
			d.swap()
			for _, addr := range []string{"192.0.2.1", "192.0.2.17", "192.0.2.49", "2001:db8:1::1", "::"} {
				place := d.Lookup(netip.MustParseAddr(addr))
				if place == nil {
					continue
				}
				for _, object := range [][]byte{place.GeoJSON, place.ASJSON} {
					if object != nil && (!json.Valid(object) || object[0] != '{') {
						t.Errorf("%s: %s", addr, object)
					}
				}
				if place.HasLocation && !isOnEarth(place.Lat, place.Lon) {
					t.Errorf("%s: at %v, %v", addr, place.Lat, place.Lon)
				}
			}
		}
	})
}
