package detections

import (
	"net/netip"
	"slices"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
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

	cold  Cold    // what is forgotten goes there; nil keeps nothing of it
	packs *packer // for what goes there

	clock  *identity.Clock
	marks  []mark     // of open epochs, oldest first
	placed []*windows // by order of their correlation
	held   int        // entries in windows
	lost   lost
	acts   int // in the lines of identities
}

// newMemory returns an empty memory.
func newMemory() *Memory {
	clock := &identity.Clock{}
	return &Memory{
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
	m.acts, m.held = 0, 0
	for _, l := range m.Lines.All() {
		m.acts += len(l.Acts)
	}
	for _, all := range m.Windows {
		all.held = 0
		for _, w := range all.All() {
			m.hold(all, w.len())
		}
	}
}

const (
	lineLength = 48             // acts kept of one identity, address or session
	lineSpan   = 24 * time.Hour // how long acts are looked back for
)

// Line is a timeline: the latest acts of an identity, an address or a session, in event-time order. An act stands in several
// lines at once, and nobody changes it any more.
type Line struct {
	Acts    []*Act
	Dropped int     // acts younger than lineSpan that had to make room
	first   [2]*Act // room for the first acts: most lines have no more
}

func newLine() *Line {
	l := &Line{}
	l.Acts = l.first[:0]
	return l
}

func (l *Line) clone() *Line {
	c := &Line{Dropped: l.Dropped}
	c.Acts = append(c.first[:0], l.Acts...)
	return c
}

// add puts an act into its place, which nearly always is the end, and lets go what is too old or too much.
func (l *Line) add(a *Act) {
	old := 0
	for old < len(l.Acts) && a.Time.Sub(l.Acts[old].Time) > lineSpan {
		old++
	}
	if len(l.Acts)-old >= lineLength {
		l.Dropped++
		old++
	}
	if old > 0 {
		kept := copy(l.Acts, l.Acts[old:])
		clear(l.Acts[kept:])
		l.Acts = l.Acts[:kept]
	}
	i := len(l.Acts)
	for i > 0 && l.Acts[i-1].Time.After(a.Time) {
		i--
	}
	l.Acts = slices.Insert(l.Acts, i, a)
}

// Since are the acts up to the time that are not older than d before it.
func (l *Line) Since(at time.Time, d time.Duration) []*Act {
	if l == nil {
		return nil
	}
	i, _ := slices.BinarySearchFunc(l.Acts, at.Add(-min(d, lineSpan)), func(a *Act, t time.Time) int { return a.Time.Compare(t) })
	end := len(l.Acts)
	for end > i && l.Acts[end-1].Time.After(at) {
		end--
	}
	return l.Acts[i:end]
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
