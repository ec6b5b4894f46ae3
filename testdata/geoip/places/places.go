// Package places lists the made-up networks of the demo company and of those who visit it: where each one is and who runs it.
//
// Addresses come from the ranges kept for documentation (RFC 5737, RFC 3849) and from the shared range of RFC 6598; numbers
// of autonomous systems from RFC 5398. Nobody's real network is in here.
package places

import (
	"fmt"
	"net/netip"
)

// Place is a point on the map as a GeoIP city database tells it.
type Place struct {
	City, Postal             string
	Region, RegionISO        string
	Country, CountryISO      string
	Continent, ContinentCode string
	Zone                     string
	Lat, Lon                 float64
	RadiusKM                 uint16
}

// Network is one range of addresses with its operator and its place.
type Network struct {
	Name   string
	Prefix netip.Prefix
	ASN    uint32
	Org    string
	Domain string
	Place  Place
}

// Find returns the network of that name; a name that is not in the list is a mistake of the caller and panics.
func Find(name string) Network {
	for _, n := range Networks {
		if n.Name == name {
			return n
		}
	}
	panic(fmt.Sprintf("places: no network %q", name))
}

// Of returns the smallest network that holds the address.
func Of(addr netip.Addr) (Network, bool) {
	var best Network
	for _, n := range Networks {
		if n.Prefix.Contains(addr) && n.Prefix.Bits() >= best.Prefix.Bits() {
			best = n
		}
	}
	return best, best.Name != ""
}

// Host returns the i-th usable address of the network; the count starts again where the network ends.
func (n Network) Host(i uint32) netip.Addr {
	hostBits := n.Prefix.Addr().BitLen() - n.Prefix.Bits()
	room := uint32(1)<<min(hostBits, 16) - 2
	b := n.Prefix.Addr().AsSlice()
	add := 1 + i%room
	b[len(b)-1] += byte(add)
	b[len(b)-2] += byte(add >> 8)
	addr, _ := netip.AddrFromSlice(b)
	return addr
}
