// Package identity remembers who acts: the names of each identity over all sources, and what is usual for it.
package identity

import (
	"iter"
)

// Layer is memory by key whose latest changes can be taken back. Changes belong to the epoch in which they were made: the first
// one in an epoch keeps what was there before and goes on with a copy, so that an epoch costs what is changed in it and nothing else.
// The layer knows in what order its keys were edited, for whoever bounds it.
type Layer[K comparable, V any] struct {
	slots map[K]*slot[K, V]
	near  [nearSlots]*slot[K, V] // that were asked for last: an act asks for the same ones again and again
	spare []slot[K, V]
	clone func(*V) *V
	watch func(from, to *V)
	clock *Clock
	open  []epochSlots[K, V] // oldest first

	usual, kept ring[K, V] // all slots with a value, by when they were edited
}

// epochSlots are the slots that an epoch has touched.
type epochSlots[K comparable, V any] struct {
	epoch uint32
	slots []*slot[K, V]
}

// slotsAtOnce is how many slots are made at a time. Most go together, too: what is touched at one time is forgotten at one time.
const slotsAtOnce = 16

// version is what was under a key before an epoch. It is one only if there is a slot with an epoch after it.
type version[V any] struct {
	value  *V // nil when there was nothing
	epoch  uint32
	there  bool
	before *version[V]
}

// nearSlots is how many slots are found without a look into the map.
const nearSlots = 4

// slot is where a key stands, nil when it does not.
func (l *Layer[K, V]) slot(key K) *slot[K, V] {
	for i, s := range &l.near {
		if s != nil && s.key == key {
			if i > 0 {
				copy(l.near[1:], l.near[:i])
				l.near[0] = s
			}
			return s
		}
	}
	s := l.slots[key]
	if s != nil {
		l.approach(s)
	}
	return s
}

// approach puts a slot before those that were asked for last.
func (l *Layer[K, V]) approach(s *slot[K, V]) {
	copy(l.near[1:], l.near[:])
	l.near[0] = s
}

// NewLayer returns an empty layer. clone makes a copy that shares nothing which editing changes.
func NewLayer[K comparable, V any](clock *Clock, clone func(*V) *V) *Layer[K, V] {
	return &Layer[K, V]{slots: map[K]*slot[K, V]{}, clone: clone, clock: clock}
}

// Watch has f told whenever one thing stands in another one's place without having been edited: taken back, forgotten, or read from a
// snapshot. Either may be nil.
func (l *Layer[K, V]) Watch(f func(from, to *V)) { l.watch = f }

// Get returns what is remembered under a key, nil when nothing is. It must not be changed. That there was nothing is
// remembered too, as long as an earlier act may come.
func (l *Layer[K, V]) Get(key K) *V {
	s := l.slot(key)
	switch {
	case l.clock.epoch == 0:
		if s == nil {
			return nil
		}
		return s.value
	case s == nil:
		l.fresh(key)
		return nil
	}
	l.clock.meet(&s.at)
	return s.value
}

// Peek is Get for what does not depend on the order of acts.
func (l *Layer[K, V]) Peek(key K) *V {
	if s := l.slot(key); s != nil {
		return s.value
	}
	return nil
}

// fresh is a slot for a key that has none.
func (l *Layer[K, V]) fresh(key K) *slot[K, V] {
	if len(l.spare) == 0 {
		l.spare = make([]slot[K, V], slotsAtOnce)
	}
	s := &l.spare[0]
	l.spare = l.spare[1:]
	s.key, s.epoch, s.at = key, l.clock.epoch, l.clock.at
	l.slots[key] = s
	l.approach(s)
	if s.epoch > 0 {
		l.touch(s)
	}
	return s
}

// touch notes that the epoch has touched a slot.
func (l *Layer[K, V]) touch(s *slot[K, V]) {
	if n := len(l.open); n == 0 || l.open[n-1].epoch != l.clock.epoch {
		l.open = append(l.open, epochSlots[K, V]{epoch: l.clock.epoch})
	}
	last := &l.open[len(l.open)-1]
	last.slots = append(last.slots, s)
}

// Edit returns what is remembered under a key, to be changed; create makes it where nothing is.
func (l *Layer[K, V]) Edit(key K, create func() *V) *V {
	s := l.slot(key)
	if s == nil {
		s = l.fresh(key)
	} else if l.clock.epoch > 0 {
		l.clock.meet(&s.at)
	}
	l.edit(s, create)
	return s.value
}

// EditFinal is Edit for good of what no open epoch has touched, nil of all else.
func (l *Layer[K, V]) EditFinal(key K) *V {
	s := l.slot(key)
	if s == nil || s.epoch > 0 || s.value == nil {
		return nil
	}
	s.in.toFront(s)
	return s.value
}

// EditQuietly is Edit for what does not depend on the order of acts.
func (l *Layer[K, V]) EditQuietly(key K, create func() *V) *V {
	s := l.slot(key)
	if s == nil {
		s = l.fresh(key)
	}
	l.edit(s, create)
	return s.value
}

func (l *Layer[K, V]) edit(s *slot[K, V], create func() *V) {
	first := l.keep(s)
	switch {
	case s.value == nil:
		s.value = create()
		l.usual.add(s)
		return
	case first:
		s.value = l.clone(s.value)
	}
	s.in.toFront(s)
}

// keep keeps what is under a key before the epoch changes it, and reports whether it had to.
func (l *Layer[K, V]) keep(s *slot[K, V]) bool {
	if s.epoch >= l.clock.epoch {
		return false
	}
	older := version[V]{value: s.value, epoch: s.epoch, there: true}
	if s.before.there {
		before := s.before
		older.before = &before
	}
	s.before, s.epoch = older, l.clock.epoch
	l.touch(s)
	return true
}

// Forget removes what is remembered under a key. For good, in epoch 0, it leaves alone what an open epoch has touched, and
// reports false.
func (l *Layer[K, V]) Forget(key K) bool {
	s := l.slots[key]
	if s == nil {
		return true
	}
	if l.clock.epoch == 0 {
		if s.epoch > 0 {
			return false
		}
		l.drop(s)
		return true
	}
	l.clock.meet(&s.at)
	l.keep(s)
	l.set(s, nil)
	return true
}

// set changes the value of a slot, which stands in a ring if it has one.
func (l *Layer[K, V]) set(s *slot[K, V], value *V) {
	switch {
	case value == nil && s.in != nil:
		s.in.remove(s)
	case value != nil && s.in == nil:
		l.usual.add(s)
	}
	if l.watch != nil && s.value != value {
		l.watch(s.value, value)
	}
	s.value = value
}

func (l *Layer[K, V]) drop(s *slot[K, V]) {
	l.set(s, nil)
	l.remove(s)
}

func (l *Layer[K, V]) remove(s *slot[K, V]) {
	delete(l.slots, s.key)
	l.near = [nearSlots]*slot[K, V]{}
}

// Settle makes all epochs up to one final.
func (l *Layer[K, V]) Settle(epoch uint32) {
	for len(l.open) > 0 && l.open[0].epoch <= epoch {
		for _, s := range l.open[0].slots {
			l.settle(s, epoch)
		}
		l.open[0].slots = nil
		l.open = l.open[1:]
	}
}

func (l *Layer[K, V]) settle(s *slot[K, V], epoch uint32) {
	if s.epoch <= epoch {
		s.epoch, s.before = 0, version[V]{}
		if s.value == nil && l.slots[s.key] == s {
			l.remove(s)
		}
		return
	}
	var after *version[V]
	for v := s.youngest(); v != nil; after, v = v, v.before {
		if v.epoch > epoch {
			continue
		}
		v.epoch, v.before = 0, nil
		switch {
		case v.value != nil:
		case after != nil:
			after.before = nil
		default:
			s.before = version[V]{}
		}
		return
	}
}

// youngest is what was there before the slot's own epoch, nil when there is nothing to come back to.
func (s *slot[K, V]) youngest() *version[V] {
	if !s.before.there {
		return nil
	}
	return &s.before
}

// Rollback takes back the changes of an epoch, which is not final, and of all later ones.
func (l *Layer[K, V]) Rollback(from uint32) {
	n := 0
	for ; n < len(l.open) && l.open[n].epoch < from; n++ {
	}
	for _, e := range l.open[n:] {
		for _, s := range e.slots {
			if s.epoch >= from {
				l.rollback(s, from)
			}
		}
	}
	clear(l.open[n:])
	l.open = l.open[:n]
}

func (l *Layer[K, V]) rollback(s *slot[K, V], from uint32) {
	for v := s.youngest(); v != nil; v = v.before {
		if v.epoch < from {
			l.set(s, v.value)
			s.epoch = v.epoch
			if v.before != nil {
				s.before = *v.before
			} else {
				s.before = version[V]{}
			}
			return
		}
	}
	s.epoch, s.before = 0, version[V]{}
	l.drop(s)
}

// base is what is under the key for good.
func (s *slot[K, V]) base() *V {
	if s.epoch == 0 {
		return s.value
	}
	for v := s.youngest(); v != nil; v = v.before {
		if v.epoch == 0 {
			return v.value
		}
	}
	return nil
}

// Final reports whether something is remembered under a key for good.
func (l *Layer[K, V]) Final(key K) bool {
	s := l.slots[key]
	return s != nil && s.base() != nil
}

// Touched lists the keys that were changed up to an epoch and are not final.
func (l *Layer[K, V]) Touched(epoch uint32) iter.Seq[K] {
	return func(yield func(K) bool) {
		for _, e := range l.open {
			for _, s := range e.slots {
				if e.epoch <= epoch && !yield(s.key) {
					return
				}
			}
		}
	}
}

// All lists what is remembered, in no order.
func (l *Layer[K, V]) All() iter.Seq2[K, *V] {
	return func(yield func(K, *V) bool) {
		for key, s := range l.slots {
			if s.value != nil && !yield(key, s.value) {
				return
			}
		}
	}
}

// Len counts what is remembered.
func (l *Layer[K, V]) Len() int { return l.usual.len + l.kept.len }
