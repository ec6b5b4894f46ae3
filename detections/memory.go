package detections

import (
	"net/netip"
	"slices"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
)

// Memory is all that the engine remembers. Laid over another one it is a view that can be dropped.
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
	Alerts      *identity.Layer[string, Alert]
	Gone        *identity.Gone      // what was forgotten; views share it
	Waits       []wait              // questions to be asked later, by when; of the lowest layer alone
	Windows     map[string]*windows // of correlations, by their key
	Owned       *identity.Layer[string, owned]

	view   bool // laid over another one
	below  *Memory
	placed []*windows // by order of their correlation
	held   int        // entries in windows, of the lowest layer
	acts   int        // in the lines of identities, of the lowest layer
}

// newMemory returns an empty memory.
func newMemory() *Memory {
	return &Memory{
		Graph:       identity.NewGraph(),
		Profiles:    identity.NewLayer[string]((*identity.Profile).Clone),
		Lines:       identity.NewLayer[string]((*Line).clone),
		Addresses:   identity.NewLayer[netip.Addr]((*Line).clone),
		Sessions:    identity.NewLayer[string]((*Line).clone),
		Targets:     identity.NewLayer[string]((*Line).clone),
		Credentials: identity.NewLayer[string]((*Credential).clone),
		Peers:       identity.NewLayer[string]((*identity.Profile).Clone),
		Sources:     identity.NewLayer[string]((*Feed).clone),
		Alerts:      identity.NewLayer[string]((*Alert).clone),
		Gone:        identity.NewGone(goneKept),
		Windows:     map[string]*windows{},
		Owned:       identity.NewLayer[string](func(o *owned) *owned { return &owned{slices.Clone(o.keys)} }),
	}
}

// over lays a view over the memory.
func (m *Memory) over() *Memory {
	return &Memory{
		view: true, Graph: m.Graph.Over(), Profiles: m.Profiles.Over(), Lines: m.Lines.Over(), Addresses: m.Addresses.Over(),
		Sessions: m.Sessions.Over(), Targets: m.Targets.Over(), Credentials: m.Credentials.Over(), Peers: m.Peers.Over(), Sources: m.Sources.Over(), Alerts: m.Alerts.Over(), Gone: m.Gone,
		below: m, Windows: map[string]*windows{}, Owned: m.Owned.Over(),
	}
}

// reset drops what was changed in this view.
func (m *Memory) reset() {
	m.Graph.Reset()
	m.Profiles.Reset()
	m.Lines.Reset()
	m.Addresses.Reset()
	m.Sessions.Reset()
	m.Targets.Reset()
	m.Credentials.Reset()
	m.Peers.Reset()
	m.Sources.Reset()
	m.Alerts.Reset()
	clear(m.Windows)
	clear(m.placed)
	m.Owned.Reset()
}

const (
	lineLength = 48             // acts kept of one identity, address or session
	lineSpan   = 24 * time.Hour // how long acts are looked back for
)

// Line is a timeline: the latest acts of an identity, an address or a session, in event-time order. An act stands in several
// lines at once, and nobody changes it any more.
type Line struct {
	Acts    []*Act
	Dropped int // acts younger than lineSpan that had to make room
}

func newLine() *Line { return &Line{} }

func (l *Line) clone() *Line { return &Line{slices.Clone(l.Acts), l.Dropped} }

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
	MadeDoc     Act
	MadeNetwork string
	FirstUse    time.Time
	LastUse     time.Time
	Ended       time.Time
	EndedDoc    Act
	Expires     time.Time
	Uses        int
	Users       identity.Habit // identities or workloads that used it
	Networks    identity.Habit
	Accounts    identity.Habit
}

func (c *Credential) clone() *Credential {
	n := *c
	n.Users, n.Networks, n.Accounts = c.Users.Copy(), c.Networks.Copy(), c.Accounts.Copy()
	return &n
}
