package detections

import (
	"slices"
	"time"
)

// glimpse tells what there is to tell of an act whose clock runs ahead, as if it came now, and takes back all that it changed: its
// time has not come.
func (l *Live) glimpse(a *Act) {
	m := l.machine
	before, held := m.memory.clock.Epoch(), m.memory.held
	passed, quietAt := m.passed, m.quietAt
	l.made++
	m.memory.mark(l.made)
	m.memory.clock.Enter(l.made)
	m.eat(a)
	for id := range m.memory.Found.Touched(l.made) {
		if found := m.memory.Found.Peek(id); found != nil && found.Anchor.ID == a.ID {
			l.early[id] = found.clone()
		}
	}
	m.memory.rollback(l.made)
	m.memory.clock.Enter(before)
	m.memory.held, m.passed, m.quietAt = held, passed, quietAt
}

// takeAhead takes the first of the acts whose clocks ran ahead. It moves the clock of its source if its time has come.
func (l *Live) takeAhead(now time.Time) {
	a := l.ahead[0]
	l.ahead = slices.Delete(l.ahead, 0, 1)
	for id, found := range l.early {
		if found.Anchor.ID == a.ID {
			l.touch(found)
			delete(l.early, id)
		}
	}
	if !l.isAhead(a, now) {
		l.clock(a)
	}
	l.take(a)
}
