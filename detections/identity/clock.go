package identity

// Position is where an act stands in the order in which acts are eaten: by event time, and what decides where that is equal.
type Position struct {
	Time int64 // unix nanoseconds
	// Tie orders positions of one time. Where its lowest bit is set it only tells them apart.
	Tie uint64
}

// Clock says for all layers of a memory which act is being eaten and in which epoch. What an epoch changes can be taken back until it
// is settled. In epoch 0 everything is for good.
type Clock struct {
	epoch   uint32
	at      Position
	crossed bool
}

// Stand begins with the act at a position.
func (c *Clock) Stand(at Position) { c.at, c.crossed = at, false }

// Enter has what is changed from now on belong to an epoch.
func (c *Clock) Enter(epoch uint32) { c.epoch = epoch }

// Epoch is the epoch that changes belong to.
func (c *Clock) Epoch() uint32 { return c.epoch }

// Crossed reports whether the act met memory that a later act had met before it: then the order may matter.
func (c *Clock) Crossed() bool { return c.crossed }

// Cross notes that the order may matter, for whoever knows better than the layers.
func (c *Clock) Cross() { c.crossed = true }

// meet notes that the act meets what was last met at a position.
func (c *Clock) meet(last *Position) {
	switch {
	case *last == c.at:
	case last.Time < c.at.Time, last.Time == c.at.Time && last.Tie < c.at.Tie && (last.Tie|c.at.Tie)&1 == 0:
		*last = c.at
	default:
		c.crossed = true
	}
}
