package detections

import (
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// note remembers an act, after all detections were asked about it.
func (m *machine) note(c *Case) {
	a := c.Act
	if c.ID != "" {
		m.noteProfile(c)
		m.notePeers(c)
		addTo(m.memory, m.memory.Lines, c.ID, a)
	}
	if a.Addr.IsValid() {
		addTo(m.memory, m.memory.Addresses, a.Addr, a)
	}
	if a.Session != "" {
		addTo(m.memory, m.memory.Sessions, a.Session, a)
	}
	if changesTarget(a) {
		addTo(m.memory, m.memory.Targets, ecs.FirstOf(a.TargetID, a.Target), a)
	}
	m.noteRights(c)
	m.noteCredentials(c)
	m.noteElsewhere(c)
	m.noteFeed(a)
}

func (m *machine) noteProfile(c *Case) {
	a := c.Act
	p := m.profile(c.ID)
	if p.First.IsZero() {
		p.First = a.Time
	}
	if !p.Last.IsZero() && a.Time.Sub(p.Last) >= identity.DormantAfter {
		p.Dormant, p.DormantEnd = a.Time.Sub(p.Last), a.Time
	}
	if a.Time.After(p.Last) {
		p.Last = a.Time
	}
	p.Count++
	p.Relearn(a.Time)
	if a.Actor.Kind != "" && a.Actor.Kind != p.Kind && (p.Kind == "" || c.actsItself()) {
		p.Kind = a.Actor.Kind
	}
	if a.Has(ecsAlert) {
		p.AddRisk(foreignRisk, a.Time)
	}
	if a.Failed {
		p.Failures++
		return // what was refused is nobody's habit
	}
	if a.Activity == ecs.RiskReport {
		return // where an attacker was reported is not where the identity is at home
	}
	if isProvider(a.Dataset) && isSignIn(a) && a.Time.After(p.Brokered) {
		p.Brokered = a.Time
	}
	at := a.Time.UnixNano()
	p.Countries.Add(a.Country(), at)
	p.Networks.Add(a.Network(), at)
	p.Devices.Add(a.Device, at)
	p.Operations.Add(a.Operation, at)
	p.Regions.Add(a.Region, at)
	p.Resources.Add(a.Resource, at)
	p.Roles.Add(a.Role, at)
	p.Accounts.Add(a.Account, at)
	for scope := range strings.FieldsSeq(a.Scopes) {
		p.Scopes.Add(scope, at)
	}
	p.NoteHour(a.Time)
	if a.Place != nil && a.Place.HasLocation && a.Activity != ecs.RiskReport {
		p.Place = identity.Sighting{Time: a.Time, Place: a.Place, Dataset: a.Dataset, Session: a.Session, Device: a.Device, Network: a.Network(), Doc: a.ID, Index: a.Index}
	}
	if a.Lifetime > 0 {
		p.Lifetimes.Add(a.Lifetime.Seconds(), a.Time)
	}
}

// noteCredentials keeps the life of credentials: made, used, ended. Of other things it keeps who made them.
func (m *machine) noteCredentials(c *Case) {
	a := c.Act
	if a.Born && !a.Failed && a.Object != "" {
		k := m.credential(a.Object)
		k.Made, k.MadeDoc, k.MadeNetwork, k.Maker, k.Kind, k.Owner = a.Time, a, a.Network(), c.ID, a.Action, c.ID
	}
	if a.Made != "" && !a.Failed {
		k := m.credential(a.Made)
		if k.Made.IsZero() {
			k.Made, k.MadeDoc, k.MadeNetwork, k.Maker, k.Kind = a.Time, a, a.Network(), c.ID, a.Action
			k.Owner = ecs.FirstOf(a.TargetID, c.ID)
			if a.Lifetime > 0 {
				k.Expires = a.Time.Add(a.Lifetime)
			}
		}
	}
	if a.Gone != "" && !a.Failed {
		k := m.credential(a.Gone)
		k.Ended, k.EndedDoc = a.Time, a
	}
	if a.Credential == "" {
		return
	}
	k := m.credential(a.Credential)
	if k.FirstUse.IsZero() {
		k.FirstUse = a.Time
	}
	k.LastUse = a.Time
	k.Uses++
	at := a.Time.UnixNano()
	k.Users.Add(ecs.FirstOf(a.Actor.ID, c.ID), at)
	k.Networks.Add(a.Network(), at)
	k.Accounts.Add(a.Account, at)
}

// isObject reports whether it is no credential but a thing whose maker is remembered.
func (c *Credential) isObject() bool {
	return c.MadeDoc != nil && c.MadeDoc.Born && c.MadeDoc.Object == c.ID && c.MadeDoc.Made != c.ID
}

func (m *machine) credential(id string) *Credential {
	return m.memory.Credentials.Edit(id, func() *Credential { return m.memory.newCredential(id) })
}

// foreignRisk is what another product's alert adds to the risk of the identity that it is about.
const foreignRisk = 30

// rightsKept bounds the rights that are remembered of one identity.
const rightsKept = 32

// noteRights keeps who holds which rights, since when and from whom, and how identities live: made, switched off and on.
func (m *machine) noteRights(c *Case) {
	a := c.Act
	if a.Failed {
		return
	}
	if c.Who != nil && len(c.Who.Rights) > 0 && a.Is(usesRights...) {
		m.profile(c.ID).UseRights(a.Time)
	}
	holder := c.ID
	if a.TargetID != "" {
		holder = m.memory.Graph.Find(identity.Fold(a.TargetID))
	}
	switch a.Activity {
	case ecs.PrivilegeGrant, ecs.Elevation:
		p := m.profile(holder)
		r := identity.Right{Name: ecs.FirstOf(a.Scopes, a.Target, a.Action), Since: a.Time, Doc: a.ID}
		if holder != c.ID {
			r.Grant = c.ID
		}
		if a.Activity == ecs.Elevation && a.Lifetime > 0 {
			r.Until = a.Time.Add(a.Lifetime)
		}
		p.Rights = append(p.Rights, r)
		if len(p.Rights) > rightsKept {
			p.Rights = append(p.Rights[:0], p.Rights[1:]...)
		}
		p.PrivilegedAt = a.Time
		m.keep(holder)
	case ecs.ElevationEnd, ecs.PrivilegeRevoke:
		m.profile(holder).EndRights(a.Scopes, a.Time)
	case ecs.IdentityCreate:
		m.profile(holder).CreatedAt = a.Time
	case ecs.IdentityDisable, ecs.IdentityDelete:
		m.profile(holder).DisabledAt = a.Time
	case ecs.IdentityEnable:
		p := m.profile(holder)
		p.EnabledAt, p.DisabledAt = a.Time, time.Time{}
	}
}

func (m *machine) profile(id string) *identity.Profile {
	return m.memory.Profiles.Edit(id, func() *identity.Profile {
		if p := m.memory.returned(id); p != nil {
			return p
		}
		return &identity.Profile{ID: id}
	})
}

// notePeers adds what an identity does to the baseline of its group.
func (m *machine) notePeers(c *Case) {
	key := groupOf(c)
	if key == "" || c.Act.Failed {
		return
	}
	p := m.memory.Peers.Edit(key, func() *identity.Profile { return &identity.Profile{ID: key, First: c.Act.Time} })
	p.Last = c.Act.Time
	p.Count++
	p.Operations.Add(c.Act.Operation, c.Act.Time.UnixNano())
	p.Resources.Add(c.Act.Resource, c.Act.Time.UnixNano())
}

// changesTarget reports whether an act changes what somebody else may do: it is remembered with the target, too.
func changesTarget(a *Act) bool {
	return ecs.FirstOf(a.TargetID, a.Target) != "" && (isGain(a) || isKey(a) ||
		a.Is(ecs.IdentityCreate, ecs.IdentityDelete, ecs.IdentityDisable, ecs.IdentityEnable, ecs.MFARemove, ecs.MFAEnroll, ecs.CredentialChange, ecs.CredentialEnd))
}
