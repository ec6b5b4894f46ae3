package identity

import (
	"math/bits"
	"slices"
)

// Novelty is what memory says of a value.
type Novelty uint8

// The answers of memory. Unknown is an honest one: too little was seen, or something was forgotten.
const (
	Unknown Novelty = iota
	Known
	New
)

// HabitSize is how many values of one kind are remembered of one identity.
const HabitSize = 64

// Habit is a set of values with the time of their first and last sight, bounded: it forgets the value that was not seen
// for longest, and from then on never again calls a value new.
type Habit struct {
	seen   []sight // by value
	forgot bool
}

type sight struct {
	value       uint64
	first, last int64 // unix nanoseconds
	count       uint32
}

// Hash stands for a value in habits. It is stable over processes, so that snapshots can be read again: eight bytes at a time, folded
// by a product of 128 bits.
func Hash(value string) uint64 {
	h, length := uint64(14695981039346656037), uint64(len(value))
	for len(value) >= 8 {
		h = fold(h ^ word(value))
		value = value[8:]
	}
	var rest uint64
	for i := range len(value) {
		rest |= uint64(value[i]) << (8 * i)
	}
	return fold(fold(h^rest) ^ length)
}

func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func fold(x uint64) uint64 {
	high, low := bits.Mul64(x^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
	return high ^ low
}

// Has reports whether the value was seen before.
func (h *Habit) Has(value string) bool {
	_, found := h.find(Hash(value))
	return found
}

// Forget has the habit answer that it forgot, from now on.
func (h *Habit) Forget() { h.forgot = true }

// Forgot reports whether values were forgotten.
func (h *Habit) Forgot() bool { return h.forgot }

// Len counts the values remembered.
func (h *Habit) Len() int { return len(h.seen) }

// First is when the value was first seen, in unix nanoseconds, 0 when it was not.
func (h *Habit) First(value string) int64 {
	if i, found := h.find(Hash(value)); found {
		return h.seen[i].first
	}
	return 0
}

// Seen is how often the value was seen, and when first, in unix nanoseconds.
func (h *Habit) Seen(value string) (times uint32, first int64) {
	if i, found := h.find(Hash(value)); found {
		return h.seen[i].count, h.seen[i].first
	}
	return 0, 0
}

// Add notes a sight of the value at a time in unix nanoseconds.
func (h *Habit) Add(value string, at int64) {
	if value == "" {
		return
	}
	key := Hash(value)
	i, found := h.find(key)
	if found {
		s := &h.seen[i]
		s.first, s.last, s.count = min(s.first, at), max(s.last, at), s.count+1
		return
	}
	if len(h.seen) >= HabitSize {
		h.forgetOldest()
		i, _ = h.find(key)
	}
	h.seen = slices.Insert(h.seen, i, sight{key, at, at, 1})
}

func (h *Habit) find(key uint64) (int, bool) {
	return slices.BinarySearchFunc(h.seen, key, func(s sight, key uint64) int {
		switch {
		case s.value < key:
			return -1
		case s.value > key:
			return 1
		}
		return 0
	})
}

func (h *Habit) forgetOldest() {
	oldest := 0
	for i := range h.seen {
		if h.seen[i].last < h.seen[oldest].last {
			oldest = i
		}
	}
	h.seen = slices.Delete(h.seen, oldest, oldest+1)
	h.forgot = true
}

// Merge takes in what another habit saw.
func (h *Habit) Merge(other *Habit) {
	h.forgot = h.forgot || other.forgot
	for _, s := range other.seen {
		i, found := h.find(s.value)
		if found {
			mine := &h.seen[i]
			mine.first, mine.last, mine.count = min(mine.first, s.first), max(mine.last, s.last), mine.count+s.count
			continue
		}
		h.seen = slices.Insert(h.seen, i, s)
	}
	for len(h.seen) > HabitSize {
		h.forgetOldest()
	}
}

// CopyHabits makes the habits share nothing with those that they were copied from. They share one piece of memory among themselves,
// which a habit leaves when it grows.
func CopyHabits(habits ...*Habit) {
	n := 0
	for _, h := range habits {
		n += len(h.seen)
	}
	room := make([]sight, 0, n)
	for _, h := range habits {
		room = append(room, h.seen...)
		h.seen = room[len(room)-len(h.seen) : len(room) : len(room)]
	}
}
