package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// spot is what a vendor tells of where an address is.
type spot struct {
	country, city string
	lat, lon      float64
	located       bool
	asn           uint32
}

// Vendors give a point without saying how far it may be off.
const (
	cityKM    = 50
	countryKM = 500
)

// placesKept bounds the places that are kept.
const placesKept = 1 << 14

// placed reports whether GeoIP databases know a place well enough to leave the record's own words alone.
func placed(p *ecs.Place) bool { return p != nil && (p.HasLocation || p.CountryISO != "") }

// place is where an act came from: what the GeoIP databases know, or else what the record itself says.
func (w *words) place(known *ecs.Place, s spot) *ecs.Place {
	if placed(known) {
		return known
	}
	if known != nil && known.ASN != 0 {
		s.asn = known.ASN
	}
	if !s.located && s.country == "" && s.asn == 0 {
		return known
	}
	if have := w.places[s]; have != nil {
		return have
	}
	s.country, s.city = strings.Clone(s.country), strings.Clone(s.city)
	p := &ecs.Place{CountryISO: s.country, City: s.city, Lat: s.lat, Lon: s.lon, HasLocation: s.located, ASN: s.asn, AccuracyKM: countryKM}
	if s.city != "" {
		p.AccuracyKM = cityKM
	}
	if len(w.places) >= placesKept {
		clear(w.places)
	}
	w.places[s] = p
	return p
}

// point reads coordinates, which must lie on earth.
func (s *spot) point(lat, lon record.Value) {
	x, okX := lat.Float()
	y, okY := lon.Float()
	if okX && okY && x >= -90 && x <= 90 && y >= -180 && y <= 180 && (x != 0 || y != 0) {
		s.lat, s.lon, s.located = x, y, true
	}
}
