package detections

import (
	"math"
	"slices"
)

// contributing lists the records by which the correlation fires, in event-time order. Of an order it is those that stand in it.
func (w *window) contributing(k *counter) []*Act {
	acts := w.records(w.reach(k))
	if len(acts) == 0 {
		acts = w.records(nil, nil) // the steps made room, or came out of order
	}
	return acts
}

func (w *window) records(first, last []int64) []*Act {
	var acts []*Act
	for i := range w.len() {
		e := w.at(i)
		if first != nil && !inOrder(e, first, last) {
			continue
		}
		if e.more != nil && e.more.event {
			acts = append(acts, e.more.acts...)
		} else {
			acts = append(acts, e.act)
		}
	}
	slices.SortStableFunc(acts, byTime)
	return slices.CompactFunc(acts, func(a, b *Act) bool { return a.ID == b.ID })
}

// reach is when a whole chain in order can have come to each rule at the earliest, and at the latest; nil when no whole chain is asked for.
func (w *window) reach(k *counter) (first, last []int64) {
	if k.Kind != TemporalOrdered || k.needed == 0 {
		return nil, nil
	}
	first, last = make([]int64, len(k.Of)), make([]int64, len(k.Of))
	for r := range first {
		first[r], last[r] = math.MaxInt64, never
	}
	for r := range first {
		for i := range w.len() {
			if e := w.at(i); e.rules>>r&1 == 1 && (r == 0 || e.at >= first[r-1]) {
				first[r] = min(first[r], e.at)
			}
		}
	}
	for r := len(last) - 1; r >= 0; r-- {
		for i := range w.len() {
			if e := w.at(i); e.rules>>r&1 == 1 && (r == len(last)-1 || e.at <= last[r+1]) {
				last[r] = max(last[r], e.at)
			}
		}
	}
	return first, last
}

func inOrder(e *entry, first, last []int64) bool {
	for r := range first {
		if e.rules>>r&1 == 1 && (r == 0 || e.at >= first[r-1]) && (r == len(last)-1 || e.at <= last[r+1]) {
			return true
		}
	}
	return false
}
