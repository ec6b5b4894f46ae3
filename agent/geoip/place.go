package geoip

import (
	"math"
	"strconv"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// names are the names of a thing in several languages, of which Elastic writes the English one.
type names struct {
	English string `maxminddb:"en,maxsize:512"`
}

// area is a country or a part of one.
type area struct {
	ISO   string `maxminddb:"iso_code,maxsize:16"`
	Names names  `maxminddb:"names"`
}

// cityRecord is what is read of a GeoIP2 or GeoLite2 City, Country or Enterprise record.
// https://dev.maxmind.com/geoip/docs/databases/city-and-country
type cityRecord struct {
	Continent struct {
		Names names `maxminddb:"names"`
	} `maxminddb:"continent"`
	Country      area   `maxminddb:"country"`
	Subdivisions []area `maxminddb:"subdivisions,maxsize:16"`
	City         struct {
		Names names `maxminddb:"names"`
	} `maxminddb:"city"`
	Location struct {
		Lat        *float64 `maxminddb:"latitude"`
		Lon        *float64 `maxminddb:"longitude"`
		AccuracyKM uint16   `maxminddb:"accuracy_radius"`
	} `maxminddb:"location"`
}

// asnRecord is what is read of a GeoLite2 ASN or GeoIP2 ISP record.
type asnRecord struct {
	Number       uint32 `maxminddb:"autonomous_system_number"`
	Organization string `maxminddb:"autonomous_system_organization,maxsize:512"`
}

func readPlace(found maxminddb.Result, place *ecs.Place) error {
	var r cityRecord
	if err := found.Decode(&r); err != nil {
		return err
	}
	place.Continent = r.Continent.Names.English
	place.CountryISO, place.Country = r.Country.ISO, r.Country.Names.English
	place.City = r.City.Names.English
	if n := len(r.Subdivisions); n > 0 {
		region := r.Subdivisions[n-1] // the smallest: regions are listed from the largest one down
		place.Region = region.Names.English
		if r.Country.ISO != "" && region.ISO != "" {
			place.RegionISO = r.Country.ISO + "-" + region.ISO
		}
	}
	if lat, lon := r.Location.Lat, r.Location.Lon; lat != nil && lon != nil && isOnEarth(*lat, *lon) {
		place.Lat, place.Lon, place.HasLocation = *lat, *lon, true
		place.AccuracyKM = r.Location.AccuracyKM
	}
	place.GeoJSON = renderPlace(place)
	return nil
}

// isOnEarth is false for what Elasticsearch refuses as a geo_point, and the whole document with it.
func isOnEarth(lat, lon float64) bool {
	return math.Abs(lat) <= 90 && math.Abs(lon) <= 180
}

func renderPlace(p *ecs.Place) []byte {
	var w ecs.Writer
	w.Str("continent_name", p.Continent)
	w.Str("country_iso_code", p.CountryISO)
	w.Str("country_name", p.Country)
	if p.HasLocation {
		mark := w.Open("location")
		w.Raw("lat", strconv.AppendFloat(nil, p.Lat, 'f', -1, 64))
		w.Raw("lon", strconv.AppendFloat(nil, p.Lon, 'f', -1, 64))
		w.Close(mark)
	}
	w.Str("region_iso_code", p.RegionISO)
	w.Str("region_name", p.Region)
	w.Str("city_name", p.City)
	return object(w.B)
}

func readNetwork(found maxminddb.Result, place *ecs.Place) error {
	var r asnRecord
	if err := found.Decode(&r); err != nil {
		return err
	}
	place.ASN, place.ASOrg = r.Number, r.Organization
	var w ecs.Writer
	if r.Number != 0 {
		w.Number("number", int64(r.Number))
	}
	mark := w.Open("organization")
	w.Str("name", r.Organization)
	w.Close(mark)
	place.ASJSON = object(w.B)
	return nil
}

// object makes an object of its members, nil if there are none.
func object(members []byte) []byte {
	if len(members) == 0 {
		return nil
	}
	members[len(members)-1] = '}' // instead of the last comma
	return append([]byte{'{'}, members...)
}
