package identity

// slot is a place in a layer. Those with a value stand in one of two rings, in the order in which they were edited.
type slot[K comparable, V any] struct {
	key    K
	value  *V
	at     Position // of the last act that met it
	before version[V]
	epoch  uint32 // in which the value was made; 0: for good

	in           *ring[K, V]
	newer, older *slot[K, V]
}

// ring keeps slots from the newest to the oldest.
type ring[K comparable, V any] struct {
	newest, oldest *slot[K, V]
	len            int
}

func (r *ring[K, V]) add(s *slot[K, V]) {
	s.in, s.newer, s.older = r, nil, r.newest
	if r.newest != nil {
		r.newest.newer = s
	} else {
		r.oldest = s
	}
	r.newest = s
	r.len++
}

func (r *ring[K, V]) remove(s *slot[K, V]) {
	if s.newer != nil {
		s.newer.older = s.older
	} else {
		r.newest = s.older
	}
	if s.older != nil {
		s.older.newer = s.newer
	} else {
		r.oldest = s.newer
	}
	s.in, s.newer, s.older = nil, nil, nil
	r.len--
}

func (r *ring[K, V]) toFront(s *slot[K, V]) {
	if r.newest != s {
		r.remove(s)
		r.add(s)
	}
}

// Keep has a key stay longer than usual ones; of such keys there are at most so many, and the one that was not edited for
// longest becomes a usual one again.
func (l *Layer[K, V]) Keep(key K, most int) {
	s := l.slots[key]
	if s == nil || s.in != &l.usual {
		return
	}
	l.usual.remove(s)
	l.kept.add(s)
	if l.kept.len > most {
		oldest := l.kept.oldest
		l.kept.remove(oldest)
		l.usual.add(oldest)
	}
}

// Release makes a key that was kept a usual one again.
func (l *Layer[K, V]) Release(key K) {
	if s := l.slot(key); s != nil && s.in == &l.kept {
		l.kept.remove(s)
		l.usual.add(s)
	}
}

// OldestKept is what was not edited for longest of the keys that are kept.
func (l *Layer[K, V]) OldestKept() (key K, value *V, ok bool) {
	if s := l.kept.oldest; s != nil {
		return s.key, s.value, true
	}
	return key, nil, false
}

// OldestOf is Oldest, with whether it is kept.
func (l *Layer[K, V]) OldestOf() (key K, value *V, kept, ok bool) {
	key, value, ok = l.Oldest()
	return key, value, ok && l.usual.oldest == nil, ok
}

// Oldest is what was not edited for longest, usual keys before those that are kept. ok is false when it is empty.
func (l *Layer[K, V]) Oldest() (key K, value *V, ok bool) {
	s := l.usual.oldest
	if s == nil {
		s = l.kept.oldest
	}
	if s == nil {
		return key, nil, false
	}
	return s.key, s.value, true
}
