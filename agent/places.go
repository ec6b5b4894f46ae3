package main

import (
	"fmt"

	"github.com/idwatch/idwatch/agent/geoip"
	"github.com/idwatch/idwatch/parsers/enrich"
)

// openPlaces opens the MaxMind databases, and says what closes them.
func openPlaces(city, asn string) (enrich.Places, func(), error) {
	if city == "" && asn == "" {
		return nil, func() {}, nil
	}
	db, err := geoip.Open(city, asn)
	if err != nil {
		return nil, nil, fmt.Errorf("geoip: %w", err)
	}
	return db, func() { db.Close() }, nil
}
