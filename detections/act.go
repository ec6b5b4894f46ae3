// Package detections finds identity abuse in what identities do: pure functions over their memory, in event time.
package detections

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Act is what the engine keeps of an event. It owns its memory: nothing of it is a view over the record.
type Act struct {
	ID       string // document id
	Index    string // data stream of the document
	Time     time.Time
	Dataset  string
	Activity ecs.Activity
	Action   string // the vendor's word: eventType, operationName, eventName, operation
	Failed   bool   // refused or gone wrong
	Denied   bool   // refused for want of rights
	Outcome  string

	Actor  ecs.Identity // who acts, by the record alone
	Login  string
	Name   string // how a person would call the actor
	Target string // whom or what it was done to: user, role, key, secret, application
	// TargetID names the identity that was acted upon, where it is one, as Actor.ID would.
	TargetID string
	Grantee  string // who from outside is let in: "aws:account/123456789012", "aws:anyone"
	Object   string // the thing acted upon, by a name no other has: "123456789012/role/press"
	Born     bool   // the act made the object
	Late     bool   // it came beyond the lateness limit
	Number   int    // how many things the act was about, where it says so; 0 when it does not

	Addr   netip.Addr
	Place  *ecs.Place
	Via    string // what calls for the actor: "console", an AWS service; "" when it calls by itself
	Agent  string // user_agent.name: context for a reader, never ground for a decision
	Device string

	Session    string // session of a person or role
	Credential string // used
	Made       string // credential made or issued
	Gone       string // credential ended
	Role       string // role behind a session, or assumed
	Subject    string
	Trace      string
	Shared     string // sharedEventID: one call told twice

	App    string // client program and what it reaches for
	Method string // how the actor proved who it is: factor, protocol
	Issuer string // who vouched for the actor, where it was not the source itself
	Why    string // the vendor's word for why it went as it did
	// Topic is what else than actor, address, session and target the act is remembered under: "device/…", "locked/…",
	// "authenticator/…".
	Topic string

	Operation string        // service and operation: "s3:GetObject", "secret_read kv", an app, a scope
	Resource  string        // class of what was touched: bucket, mount, application
	Region    string        // cloud region
	Account   string        // account or tenant acted in
	Lifetime  time.Duration // asked for or granted, of a session or token; 0 unknown
	Scopes    string        // rights a token got: scopes or policies, sorted, blank-separated

	Links []identity.Tie // names that the record says belong together
	Signs []*Sign        // table entries whose pattern the record meets
	Hits  []Hit          // users' rules that the record meets and that correlations ask about

	network string // what Network says, where the reader has found it out
	key     string // what keyName says, the same
	lines   int32  // how many lines it stands in: all of an act that changes
}

// Hit is a user's rule that a record meets, with what correlations ask about the record.
type Hit struct {
	Rule   string // its id
	Fields []HitField
}

// HitField is a field of the record, by the name that a correlation has for it, with its values: several when there is an array on
// the way, none when the record does not have it.
type HitField struct {
	Name   string
	Values []string
}

// Country is the ISO code of where the act came from, "" when unknown.
func (a *Act) Country() string {
	if a.Place == nil {
		return ""
	}
	return a.Place.CountryISO
}

// Network names the network an act came from: its autonomous system, or the address' own block where none is known.
func (a *Act) Network() string {
	if a.network != "" {
		return a.network
	}
	if a.Place != nil && a.Place.ASN != 0 {
		return "as" + strconv.FormatUint(uint64(a.Place.ASN), 10)
	}
	block := a.block()
	if !block.IsValid() {
		return ""
	}
	return block.String()
}

// block is the address' own block.
func (a *Act) block() netip.Prefix {
	addr, bits := a.Addr.Unmap(), 24
	if addr.Is6() {
		bits = 48
	}
	block, _ := addr.Prefix(bits) // of no address is no block
	return block
}

// Has reports whether the act bears a sign.
func (a *Act) Has(id string) bool {
	for _, s := range a.Signs {
		if s.ID == id {
			return true
		}
	}
	return false
}

// Is reports whether the act succeeded and is of one of the kinds.
func (a *Act) Is(kinds ...ecs.Activity) bool {
	if a.Failed {
		return false
	}
	for _, k := range kinds {
		if a.Activity == k {
			return true
		}
	}
	return false
}

// actOf keeps an event. The texts that many acts share are interned by words.
func actOf(ev *ecs.Event, words *words) *Act {
	l := &ev.Link
	var id [documentID]byte
	a := &Act{
		ID:         string(ev.AppendID(id[:0])),
		Index:      words.index(ev.Dataset, ev.Namespace),
		Time:       ev.Time,
		Dataset:    ev.Dataset,
		Activity:   ev.Activity,
		Action:     words.of(ev.Action),
		Failed:     ev.Outcome == "failure",
		Outcome:    words.of(ev.Outcome),
		Actor:      ev.Identity,
		Addr:       ev.Source.Addr,
		Place:      ev.Source.Place,
		Device:     words.of(l.Device),
		Session:    words.of(l.Session),
		Credential: words.of(l.Credential),
		Made:       strings.Clone(l.CredentialMade),
		Gone:       strings.Clone(l.CredentialGone),
		Role:       words.of(l.Role),
		Subject:    words.of(l.Subject),
		Trace:      strings.Clone(l.Trace),
		Region:     words.of(ev.Cloud.Region),
		Account:    words.of(ev.Tenant),
	}
	if ev.Whole { // no parser's own words
		a.Dataset, a.Activity = words.of(ev.Dataset), ecs.Activity(words.of(string(ev.Activity)))
	}
	a.Actor.ID, a.Actor.Kind = words.of(a.Actor.ID), words.of(a.Actor.Kind)
	a.Login = words.like(a.Actor.ID, l.Login)
	if ev.UserAgent.Parsed != nil {
		a.Agent = ev.UserAgent.Parsed.Name
	}
	a.Name = words.like(a.Login, ecs.FirstOf(l.Login, ev.User.Name, ev.Service.Name, a.Actor.ID))
	return a
}

// position is where the act stands in the order of byTime, as far as sixteen bytes tell.
func (a *Act) position() identity.Position {
	p := identity.Position{Time: a.Time.UnixNano()}
	if len(a.ID) == documentID {
		p.Tie = binary.BigEndian.Uint64([]byte(a.ID[idHash:idHash+8])) >> 2 &^ 1
	} else {
		p.Tie = identity.Hash(a.ID)>>2 | 1
	}
	p.Tie |= uint64(a.rank()) << 62
	return p
}

const (
	documentID = 32 // characters of a document's id
	idHash     = 9  // where what follows the time in it begins
)
