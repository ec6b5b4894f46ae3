// Package latest remembers the last things of a stream by their keys: as many as it is told, and of those each.
package latest

import (
	"hash/maphash"
	"iter"
)

// Map holds the values of the keys that were added last. Its memory grows up to what so many take, and is used again from then on; nothing in it
// is a pointer but what keys and values have themselves.
type Map[K comparable, V any] struct {
	most  int
	seed  maphash.Seed
	ring  []entry[K, V] // in the order in which they came, the oldest at first
	first int
	table []uint32 // places in the ring, from 1, by hash and where that is taken behind it; 0 is free. At most half is taken
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

// leastTable is how large a table begins, a power of two.
const leastTable = 16

// New returns an empty map that remembers the last so many keys, at least one.
func New[K comparable, V any](most int) *Map[K, V] {
	return &Map[K, V]{most: max(most, 1), seed: maphash.MakeSeed(), table: make([]uint32, leastTable)}
}

// Len counts the keys that are remembered.
func (m *Map[K, V]) Len() int { return len(m.ring) }

// Add returns what is remembered under a key. If that is nothing it adds the value, in place of the oldest one when there is no room.
func (m *Map[K, V]) Add(key K, value V) (before V, there bool) {
	at := m.find(key)
	if n := m.table[at]; n > 0 {
		return m.ring[n-1].value, true
	}
	if len(m.ring) == m.most {
		oldest := &m.ring[m.first]
		m.free(m.find(oldest.key))
		*oldest = entry[K, V]{key, value}
		m.table[m.find(key)] = uint32(m.first) + 1 // what stood behind the oldest may have moved up
		m.first = (m.first + 1) % m.most
		return before, false
	}
	if 2*(len(m.ring)+1) > len(m.table) {
		m.grow()
		at = m.find(key)
	}
	m.ring = append(m.ring, entry[K, V]{key, value})
	m.table[at] = uint32(len(m.ring))
	return before, false
}

// All lists what is remembered, the oldest first.
func (m *Map[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for i := range m.ring {
			e := &m.ring[(m.first+i)%len(m.ring)]
			if !yield(e.key, e.value) {
				return
			}
		}
	}
}

func (m *Map[K, V]) home(key K) int {
	return int(maphash.Comparable(m.seed, key) & uint64(len(m.table)-1))
}

// find is the place in the table where a key is, or else would be.
func (m *Map[K, V]) find(key K) int {
	at := m.home(key)
	for m.table[at] > 0 && m.ring[m.table[at]-1].key != key {
		at = (at + 1) & (len(m.table) - 1)
	}
	return at
}

// free empties a place in the table, and moves up what stands behind it because of it.
func (m *Map[K, V]) free(at int) {
	mask := len(m.table) - 1
	for next := (at + 1) & mask; m.table[next] > 0; next = (next + 1) & mask {
		if home := m.home(m.ring[m.table[next]-1].key); (next-home)&mask >= (next-at)&mask {
			m.table[at] = m.table[next]
			at = next
		}
	}
	m.table[at] = 0
}

// grow doubles the table, and the ring up to what may be remembered. The ring is not turned yet.
func (m *Map[K, V]) grow() {
	m.table = make([]uint32, 2*len(m.table))
	ring := make([]entry[K, V], len(m.ring), min(len(m.table)/2, m.most))
	copy(ring, m.ring)
	m.ring = ring
	for i := range m.ring {
		m.table[m.find(m.ring[i].key)] = uint32(i) + 1
	}
}
