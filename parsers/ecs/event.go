// Package ecs holds the one event type of idwatch and writes it as an Elastic Common Schema document.
package ecs

import (
	"net/netip"
	"time"

	"github.com/idwatch/idwatch/parsers/record"
)

// Event is one audit record on its way from the parser to the last byte sent. The typed fields carry the ECS
// name in Go spelling and are what detections read; the vendor's own members travel rendered in Vendor.
// A zero value means absent. Strings are views over the record's bytes: whoever keeps one longer clones it.
type Event struct {
	Dataset    string // event.dataset, such as "okta.system"
	Module     string // event.module, such as "okta"
	ECSVersion string // ecs.version, as Elastic's integration of this dataset writes it
	Namespace  string // data_stream.namespace

	Time        time.Time // when it happened; @timestamp, cut to milliseconds
	ID          string    // event.id, the vendor's own
	NativeID    string    // what makes the record unique within its tenant, where event.id does not
	Tenant      string    // tenant, organisation or account: part of the document's id
	Kind        string    // event.kind
	Action      string    // event.action
	Provider    string    // event.provider
	Outcome     string    // event.outcome
	Category    []string  // event.category
	Type        []string  // event.type
	Duration    int64     // event.duration in nanoseconds
	HasDuration bool      // a duration of 0 is a value
	Message     string    // message
	HasMessage  bool      // an empty message is a value (Vault's empty error)
	Errors      []string  // error.message: what of the record could not be mapped
	LogLevel    []byte    // log.level as JSON: Entra's audit level keeps its type
	FilePath    string    // file.path

	Cloud     Cloud
	User      User
	Source    Endpoint
	Client    Endpoint
	Geo       []byte // geo, the record's own place, as rendered members
	UserAgent UserAgent
	Group     Group
	Host      Host // read from whole documents, not written
	Service   Service
	TLS       TLS
	Related   Related
	Entities  Entities

	Activity Activity // idwatch.activity
	Identity Identity // idwatch.identity.*
	Link     Link     // idwatch.link.*

	// Whole says that the record is an ECS document already: its members go out as they are, but for data_stream and idwatch.
	Whole bool
	// Context says that no document goes out: the event only joins timelines and chains.
	Context bool

	Vendor       []byte         // the vendor's own top-level members, rendered, each followed by a comma
	Record       *record.Record // the record as it came, for Field
	Original     []byte         // event.original
	KeepOriginal bool           // asked for, or needed because something was cleaned
}

// Cloud is cloud.*.
type Cloud struct{ Provider, Region, AccountID, ResourceID, ServiceName string }

// Group is group.*.
type Group struct{ ID, Name string }

// Host is host.*.
type Host struct{ ID, Name string }

// Service is service.*.
type Service struct{ ID, Name string }

// TLS is tls.*.
type TLS struct{ Version, Protocol, Cipher, ServerName string }

// User is user.* of the acting user.
type User struct {
	ID, Name, Email, FullName string
	Target                    Target
	ChangedName               string // user.changes.name
}

// Target is user.target.*.
type Target struct{ ID, Name, Email, FullName, GroupID, GroupName string }

// Endpoint is source.* or client.*.
type Endpoint struct {
	Address string
	IP      string // text as in the record
	Addr    netip.Addr
	Port    int64
	Domain  string
	ASOrg   string // client.as.organization.name, where the vendor tells it
	User    User   // source.user.*, client.user.*: ID, Name and FullName only
	Geo     []byte // the vendor's own place, as rendered members
	Locate  bool   // GeoIP databases are asked for IP
	Place   *Place // what they answered
}

// UserAgent is user_agent.*.
type UserAgent struct {
	Original string
	Known    bool // the record names one, if only the empty text
	Parsed   *Agent
}

// Related is related.*: lists in the order in which Elastic's pipelines fill them, without repeats.
type Related struct {
	User, IP, Entity, Hosts, Hash []string
	EntityAlways                  bool // an empty list is written too (azure.auditlogs)
}

// Entities are the entity ids that Elastic's CloudTrail mapping gives to actor and targets: sorted lists.
type Entities struct {
	Actor, Target                                     []string // actor.entity.id, target.entity.id
	Generic, User, Host, Service                      []string // entity.id, user.entity.id …
	TargetGeneric, TargetUser, TargetHost, TargetServ []string // entity.target.id, user.target.entity.id …
	TargetHostID                                      []string // host.target.id
}

// Place is what GeoIP databases know of an address. It is shared and never changed.
type Place struct {
	Continent, CountryISO, Country, RegionISO, Region, City string

	Lat, Lon    float64 // degrees
	HasLocation bool
	AccuracyKM  uint16 // radius around Lat, Lon in kilometres
	ASN         uint32
	ASOrg       string
	GeoJSON     []byte // the object for source.geo, nil when nothing is known
	ASJSON      []byte // the object for source.as
}

// Agent is a parsed user agent. It is shared and never changed.
type Agent struct {
	Name, Version, Device, OSName, OSVersion, OSFull string

	JSON []byte // rendered members, each followed by a comma, without "original"
}

// Reset empties the event for the next record and keeps the memory of its lists.
func (e *Event) Reset() {
	r, n := e.Related, e.Entities
	*e = Event{
		Errors: e.Errors[:0],
		Vendor: e.Vendor[:0],
		Geo:    e.Geo[:0],
		Source: Endpoint{Geo: e.Source.Geo[:0]},
		Client: Endpoint{Geo: e.Client.Geo[:0]},
		Related: Related{
			User: r.User[:0], IP: r.IP[:0], Entity: r.Entity[:0], Hosts: r.Hosts[:0], Hash: r.Hash[:0],
		},
		Entities: Entities{
			Actor: n.Actor[:0], Target: n.Target[:0],
			Generic: n.Generic[:0], User: n.User[:0], Host: n.Host[:0], Service: n.Service[:0],
			TargetGeneric: n.TargetGeneric[:0], TargetUser: n.TargetUser[:0],
			TargetHost: n.TargetHost[:0], TargetServ: n.TargetServ[:0], TargetHostID: n.TargetHostID[:0],
		},
	}
}

// Add appends s to list unless it is empty or already there.
func Add(list []string, s string) []string {
	if s == "" {
		return list
	}
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

// SetIP gives the endpoint an address text and reports whether it is an IP literal.
func (p *Endpoint) SetIP(text string) bool {
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return false
	}
	p.IP, p.Addr = text, addr
	return true
}
