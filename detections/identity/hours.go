package identity

import (
	"cmp"
	"slices"
	"time"
)

// hour is an hour of the week in which an identity acted.
type hour struct {
	day  int32 // since 1970, on which it was last counted
	slot uint8
	n    uint8 // on how many different days
}

// Slot is the hour of the week, from Monday midnight UTC.
func Slot(at time.Time) int {
	at = at.UTC()
	return (int(at.Weekday())+6)%7*24 + at.Hour()
}

// UsualHour tells whether the identity is used to act at this hour of the week, or next to it. An hour is usual after
// it was seen on three different days.
func (p *Profile) UsualHour(at time.Time, m Maturity) Novelty {
	if !p.Mature(at, m) {
		return Unknown
	}
	slot, known := Slot(at), 0
	for _, h := range p.hours {
		if h.n >= 3 {
			known++
		}
	}
	if known < 5 {
		return Unknown // too irregular to have hours of its own
	}
	for _, d := range []int{0, -1, 1} {
		if p.seenIn((slot+d+168)%168) >= 3 {
			return Known
		}
	}
	// the same hour on another working day is no surprise on a working day
	if day := slot / 24; day < 5 {
		for other := range 5 {
			if p.seenIn(other*24+slot%24) >= 3 {
				return Known
			}
		}
	}
	return New
}

// NoteHour counts an act's hour of the week.
func (p *Profile) NoteHour(at time.Time) {
	slot, day := Slot(at), int32(at.Unix()/86400)
	i, found := p.findHour(slot)
	if !found {
		p.hours = slices.Insert(p.hours, i, hour{day, uint8(slot), 1})
		return
	}
	if h := &p.hours[i]; h.day != day && h.n < 255 {
		h.n++
		h.day = day
	}
}

func (p *Profile) findHour(slot int) (int, bool) {
	return slices.BinarySearchFunc(p.hours, slot, func(h hour, slot int) int { return cmp.Compare(int(h.slot), slot) })
}

// seenIn is on how many days the identity acted in an hour of the week.
func (p *Profile) seenIn(slot int) uint8 {
	if i, found := p.findHour(slot); found {
		return p.hours[i].n
	}
	return 0
}

// mergeHours takes in the hours of another profile.
func (p *Profile) mergeHours(o *Profile) {
	for _, h := range o.hours {
		i, found := p.findHour(int(h.slot))
		if !found {
			p.hours = slices.Insert(p.hours, i, h)
			continue
		}
		mine := &p.hours[i]
		mine.n, mine.day = max(mine.n, h.n), max(mine.day, h.day)
	}
}

// Hours is how often each hour of the week was seen, from Monday midnight UTC.
func (p *Profile) Hours() (all [168]uint8) {
	for _, h := range p.hours {
		all[h.slot] = h.n
	}
	return all
}
