package detections

import (
	"fmt"
	"io"
	"maps"
	"net/netip"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/detections/pack"
)

// snapshotHeader names what a snapshot is. Its number grows with each change of what is written: an older one is not read.
const snapshotHeader = "idwatch state 12\n"

// Snapshot writes all that the engine remembers. What is open is written too; the view over it is made again by Restore.
func (l *Live) Snapshot(w io.Writer) error {
	c := pack.NewWriter(w, snapshotHeader)
	l.pack(c)
	if err := c.Close(); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}

// Restore continues from a snapshot. Rules that the program no longer has are forgotten with their alerts.
func Restore(r io.Reader, s LiveSettings) (*Live, error) {
	l := NewLive(s)
	c := pack.NewReader(r, snapshotHeader)
	l.pack(c)
	if err := c.Close(); err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	l.forgetRules()
	l.machine.dropWindows()
	for i := range l.open {
		l.open[i].epoch = 1 // as if eaten: all of it is eaten again
	}
	l.made, l.dirty = 1, 1
	l.rebuild()
	for _, a := range l.ahead {
		l.glimpse(a)
	}
	l.returned = true
	l.touchAll()
	return l, nil
}

// pack writes or reads everything.
func (l *Live) pack(c *pack.Coder) {
	p := newPacker(l.added)
	l.machine.memory.pack(c, p)
	pack.List(c, &l.open, pack.Most, p.eaten)
	pack.List(c, &l.ahead, pack.Most, p.act)
	l.seen.pack(c)
	pack.Map(c, l.newest, pack.Word, (*pack.Coder).Time)
	pack.Map(c, l.heard, pack.Word, (*pack.Coder).Time)
	c.Time(&l.bound)
	pack.Map(c, l.published, (*pack.Coder).Text, pointer(p.publication))
	l.longAgo.pack(c)
	pack.Number(c, &l.late)
}

func (p *packer) eaten(c *pack.Coder, e *eaten) {
	p.act(c, &e.act)
	pack.Number(c, &e.at)
	pack.Number(c, &e.came)
}

// pointer is for what stands behind a pointer of its own.
func pointer[T any](each func(*pack.Coder, *T)) func(*pack.Coder, **T) {
	return func(c *pack.Coder, v **T) {
		if c.Reading() {
			*v = new(T)
		}
		each(c, *v)
	}
}

func (p *packer) publication(c *pack.Coder, v *publication) {
	pack.Number(c, &v.revision)
	pointer(p.alert)(c, &v.alert)
	c.Bool(&v.withdrawn)
	pack.List(c, &v.also, pack.Most, pack.Word)
}

// pack writes or reads what is final.
func (m *Memory) pack(c *pack.Coder, p *packer) {
	m.Graph.Pack(c)
	m.Profiles.Pack(c, pack.Word, func(c *pack.Coder, v *identity.Profile) { v.Pack(c) })
	m.Lines.Pack(c, pack.Word, p.line)
	m.Addresses.Pack(c, func(c *pack.Coder, a *netip.Addr) { c.Addr(a) }, p.line)
	m.Sessions.Pack(c, pack.Word, p.line)
	m.Targets.Pack(c, pack.Word, p.line)
	m.Credentials.Pack(c, pack.Word, p.credential)
	m.Peers.Pack(c, pack.Word, func(c *pack.Coder, v *identity.Profile) { v.Pack(c) })
	m.Sources.Pack(c, pack.Word, p.feed)
	m.Alerts.Pack(c, pack.Word, p.alert)
	m.Found.Pack(c, (*pack.Coder).Text, p.alert)
	if final := m.final(); !c.Reading() {
		pack.List(c, &final.waits, pack.Most, p.wait)
	} else {
		pack.List(c, &m.Waits, pack.Most, p.wait)
	}
	m.Gone.Pack(c)
	m.packWindows(c, p)
	m.count()
}

// forgetRules lets go the alerts of rules that the program no longer has.
func (l *Live) forgetRules() {
	memory := l.machine.memory
	for key, a := range memory.Alerts.All() {
		if a.Rule == nil {
			memory.Alerts.Forget(key)
		}
	}
	for id, a := range memory.Found.All() {
		if a.Rule == nil {
			memory.Found.Forget(id)
		}
	}
	maps.DeleteFunc(l.published, func(_ string, p *publication) bool { return p.alert.Rule == nil })
}

// wakeUp gives all sources time to be heard again after a pause: nobody's records are late because another one's came first.
func (l *Live) wakeUp(now time.Time) {
	for dataset := range l.heard {
		l.heard[dataset] = now
	}
	l.returned = false
}
