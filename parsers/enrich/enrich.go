// Package enrich says what a record's texts stand for: the program behind a user agent, the place of an address.
//
// Both are asked for every record and hardly ever change, so both are cached, and what is answered is shared: nobody
// changes it. The answers depend on the text and the files loaded alone, never on load or time, so that a document
// stays a function of its record.
package enrich

import (
	"net/netip"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Places answers where an address is and whose it is, nil when nothing is known. Implementations are safe for
// concurrent use.
type Places interface {
	Lookup(addr netip.Addr) *ecs.Place
}

// Enricher holds what parsers ask. A nil Enricher is one without places.
type Enricher struct {
	Agents *UserAgents
	Places Places // nil without GeoIP databases
}

// New returns an Enricher with a cache of user agents; places may be nil.
func New(places Places) *Enricher {
	return &Enricher{Agents: NewUserAgents(DefaultAgents), Places: places}
}

// Agent says what a user agent is, also for the empty text, and never answers nil. raw may be a view over a buffer
// that is used again.
func (e *Enricher) Agent(raw string) *ecs.Agent {
	if e == nil {
		return (*UserAgents)(nil).Parse(raw)
	}
	return e.Agents.Parse(raw)
}

// Place says where an address is, nil when nothing is known of it.
func (e *Enricher) Place(addr netip.Addr) *ecs.Place {
	if e == nil || e.Places == nil || !addr.IsValid() {
		return nil
	}
	return e.Places.Lookup(addr)
}
