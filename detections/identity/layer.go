// Package identity remembers who acts: the names of each identity over all sources, and what is usual for it.
package identity

import (
	"iter"
	"maps"
)

// Layer is memory by key that can be laid over another layer: reading looks through, editing copies what lies below.
// So a second view of all memory costs only what is changed in it, and dropping it takes everything back.
type Layer[K comparable, V any] struct {
	own   map[K]*V
	below *Layer[K, V]
	clone func(*V) *V
}

// NewLayer returns an empty layer. clone makes a copy that shares nothing which editing changes.
func NewLayer[K comparable, V any](clone func(*V) *V) *Layer[K, V] {
	return &Layer[K, V]{own: map[K]*V{}, clone: clone}
}

// Over returns an empty layer over l. l must not change below it but by Settle.
func (l *Layer[K, V]) Over() *Layer[K, V] {
	return &Layer[K, V]{own: map[K]*V{}, below: l, clone: l.clone}
}

// Get returns what is remembered under a key, nil when nothing is. It must not be changed.
func (l *Layer[K, V]) Get(key K) *V {
	for ; l != nil; l = l.below {
		if v, ok := l.own[key]; ok {
			return v
		}
	}
	return nil
}

// Edit returns what is remembered under a key, to be changed; create makes it where nothing is.
func (l *Layer[K, V]) Edit(key K, create func() *V) *V {
	if v, ok := l.own[key]; ok && v != nil {
		return v
	}
	v := l.Get(key)
	if v == nil {
		v = create()
	} else {
		v = l.clone(v)
	}
	l.own[key] = v
	return v
}

// Forget removes what is remembered under a key.
func (l *Layer[K, V]) Forget(key K) {
	if l.below != nil {
		l.own[key] = nil
		return
	}
	delete(l.own, key)
}

// Keys lists the keys of this layer alone, in no order.
func (l *Layer[K, V]) Keys() iter.Seq[K] { return maps.Keys(l.own) }

// Len counts the keys of this layer alone.
func (l *Layer[K, V]) Len() int { return len(l.own) }

// Reset drops all that is in this layer alone.
func (l *Layer[K, V]) Reset() { clear(l.own) }
