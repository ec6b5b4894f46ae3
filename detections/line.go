package detections

import (
	"slices"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
)

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
func (l *Line) add(a *Act, t *census) {
	old := 0
	for old < len(l.Acts) && a.Time.Sub(l.Acts[old].Time) > lineSpan {
		old++
	}
	if len(l.Acts)-old >= lineLength {
		l.Dropped++
		old++
	}
	if old > 0 {
		t.release(l.Acts[:old])
		kept := copy(l.Acts, l.Acts[old:])
		clear(l.Acts[kept:])
		l.Acts = l.Acts[:kept]
	}
	i := len(l.Acts)
	for i > 0 && l.Acts[i-1].Time.After(a.Time) {
		i--
	}
	l.Acts = slices.Insert(l.Acts, i, a)
	t.hold(l.Acts[i : i+1])
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
func (l *Line) merge(o *Line, t *census) {
	t.hold(o.Acts)
	l.Acts = append(l.Acts, o.Acts...)
	slices.SortFunc(l.Acts, byTime)
	if extra := len(l.Acts) - lineLength; extra > 0 {
		t.release(l.Acts[:extra])
		l.Acts = slices.Delete(l.Acts, 0, extra)
		l.Dropped += extra
	}
	l.Dropped += o.Dropped
}

// over reports whether no act is younger than a time.
func (l *Line) over(old time.Time) bool {
	return len(l.Acts) == 0 || l.Acts[len(l.Acts)-1].Time.Before(old)
}

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
}
