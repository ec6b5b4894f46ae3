package detections

// endEarly ends an epoch before the next act if there are more acts in it than its share of those that may be open, and reports whether it did.
func (l *Live) endEarly(e *epoch, next *Act) bool {
	most := l.machine.bounds.Open
	if most == 0 || e.acts < most/epochShare || !next.Time.After(e.newest) {
		return false
	}
	e.until = next.Time
	return true
}

// settleEarly makes epochs final, the oldest first, while more acts are open than may be: the lateness limit is cut short, rather than the memory
// filled. What belongs into them and comes after that is late.
func (l *Live) settleEarly() {
	most := l.machine.bounds.Open
	for most > 0 && len(l.open) > most && len(l.epochs) > 1 {
		l.machine.forgotten.Early++
		l.bound = later(l.bound, l.epochs[0].until)
		l.settleRipe()
	}
}
