package detections

import (
	"net/netip"
	"slices"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/detections/pack"
)

// Memory is all that the engine remembers. Its latest changes, those of open epochs, can be taken back.
type Memory struct {
	Graph       *identity.Graph
	Profiles    *identity.Layer[string, identity.Profile]
	Lines       *identity.Layer[string, Line]
	Addresses   *identity.Layer[netip.Addr, Line]
	Sessions    *identity.Layer[string, Line]
	Targets     *identity.Layer[string, Line] // what was done to somebody or something, by whoever
	Credentials *identity.Layer[string, Credential]
	Peers       *identity.Layer[string, identity.Profile]
	Sources     *identity.Layer[string, Feed]
	Alerts      *identity.Layer[string, Alert] // that collect evidence
	Found       *identity.Layer[string, Alert] // all that was found, by id, as long as it may change; kept by Live
	Gone        *identity.Gone                 // what was forgotten, for good
	Waits       []wait                         // questions to be asked later, by when
	Windows     map[string]*windows            // of correlations, by their key
	Owned       *identity.Layer[string, owned]

	cold    Cold    // what is forgotten goes there; nil keeps nothing of it
	packs   *packer // for what goes there
	records pack.Writer
	thawed  *identity.Profile // the last one that came back, as it was

	clock  *identity.Clock
	marks  []mark     // of open epochs, oldest first
	placed []*windows // by order of their correlation
	held   int        // entries in windows
	lost   lost
	census census
}

// newMemory returns an empty memory.
func newMemory() *Memory {
	clock := &identity.Clock{}
	m := &Memory{
		clock:       clock,
		Graph:       identity.NewGraph(clock),
		Profiles:    identity.NewLayer[string](clock, (*identity.Profile).Clone),
		Lines:       identity.NewLayer[string](clock, (*Line).clone),
		Addresses:   identity.NewLayer[netip.Addr](clock, (*Line).clone),
		Sessions:    identity.NewLayer[string](clock, (*Line).clone),
		Targets:     identity.NewLayer[string](clock, (*Line).clone),
		Credentials: identity.NewLayer[string](clock, (*Credential).clone),
		Peers:       identity.NewLayer[string](clock, (*identity.Profile).Clone),
		Sources:     identity.NewLayer[string](clock, (*Feed).clone),
		Alerts:      identity.NewLayer[string](clock, (*Alert).clone),
		Found:       identity.NewLayer[string](clock, (*Alert).clone),
		Gone:        identity.NewGone(goneKept),
		Windows:     map[string]*windows{},
		Owned:       identity.NewLayer[string](clock, func(o *owned) *owned { return &owned{slices.Clone(o.keys)} }),
	}
	m.Lines.Watch(m.census.replaced)
	m.Addresses.Watch(m.census.replaced)
	m.Sessions.Watch(m.census.replaced)
	m.Targets.Watch(m.census.replaced)
	return m
}

// settle makes all epochs up to one final.
func (m *Memory) settle(epoch uint32) {
	m.Graph.Settle(epoch)
	m.Profiles.Settle(epoch)
	m.Lines.Settle(epoch)
	m.Addresses.Settle(epoch)
	m.Sessions.Settle(epoch)
	m.Targets.Settle(epoch)
	m.Credentials.Settle(epoch)
	m.Peers.Settle(epoch)
	m.Sources.Settle(epoch)
	m.Alerts.Settle(epoch)
	m.Found.Settle(epoch)
	m.Owned.Settle(epoch)
	for _, w := range m.Windows {
		w.Settle(epoch)
	}
	for len(m.marks) > 0 && m.marks[0].epoch <= epoch {
		m.marks = m.marks[1:]
	}
}

// rollback takes back an epoch, which is not final, and all later ones.
func (m *Memory) rollback(from uint32) {
	m.Graph.Rollback(from)
	m.Profiles.Rollback(from)
	m.Lines.Rollback(from)
	m.Addresses.Rollback(from)
	m.Sessions.Rollback(from)
	m.Targets.Rollback(from)
	m.Credentials.Rollback(from)
	m.Peers.Rollback(from)
	m.Sources.Rollback(from)
	m.Alerts.Rollback(from)
	m.Found.Rollback(from)
	m.Owned.Rollback(from)
	for _, w := range m.Windows {
		w.Rollback(from)
	}
	m.backTo(from)
}

// count counts anew what is counted as it changes.
func (m *Memory) count() {
	m.held = 0
	for _, all := range m.Windows {
		all.held = 0
		for _, w := range all.All() {
			m.hold(all, w.len())
		}
	}
}

// Credential is the life of a key, secret, token or certificate.
type Credential struct {
	ID          string
	Kind        string // how it was made: the vendor's word
	Maker       string // identity that made it
	Owner       string // identity it is for
	Made        time.Time
	MadeDoc     *Act // never nil; without an id when it is not known
	MadeNetwork string
	FirstUse    time.Time
	LastUse     time.Time
	Ended       time.Time
	EndedDoc    *Act // the same
	Expires     time.Time
	Uses        int
	Users       identity.Habit // identities or workloads that used it
	Networks    identity.Habit
	Accounts    identity.Habit
}

func (c *Credential) clone() *Credential {
	n := *c
	identity.CopyHabits(&n.Users, &n.Networks, &n.Accounts)
	return &n
}
