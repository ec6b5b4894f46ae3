package detections

import (
	"slices"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

const (
	lineLength    = 48             // latest acts kept of one identity, address or session
	lastingLength = 16             // acts kept beside them that outlast what came later
	lineSpan      = 24 * time.Hour // how long acts are looked back for
)

// Line is a timeline: the latest acts of an identity, an address or a session, and earlier ones with which stories begin, in event-time
// order. An act stands in several lines at once, and nobody changes it any more.
type Line struct {
	Acts    []*Act
	lasting int       // how many of them, the oldest, stand there only because they last
	gap     time.Time // of the youngest act that had to make room
	first   [2]*Act   // room for the first acts: most lines have no more
}

func newLine() *Line {
	l := &Line{}
	l.Acts = l.first[:0]
	return l
}

func (l *Line) clone() *Line {
	c := &Line{lasting: l.lasting, gap: l.gap}
	c.Acts = append(c.first[:0], l.Acts...)
	return c
}

// lasts reports whether an act outlasts the many that come after it: stories begin with such acts.
func (a *Act) lasts() bool {
	return isManagement(a.Activity) || a.Gone != "" || a.Born || a.Activity == ecs.RiskReport || a.Actor.Kind == ecs.Human && a.Is(ecs.SignIn) ||
		slices.ContainsFunc(a.Signs, func(s *Sign) bool { return !s.Quiet })
}

// add puts an act into its place, which nearly always is the end, and lets go what is too old or too much.
func (l *Line) add(a *Act, c *census) {
	old := 0
	for old < len(l.Acts) && a.Time.Sub(l.Acts[old].Time) > lineSpan {
		old++
	}
	if old > 0 {
		c.release(l.Acts[:old])
		l.Acts, l.lasting = slices.Delete(l.Acts, 0, old), max(0, l.lasting-old)
	}
	l.makeRoom(lineLength-1, c)
	i := len(l.Acts)
	for i > 0 && l.Acts[i-1].Time.After(a.Time) {
		i--
	}
	if i < l.lasting {
		l.lasting++
	}
	l.Acts = slices.Insert(l.Acts, i, a)
	if len(l.Acts) > len(l.first) {
		clear(l.first[:]) // they stand elsewhere now
	}
	c.hold(l.Acts[i : i+1])
}

// makeRoom lets go acts until there are at most so many latest ones.
func (l *Line) makeRoom(most int, c *census) {
	for len(l.Acts)-l.lasting > most {
		gone := l.lasting
		if l.Acts[gone].lasts() {
			if l.lasting < lastingLength {
				l.lasting++
				continue
			}
			gone = 0
		}
		l.drop(gone, c)
	}
}

func (l *Line) drop(i int, c *census) {
	l.gap = later(l.gap, l.Acts[i].Time)
	c.release(l.Acts[i : i+1])
	l.Acts = slices.Delete(l.Acts, i, i+1)
}

// thin lets go all acts that do not last.
func (l *Line) thin(c *census) {
	for i := len(l.Acts) - 1; i >= 0; i-- {
		if !l.Acts[i].lasts() {
			l.drop(i, c)
		}
	}
	l.lasting = len(l.Acts)
}

// empty lets go all acts, but for when the last one was.
func (l *Line) empty(c *census) {
	c.release(l.Acts)
	l.gap = later(l.gap, l.Acts[len(l.Acts)-1].Time)
	clear(l.Acts)
	l.Acts, l.lasting = nil, 0
}

// forgot reports whether acts younger than a time had to make room: of what is not there nothing can be said then.
func (l *Line) forgot(since time.Time) bool { return l != nil && l.gap.After(since) }

// last is when the line was last added to.
func (l *Line) last() time.Time {
	if len(l.Acts) == 0 {
		return l.gap
	}
	return l.Acts[len(l.Acts)-1].Time
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
	return l.Acts[i:end:end]
}

// merge takes in another line's acts.
func (l *Line) merge(o *Line, c *census) {
	c.hold(o.Acts)
	l.Acts = append(l.Acts, o.Acts...)
	slices.SortFunc(l.Acts, byTime)
	l.lasting, l.gap = 0, later(l.gap, o.gap)
	l.makeRoom(lineLength, c)
}

// over reports whether no act is younger than a time.
func (l *Line) over(old time.Time) bool { return l.last().Before(old) }

// census counts the acts that stand in lines, each once. How many those are, an act knows by itself.
type census struct{ acts int }

func (t *census) hold(acts []*Act) {
	for _, a := range acts {
		if a.lines++; a.lines == 1 {
			t.acts++
		}
	}
}

func (t *census) release(acts []*Act) {
	for _, a := range acts {
		if a.lines--; a.lines == 0 {
			t.acts--
		}
	}
}

// replaced notes that one line stands in another one's place.
func (t *census) replaced(from, to *Line) {
	if to != nil {
		t.hold(to.Acts)
	}
	if from != nil {
		t.release(from.Acts)
	}
}

// addTo adds an act to a line.
func addTo[K comparable](m *Memory, lines *identity.Layer[K, Line], key K, a *Act) {
	lines.Edit(key, newLine).add(a, &m.census)
	lines.Release(key)
}
