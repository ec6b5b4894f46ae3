package detections

// openShare is how many times what may be remembered the open acts may take, by estimate.
const openShare = 2

// mostOpen is how many acts may be open, 0 for any number. More of them within the lateness limit come from a stream that the memory was not
// made for: the limit is cut short then, rather than the memory of the machine filled.
func (l *Live) mostOpen() int { return int(openShare * l.machine.bounds.Bytes / actBytes) }

// endEarly ends an epoch before the next act if there are more acts in it than its share, and reports whether it did.
func (l *Live) endEarly(e *epoch, next *Act) bool {
	most := l.mostOpen()
	if most == 0 || e.acts < most/epochShare || !next.Time.After(e.newest) {
		return false
	}
	e.until = next.Time
	return true
}

// settleEarly makes epochs final, the oldest first, while more acts are open than may be. What belongs into them and comes after that is late.
func (l *Live) settleEarly() {
	most := l.mostOpen()
	for most > 0 && len(l.open) > most && len(l.epochs) > 1 {
		l.machine.forgotten.Early++
		l.bound = later(l.bound, l.epochs[0].until)
		l.settleRipe()
	}
}
