// Package geoip answers where an address is and whose it is from MaxMind databases, and reads them again when they
// change.
package geoip

import (
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// knownPlaces is how many addresses are remembered, at about half a kilobyte each. Addresses of which nothing is known
// are remembered, too.
const knownPlaces = 16384

// DB answers from a database of cities and one of networks, each of which may be absent. It is safe for concurrent
// use. A nil DB knows nothing.
type DB struct {
	current atomic.Pointer[snapshot]

	refreshing sync.Mutex // guards what follows
	city, asn  file
	isClosed   bool
}

// snapshot is what lookups use until a file changes. The answers live and die with the databases they are from, so a
// lookup that still uses the old ones cannot leave an old answer in a new cache.
type snapshot struct {
	tables []table
	known  *lru.Cache[netip.Addr, *ecs.Place]
	fault  atomic.Pointer[error] // the first one of a lookup
}

// Open reads the databases. An empty path stands for no database; a file that cannot be read, or that holds something
// else, is an error.
func Open(city, asn string) (*DB, error) {
	d := &DB{
		city: file{path: city, name: "city", table: table{read: readPlace}},
		asn:  file{path: asn, name: "ASN", table: table{read: readNetwork}},
	}
	d.swap()
	if err := d.Refresh(); err != nil {
		return nil, err
	}
	return d, nil
}

// Lookup returns what is known of an address, nil if nothing is. The answer is shared and must not be changed.
func (d *DB) Lookup(addr netip.Addr) *ecs.Place {
	if d == nil || !addr.IsValid() {
		return nil
	}
	addr = addr.Unmap().WithZone("")
	s := d.current.Load()
	if place, ok := s.known.Get(addr); ok {
		return place
	}
	place := s.find(addr)
	s.known.Add(addr, place)
	return place
}

// Refresh reads the files that changed since the last time. Where that fails the old database stays, and the error
// comes again each time until the file is whole; it is not read again before it changes. A fault that lookups met in
// a database is reported, too.
func (d *DB) Refresh() error {
	if d == nil {
		return nil
	}
	d.refreshing.Lock()
	defer d.refreshing.Unlock()
	if d.isClosed {
		return nil
	}
	isCityNew, cityErr := d.city.refresh()
	isASNNew, asnErr := d.asn.refresh()
	if isCityNew || isASNNew {
		d.swap()
	}
	if fault := d.current.Load().fault.Load(); fault != nil {
		return errors.Join(cityErr, asnErr, *fault)
	}
	return errors.Join(cityErr, asnErr)
}

// Close forgets the databases. Lookups that are under way end well, and later ones find nothing.
func (d *DB) Close() error {
	if d == nil {
		return nil
	}
	d.refreshing.Lock()
	defer d.refreshing.Unlock()
	d.isClosed = true
	d.city.table.reader, d.asn.table.reader = nil, nil
	d.swap()
	return nil
}

// swap lets lookups use what the files hold now.
func (d *DB) swap() {
	known, err := lru.New[netip.Addr, *ecs.Place](knownPlaces)
	if err != nil {
		panic(err) // for a size below one only
	}
	s := &snapshot{known: known}
	for _, t := range []table{d.city.table, d.asn.table} {
		if t.reader != nil {
			s.tables = append(s.tables, t)
		}
	}
	d.current.Store(s)
}

func (s *snapshot) find(addr netip.Addr) *ecs.Place {
	var place ecs.Place
	for _, t := range s.tables {
		if err := t.find(addr, &place); err != nil {
			fault := err // in memory of its own, so that a lookup without one needs none
			s.fault.CompareAndSwap(nil, &fault)
		}
	}
	if place.GeoJSON == nil && place.ASJSON == nil {
		return nil
	}
	return &place
}
