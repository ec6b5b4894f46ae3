package detections

import (
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Memory under other keys than who acted: whom an act was done to, what it was about, who vouched. It stands in the lines of
// sessions and in the lives of credentials, under keys that no session and no credential has.

// noteElsewhere remembers an act where the line of its actor is not looked for.
func (m *machine) noteElsewhere(c *Case) {
	a := c.Act
	if a.TargetID != "" && isManagement(a.Activity) {
		addTo(m.memory, m.memory.Sessions, "to/"+m.memory.Graph.Find(identity.Fold(a.TargetID)), a)
	}
	if a.Topic != "" {
		addTo(m.memory, m.memory.Sessions, a.Topic, a)
	}
	if a.Failed {
		return
	}
	if a.Activity == ecs.RiskReport && a.Has("aws_key_leaked") {
		addTo(m.memory, m.memory.Sessions, quarantines, a)
	}
	if strings.HasPrefix(a.Topic, "authenticator/") {
		m.meet(a.Topic, ecs.FirstOf(a.TargetID, c.ID), a)
	}
	if a.Issuer != "" {
		m.meet(issuers(a), a.Issuer, a)
	}
	if c.ID != "" {
		m.noteClient(c)
		m.notePace(c)
	}
	if a.Credential == "" {
		return
	}
	if env := c.environment(); env != "" && c.Machine() {
		m.meet(environments(a.Credential), env, a)
	}
}

// meet notes that a value was met under a key, in the life that is kept under it.
func (m *machine) meet(key, value string, a *Act) {
	k := m.credential(key)
	if k.FirstUse.IsZero() {
		k.FirstUse, k.MadeDoc = a.Time, a
	}
	k.LastUse = a.Time
	k.Uses++
	k.Users.Add(value, a.Time.UnixNano())
}

// noteClient keeps with what programs and by what methods the identity comes, and where it was on each source.
func (m *machine) noteClient(c *Case) {
	a := c.Act
	p := m.memory.Profiles.Edit(c.ID, func() *identity.Profile { return &identity.Profile{ID: c.ID, First: a.Time} })
	p.Apps.Add(a.App, a.Time.UnixNano())
	p.Methods.Add(a.Method, a.Time.UnixNano())
	if s, ok := sighting(a); ok && !c.egress(a.Addr) {
		p.See(s)
	}
}

// issuers is the key under which all issuers of a source are kept.
func issuers(a *Act) string { return "issuers/" + a.Dataset }

// isManagement: what is done to an identity and changes what it can do.
func isManagement(kind ecs.Activity) bool {
	switch kind {
	case ecs.MFAEnroll, ecs.MFARemove, ecs.PrivilegeGrant, ecs.PrivilegeRevoke, ecs.Elevation, ecs.ElevationEnd, ecs.AppConsent,
		ecs.CredentialCreate, ecs.CredentialChange, ecs.CredentialEnd, ecs.CredentialRotate, ecs.CredentialEnable,
		ecs.IdentityCreate, ecs.IdentityChange, ecs.IdentityDisable, ecs.IdentityEnable, ecs.IdentityDelete,
		ecs.AppChange, ecs.TrustChange, ecs.SessionRevoke, ecs.Impersonation:
		return true
	}
	return false
}

// Done lists the acts of the last d that were done to an identity, given by any of its names, and fit.
func (c *Case) Done(to string, d time.Duration, fits func(*Act) bool) []*Act {
	if to == "" {
		return nil
	}
	return pick(c.memory.Sessions.Get("to/"+c.memory.Graph.Find(identity.Fold(to))).Since(c.Act.Time, d), fits)
}

// About lists the acts of the last d with the same topic that fit, whoever acted.
func (c *Case) About(d time.Duration, fits func(*Act) bool) []*Act {
	if c.Act.Topic == "" {
		return nil
	}
	return pick(c.memory.Sessions.Get(c.Act.Topic).Since(c.Act.Time, d), fits)
}

// mature reports whether what is kept under a key was met long and often enough for something to be new there.
func (k *Credential) mature(c *Case) bool {
	learn := c.Context.Maturity()
	return k.Uses >= learn.Events && c.Act.Time.Sub(k.FirstUse) >= learn.Age
}

// NewIssuer tells whether whoever vouched for the actor never did so before, for anybody.
func (c *Case) NewIssuer() identity.Novelty {
	k := c.Credential(issuers(c.Act))
	switch {
	case c.Act.Issuer == "" || k == nil:
		return identity.Unknown
	case k.Users.Has(c.Act.Issuer):
		return identity.Known
	case k.Users.Forgot() || !k.mature(c):
		return identity.Unknown
	}
	return identity.New
}
