package identity

import (
	"time"

	"github.com/idwatch/idwatch/detections/pack"
)

// Gone is what is left of the forgotten: that they were there, and when last. It is bounded: of two generations the older
// one is dropped whole.
type Gone struct {
	most       int // of one generation
	young, old map[uint64]uint32
	Lost       int // how many were dropped
}

// NewGone remembers at least so many.
func NewGone(most int) *Gone { return &Gone{most: most, young: map[uint64]uint32{}} }

// Add notes that a name was forgotten and when it was last seen.
func (g *Gone) Add(name string, last time.Time) {
	if len(g.young) >= g.most {
		g.Lost += len(g.old)
		g.young, g.old = map[uint64]uint32{}, g.young
	}
	g.young[Hash(name)] = uint32(max(last.Unix(), 0) / 3600)
}

// Last is when a forgotten name was last seen, to the hour.
func (g *Gone) Last(name string) (last time.Time, ok bool) {
	if g == nil || len(g.young)+len(g.old) == 0 {
		return time.Time{}, false
	}
	key := Hash(name)
	hour, ok := g.young[key]
	if !ok {
		hour, ok = g.old[key]
	}
	return time.Unix(int64(hour)*3600, 0).UTC(), ok
}

// Pack writes or reads what is left.
func (g *Gone) Pack(c *pack.Coder) {
	for _, m := range []*map[uint64]uint32{&g.young, &g.old} {
		if *m == nil {
			*m = map[uint64]uint32{}
		}
		pack.Map(c, *m, (*pack.Coder).Fixed, pack.Number)
	}
	pack.Number(c, &g.Lost)
}
