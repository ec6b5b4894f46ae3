package geoip

import (
	"net/netip"
	"testing"
)

func BenchmarkLookup(b *testing.B) {
	dir := b.TempDir()
	d := mustOpen(b, write(b, dir+"/city", cities(b, "Berlin")), write(b, dir+"/asn", networks(b)))
	addr := netip.MustParseAddr("192.0.2.1")
	b.Run("hit", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			d.Lookup(addr)
		}
	})
	b.Run("miss", func(b *testing.B) {
		b.ReportAllocs()
		s := d.current.Load()
		for b.Loop() {
			s.find(addr)
		}
	})
	b.Run("flood", func(b *testing.B) { // addresses of which each is new
		b.ReportAllocs()
		for addr := netip.MustParseAddr("2001:db8:1::"); b.Loop(); addr = addr.Next() {
			d.Lookup(addr)
		}
	})
}
