package identity

import (
	"slices"

	"github.com/idwatch/idwatch/detections/pack"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Pack writes or reads what is final, in the order in which it was edited. key and value do so for one key and for what is under it.
func (l *Layer[K, V]) Pack(c *pack.Coder, key func(*pack.Coder, *K), value func(*pack.Coder, *V)) {
	for _, r := range []*ring[K, V]{&l.usual, &l.kept} {
		final := l.final(r)
		for i := range c.Len(len(final), pack.Most) {
			var s *slot[K, V]
			var v *V
			if c.Reading() {
				v = new(V)
				s = &slot[K, V]{value: v}
			} else {
				s = final[i]
				v = s.base()
			}
			key(c, &s.key)
			value(c, v)
			if c.Err() != nil {
				return
			}
			if c.Reading() {
				l.restore(c, r, s)
			}
		}
	}
}

// final lists the slots of a ring that have something for good, the one that was not edited for longest first. What only open
// epochs have forgotten goes with the usual ones.
func (l *Layer[K, V]) final(r *ring[K, V]) []*slot[K, V] {
	list := make([]*slot[K, V], 0, r.len)
	if r == &l.usual {
		for _, e := range l.open {
			for _, s := range e.slots {
				if s.epoch == e.epoch && s.in == nil && s.base() != nil {
					list = append(list, s)
				}
			}
		}
	}
	for s := r.oldest; s != nil; s = s.newer {
		if s.base() != nil {
			list = append(list, s)
		}
	}
	return list
}

func (l *Layer[K, V]) restore(c *pack.Coder, r *ring[K, V], s *slot[K, V]) {
	if l.slots[s.key] != nil {
		c.Damaged()
		return
	}
	l.slots[s.key] = s
	r.add(s)
	if l.watch != nil {
		l.watch(nil, s.value)
	}
}

// Pack writes or reads what is final in the graph.
func (g *Graph) Pack(c *pack.Coder) {
	g.names.Pack(c, pack.Word, packName)
	if c.Reading() && c.Err() == nil && !g.sound() {
		c.Damaged()
	}
}

// sound reports whether each name leads to one that stands for itself: Find would not end otherwise.
func (g *Graph) sound() bool {
	for text, n := range g.names.All() {
		if n.text != text {
			return false
		}
		steps := 0
		for at := n; at.parent != at.text; steps++ {
			if at = g.names.Get(at.parent); at == nil {
				break
			}
			if steps > g.names.Len() {
				return false
			}
		}
	}
	return true
}

func packName(c *pack.Coder, n *Name) {
	pack.Word(c, &n.text)
	pack.Word(c, &n.parent)
	pack.List(c, &n.names, pack.Most, pack.Word)
	pack.List(c, &n.links, pack.Most, packLink)
}

func packLink(c *pack.Coder, l *Link) {
	PackTie(c, &l.Tie)
	c.Time(&l.First)
	c.Time(&l.Last)
	pack.List(c, &l.Records, pack.Most, (*pack.Coder).Text)
	pack.Number(c, &l.Count)
}

// PackTie writes or reads what a record says of two names.
func PackTie(c *pack.Coder, t *Tie) {
	pack.Word(c, &t.From)
	pack.Word(c, &t.To)
	pack.Word(c, &t.Key)
	pack.Number(c, &t.Strength)
}

// Pack writes or reads the habit.
func (h *Habit) Pack(c *pack.Coder) {
	pack.List(c, &h.seen, HabitSize, packSight)
	c.Bool(&h.forgot)
	if c.Reading() && !slices.IsSortedFunc(h.seen, func(a, b sight) int { return compareKeys(a.value, b.value) }) {
		c.Damaged()
	}
}

func compareKeys(a, b uint64) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

func packSight(c *pack.Coder, s *sight) {
	c.Fixed(&s.value)
	pack.Number(c, &s.first)
	span := s.last - s.first // short, mostly
	c.Int(&span)
	s.last = s.first + span
	pack.Number(c, &s.count)
}

// Pack writes or reads the profile.
func (p *Profile) Pack(c *pack.Coder) {
	pack.Word(c, &p.ID)
	pack.Word(c, &p.Kind)
	c.Time(&p.First)
	c.Time(&p.Last)
	pack.Number(c, &p.Count)
	pack.Number(c, &p.Failures)
	for _, h := range p.habits() {
		h.Pack(c)
	}
	p.packHours(c)
	packSighting(c, &p.Place)
	pack.List(c, &p.Places, pack.Most, packSighting)
	p.Lifetimes.Pack(c)
	pack.List(c, &p.Rights, pack.Most, packRight)
	c.Float(&p.Risk)
	c.Time(&p.RiskAt)
	c.Time(&p.CreatedAt)
	c.Time(&p.DisabledAt)
	c.Time(&p.EnabledAt)
	c.Time(&p.PrivilegedAt)
	c.Time(&p.Brokered)
	c.Duration(&p.Dormant)
	c.Time(&p.DormantEnd)
	c.Bool(&p.Forgotten)
}

func (p *Profile) packHours(c *pack.Coder) {
	pack.List(c, &p.hours, 168, func(c *pack.Coder, h *hour) {
		pack.Number(c, &h.slot)
		pack.Number(c, &h.n)
		pack.Number(c, &h.day)
	})
	last := -1
	for _, h := range p.hours {
		if int(h.slot) <= last || h.slot >= 168 {
			c.Damaged()
			return
		}
		last = int(h.slot)
	}
}

func packSighting(c *pack.Coder, s *Sighting) {
	c.Time(&s.Time)
	pack.Shared(c, &s.Place, PackPlace)
	c.Addr(&s.Addr)
	pack.Word(c, &s.Dataset)
	pack.Word(c, &s.Session)
	pack.Word(c, &s.Device)
	pack.Word(c, &s.Network)
	c.Text(&s.Doc)
	pack.Word(c, &s.Index)
}

// PackPlace writes or reads a place.
func PackPlace(c *pack.Coder, p *ecs.Place) {
	for _, text := range []*string{&p.Continent, &p.CountryISO, &p.Country, &p.RegionISO, &p.Region, &p.City, &p.ASOrg} {
		pack.Word(c, text)
	}
	c.Float(&p.Lat)
	c.Float(&p.Lon)
	c.Bool(&p.HasLocation)
	pack.Number(c, &p.AccuracyKM)
	pack.Number(c, &p.ASN)
	c.Bytes(&p.GeoJSON)
	c.Bytes(&p.ASJSON)
}

func packRight(c *pack.Coder, r *Right) {
	pack.Word(c, &r.Name)
	c.Time(&r.Since)
	c.Time(&r.Until)
	c.Text(&r.Doc)
	c.Bool(&r.Used)
	pack.Word(c, &r.Grant)
}

// Pack writes or reads the spread.
func (s *Spread) Pack(c *pack.Coder) {
	pack.Number(c, &s.N)
	c.Float(&s.mean)
	c.Float(&s.m2)
	c.Float(&s.Max)
	c.Time(&s.MaxObserved)
}
