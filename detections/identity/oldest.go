package identity

// OldestFinal is what was not edited for longest and no open epoch has touched, usual keys before those that are kept. What open epochs
// have touched was edited after all else: where the oldest of a ring is open, all of it is.
func (l *Layer[K, V]) OldestFinal() (key K, value *V, kept, ok bool) {
	s := l.usual.oldest
	if s == nil || s.epoch > 0 {
		s, kept = l.kept.oldest, true
	}
	if s == nil || s.epoch > 0 {
		return key, nil, false, false
	}
	return s.key, s.value, kept, true
}
