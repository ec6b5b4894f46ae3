// Package identity remembers who acts: the names of each identity over all sources, and what is usual for it.
package identity

import (
	"iter"
	"maps"
)

// Layer is memory by key that can be laid over another layer: reading looks through, editing copies what lies below.
// So a second view of all memory costs only what is changed in it, and dropping it takes everything back.
// The lowest layer knows in what order its keys were edited, for whoever bounds it.
type Layer[K comparable, V any] struct {
	own   map[K]*slot[K, V]
	below *Layer[K, V]
	clone func(*V) *V

	usual, kept ring[K, V] // of the lowest layer: all slots, by when they were edited
}

// NewLayer returns an empty layer. clone makes a copy that shares nothing which editing changes.
func NewLayer[K comparable, V any](clone func(*V) *V) *Layer[K, V] {
	return &Layer[K, V]{own: map[K]*slot[K, V]{}, clone: clone}
}

// Over returns an empty layer over l. l must not change below it but by Settle.
func (l *Layer[K, V]) Over() *Layer[K, V] {
	return &Layer[K, V]{own: map[K]*slot[K, V]{}, below: l, clone: l.clone}
}

// Get returns what is remembered under a key, nil when nothing is. It must not be changed.
func (l *Layer[K, V]) Get(key K) *V {
	for ; l != nil; l = l.below {
		if s, ok := l.own[key]; ok {
			return s.value
		}
	}
	return nil
}

// Edit returns what is remembered under a key, to be changed; create makes it where nothing is.
func (l *Layer[K, V]) Edit(key K, create func() *V) *V {
	s := l.own[key]
	if s != nil && s.value != nil {
		if l.below == nil {
			s.in.toFront(s)
		}
		return s.value
	}
	v := l.Get(key)
	if v == nil {
		v = create()
	} else {
		v = l.clone(v)
	}
	l.put(key, v)
	return v
}

func (l *Layer[K, V]) put(key K, v *V) {
	s := &slot[K, V]{key: key, value: v}
	l.own[key] = s
	if l.below == nil {
		l.usual.add(s)
	}
}

// Forget removes what is remembered under a key.
func (l *Layer[K, V]) Forget(key K) {
	s := l.own[key]
	switch {
	case l.below != nil:
		l.own[key] = &slot[K, V]{}
	case s != nil:
		s.in.remove(s)
		delete(l.own, key)
	}
}

// Keys lists the keys of this layer alone, in no order.
func (l *Layer[K, V]) Keys() iter.Seq[K] { return maps.Keys(l.own) }

// Len counts the keys of this layer alone.
func (l *Layer[K, V]) Len() int { return len(l.own) }

// Reset drops all that is in this layer alone, which is not the lowest.
func (l *Layer[K, V]) Reset() { clear(l.own) }
