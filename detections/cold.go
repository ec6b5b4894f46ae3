package detections

import (
	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/detections/pack"
)

// Cold keeps outside memory what forgotten identities and credentials leave, by key. It may lose what it was given.
type Cold interface {
	// Put keeps a record, which is the caller's again afterwards.
	Put(key uint64, record []byte)
	// Get returns the last record of a key, nil when there is none.
	Get(key uint64) []byte
}

// The kinds of cold records. A record begins with its kind and the full name, because keys are hashes.
const (
	coldAlias      = "alias/" // a name of an identity that is kept under another one
	coldProfile    = "profile/"
	coldCredential = "credential/"
)

// coldVersion grows with each change of what is written: older records are not read.
const coldVersion = 3

// freeze keeps a record.
func (m *Memory) freeze(kind, name string, write func(*pack.Coder)) {
	m.cold.Put(identity.Hash(kind+name), m.records.Write(func(c *pack.Coder) {
		coldHead(c, kind+name)
		write(c)
	}))
}

// thaw reads a record, and reports whether there was one.
func (m *Memory) thaw(kind, name string, read func(*pack.Coder)) bool {
	record := m.cold.Get(identity.Hash(kind + name))
	return record != nil && pack.Read(record, func(c *pack.Coder) {
		coldHead(c, kind+name)
		if c.Err() == nil {
			read(c)
		}
	})
}

func coldHead(c *pack.Coder, name string) {
	version, have := coldVersion, name
	pack.Number(c, &version)
	c.Text(&have)
	if version != coldVersion || have != name {
		c.Damaged()
	}
}

// freezeIdentity keeps the profile of an identity, to be found under any of its first names.
func (m *Memory) freezeIdentity(p *identity.Profile, names []string) {
	if m.cold == nil {
		return
	}
	m.thawed = nil
	m.freeze(coldProfile, p.ID, p.Pack)
	for i, name := range names {
		if i < aliasesKept && name != p.ID {
			m.freeze(coldAlias, name, func(c *pack.Coder) { c.Text(&p.ID) })
		}
	}
}

// thawIdentity is the profile of a forgotten identity under one of its names, as it was; nil when it is not there. An act asks for its
// actor's twice, first to look at it and then to change it.
func (m *Memory) thawIdentity(name string) *identity.Profile {
	if m.cold == nil {
		return nil
	}
	if m.thawed == nil || m.thawed.ID != name {
		if m.thawed = m.readIdentity(name); m.thawed == nil {
			return nil
		}
	}
	return m.thawed.Clone()
}

// readIdentity is thawIdentity, from the cold store each time.
func (m *Memory) readIdentity(name string) *identity.Profile {
	p := &identity.Profile{}
	if !m.thaw(coldProfile, name, p.Pack) {
		var root string
		p = &identity.Profile{}
		if !m.thaw(coldAlias, name, func(c *pack.Coder) { c.Text(&root) }) || !m.thaw(coldProfile, root, p.Pack) {
			return nil
		}
	}
	p.ID = name
	return p
}

// credential is the life of a credential, forgotten or not; nil when nothing is known of it.
func (m *Memory) credential(id string) *Credential {
	if k := m.Credentials.Get(id); k != nil {
		return k
	}
	return m.thawCredential(id)
}

// freezeCredential keeps the life of a credential.
func (m *Memory) freezeCredential(k *Credential) {
	if m.cold != nil {
		m.freeze(coldCredential, k.ID, func(c *pack.Coder) { m.packs.credential(c, k) })
	}
}

// thawCredential is the life of a forgotten credential, nil when it is not there.
func (m *Memory) thawCredential(id string) *Credential {
	if m.cold == nil {
		return nil
	}
	k := &Credential{}
	if !m.thaw(coldCredential, id, func(c *pack.Coder) { m.packs.credential(c, k) }) || k.ID != id {
		return nil
	}
	return k
}
