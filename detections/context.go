package detections

import (
	"net/netip"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Context is what only people know: owners, windows, networks. It is read and checked by agent/context.
type Context struct {
	Identities []Known
	Windows    []Window
	Networks   []Network
	Hours      Hours
	Learning   identity.Maturity
	Threshold  int // score from which a finding is an alert

	byName map[string]*Known // exact names, folded
	globs  globs             // names with wildcards
}

// Known is an identity that the context file names.
type Known struct {
	ID          string
	Kind        string
	Names       []string
	Owner       string
	Function    string
	Escalation  []string
	Privileged  bool
	ThirdParty  bool
	Environment string
	Created     time.Time
	Expires     time.Time
	Rotation    time.Duration
}

// Window is a declared time in which some identities do unusual things.
type Window struct {
	Kind        string // deployment, maintenance, failover, rotation, elevation
	From, Until time.Time
	Identities  []string // ids or names
	Sources     []string // all when empty
	Operations  []string // all when empty
	Ticket      string
}

// Network is a network that the house knows.
type Network struct {
	Name  string
	Kind  string // egress: shared by many people
	CIDRs []netip.Prefix
}

// Hours are the business hours of the house.
type Hours struct {
	Zone     *time.Location
	Days     [7]bool // from Sunday
	From, To int     // minutes of the day
	Declared bool
}

// DefaultContext is the context of a house that says nothing.
func DefaultContext() *Context {
	c := &Context{Learning: identity.Maturity{Age: 7 * 24 * time.Hour, Events: 20}, Threshold: 50}
	c.Index()
	return c
}

// Index prepares the look-ups. It is called once, when the context is complete.
func (c *Context) Index() {
	c.byName, c.globs = map[string]*Known{}, globs{}
	for i := range c.Identities {
		k := &c.Identities[i]
		c.byName[identity.Fold(k.ID)] = k
		for _, name := range k.Names {
			if strings.ContainsAny(name, "*?") {
				c.globs.add(name, k, i)
				continue
			}
			c.byName[identity.Fold(name)] = k
		}
	}
}

// Maturity says when identities are known well enough.
func (c *Context) Maturity() identity.Maturity { return c.Learning }

// Known finds the identity that the context file names by a name that a log uses.
func (c *Context) Known(name string) *Known {
	if name == "" || len(c.Identities) == 0 {
		return nil
	}
	if k := c.byName[identity.Fold(strings.TrimPrefix(name, "id:"))]; k != nil {
		return k // the name that the graph gives to a declared identity is "id:" and its own
	}
	return c.globs.find(name)
}

// of finds what the context file says of whoever a record names: the actor or, of a session that bears nobody's name, the role that it is of.
func (c *Context) of(a *Act) *Known { return c.ofRecord(&a.Actor, a.Activity, a.Role) }

func (c *Context) ofRecord(actor *ecs.Identity, activity ecs.Activity, role string) *Known {
	if known := c.Known(actor.ID); known != nil {
		return known
	}
	if isOfRole(actor, activity, role) {
		return c.Known(role)
	}
	return nil
}

// Name writes on an event what the context file says of its identity. It returns what the record alone says, by which detections go.
func (c *Context) Name(ev *ecs.Event) (bare ecs.Identity) {
	bare = ev.Identity
	if c == nil || len(c.Identities) == 0 || bare.ID == "" {
		return bare
	}
	known := c.ofRecord(&bare, ev.Activity, ev.Link.Role)
	if known == nil {
		return bare
	}
	i := &ev.Identity
	i.Owner, i.Function, i.Kind = known.Owner, known.Function, ecs.FirstOf(known.Kind, i.Kind)
	i.Privileged, i.ThirdParty = i.Privileged || known.Privileged, i.ThirdParty || known.ThirdParty
	return bare
}

// isOfRole reports whether a record names a session by nothing but its role and what its caller calls it.
func isOfRole(actor *ecs.Identity, activity ecs.Activity, role string) bool {
	switch activity {
	case ecs.RoleAssume, ecs.TokenIssue, ecs.Elevation:
		return false // the role is the one asked for
	}
	return role != "" && actor.Kind != ecs.Human && strings.Contains(actor.ID, ":assumed-role/")
}

// NetworkOf names the declared network that an address is in.
func (c *Context) NetworkOf(addr netip.Addr) *Network {
	if !addr.IsValid() {
		return nil
	}
	for i := range c.Networks {
		for _, prefix := range c.Networks[i].CIDRs {
			if prefix.Contains(addr.Unmap()) {
				return &c.Networks[i]
			}
		}
	}
	return nil
}

// Business reports whether a time lies in the declared business hours; declared is false when there are none.
func (c *Context) Business(at time.Time) (inside, declared bool) {
	if !c.Hours.Declared {
		return false, false
	}
	local := at.In(c.Hours.Zone)
	minute := local.Hour()*60 + local.Minute()
	return c.Hours.Days[local.Weekday()] && minute >= c.Hours.From && minute < c.Hours.To, true
}
