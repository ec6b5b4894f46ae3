package detections

import (
	"maps"
	"math"
	"math/bits"
	"slices"
	"time"
)

// window is one group of a correlation: what was counted in it and is not over.
type window struct {
	group   []string // what the group has in common, by place in Group
	entries []entry  // by time; versions of a window share them, see clone
	was     bool     // the condition held after the last entry
	fired   int64    // when it fired last
	opened  int64    // when a window began that is judged at its end
	dropped int      // entries that had to make room
	alert   string   // the anchor of the alert that was raised last
	alerted int64    // when evidence was added to it last

	starts []int64 // temporal: when each rule was seen last; ordered: see chain
	now    uint64  // ordered: the rules seen at the time of the last entry
	values map[string]int
	sum    float64
	parts  int  // entries whose number is no whole one
	rough  bool // the sum may have lost digits
}

// entry is a record, or an event of an inner correlation, in a window.
type entry struct {
	at     int64
	act    *Act    // the record, or the last one of the event
	rules  uint64  // that it met
	number float64 // to be summed
	more   *more   // nil when there is no more to say
}

// more is what few entries have.
type more struct {
	values []string
	event  bool
	acts   []*Act // all of the event's
	place  int    // in Of
	from   string // the group that the event is of
}

// values are those that count.
func (e *entry) values() []string {
	if e.more == nil {
		return nil
	}
	return e.more.values
}

// same reports whether two entries are of one record, or of one event.
func (e *entry) same(o *entry) bool {
	if e.at != o.at || e.act.ID != o.act.ID {
		return false
	}
	isEvent := e.more != nil && e.more.event
	if isEvent != (o.more != nil && o.more.event) {
		return false
	}
	return !isEvent || e.more.place == o.more.place && e.more.from == o.more.from
}

const (
	// never is before all moments, and can be taken from each.
	never = -1 << 62
	// firstMoment and lastMoment are the seconds within which moments differ: from 1901 to 2106.
	firstMoment, lastMoment = -1 << 31, 1 << 32
)

// moment is a time as windows compare it, in nanoseconds since 1970.
func moment(t time.Time) int64 {
	if s := t.Unix(); s < firstMoment || s >= lastMoment {
		return min(max(s, firstMoment), lastMoment) * int64(time.Second)
	}
	return t.UnixNano()
}

func newWindow() *window { return &window{fired: never, opened: never, alerted: never} }

// clone is the next version of a window. It shares the entries: they are only ever cut off at the front and added to at the end, by the
// youngest version alone, and what it added is out of the others' sight. When it is taken back, the next one writes over it.
func (w *window) clone() *window {
	c := *w
	c.starts = slices.Clone(w.starts)
	c.values = maps.Clone(w.values)
	return &c
}

// len counts the entries.
func (w *window) len() int { return len(w.entries) }

// at is the i-th entry.
func (w *window) at(i int) *entry { return &w.entries[i] }

// all lists the entries anew.
func (w *window) all() []entry { return slices.Clone(w.entries) }

// last is when the window changed last.
func (w *window) last() int64 {
	if w.len() == 0 {
		return never
	}
	return w.at(w.len() - 1).at
}

// knows reports whether an entry stands in the window already.
func (w *window) knows(e *entry) bool {
	for i := w.len() - 1; i >= 0 && w.at(i).at >= e.at; i-- {
		if w.at(i).same(e) {
			return true
		}
	}
	return false
}

// step takes the next entry and reports whether the correlation fires: once when its condition becomes true, and again when it was false in
// between or a whole timespan has passed.
func (w *window) step(k *counter, e entry) bool {
	w.prune(k, e.at)
	before := w.was && w.holds(k, e.at)
	w.add(k, e)
	w.was = w.holds(k, e.at)
	if !w.was || before && e.at-w.fired < k.span {
		return false
	}
	w.fired = e.at
	return true
}

// prune lets go what is older than the window that ends at a time.
func (w *window) prune(k *counter, at int64) {
	for w.len() > 0 && w.at(0).at < at-k.span {
		w.takeBack(k, w.at(0))
		w.drop()
	}
}

// drop lets go the oldest entry. It is not wiped out: an older version may still see it.
func (w *window) drop() { w.entries = w.entries[1:] }

func (w *window) takeBack(k *counter, e *entry) {
	switch k.Kind {
	case ValueCount:
		for _, v := range e.values() {
			if w.values[v]--; w.values[v] <= 0 {
				delete(w.values, v)
			}
		}
	case ValueSum, ValueAvg:
		w.sum -= e.number
		if isPart(e.number) {
			w.parts--
		}
	}
}

func (w *window) add(k *counter, e entry) {
	if w.len() >= WindowMost {
		w.takeBack(k, w.at(0))
		w.drop()
		w.dropped++
	}
	w.count(k, &e)
	w.entries = append(w.entries, e)
}

// count keeps what the condition asks for up to date.
func (w *window) count(k *counter, e *entry) {
	switch k.Kind {
	case ValueCount:
		if w.values == nil {
			w.values = map[string]int{}
		}
		for _, v := range e.values() {
			w.values[v]++
		}
	case ValueSum, ValueAvg:
		w.sum += e.number
		if isPart(e.number) {
			w.parts++
		}
		w.rough = w.rough || w.parts > 0 || math.Abs(w.sum) >= exact
	case Temporal:
		w.begin(len(k.Of))
		for rules := e.rules; rules != 0; rules &= rules - 1 {
			w.starts[bits.TrailingZeros64(rules)] = e.at
		}
	case TemporalOrdered:
		w.begin(len(k.Of) * len(k.Of))
		w.chain(len(k.Of), e)
	}
}

func (w *window) begin(n int) {
	if w.starts != nil {
		return
	}
	w.starts = make([]int64, n)
	for i := range w.starts {
		w.starts[i] = never
	}
}

// chain keeps for each length and each rule when the latest chain in order began that has this length and ends with this rule. Rules seen
// at one and the same time count as in order.
func (w *window) chain(n int, e *entry) {
	if w.last() == e.at {
		w.now |= e.rules
	} else {
		w.now = e.rules
	}
	for rules := w.now; rules != 0; rules &= rules - 1 {
		j := bits.TrailingZeros64(rules)
		w.starts[j] = e.at
		for length := 1; length <= j; length++ {
			best := w.starts[length*n+j]
			for i := range j {
				best = max(best, w.starts[(length-1)*n+i])
			}
			w.starts[length*n+j] = best
		}
	}
}

// holds reports whether the condition is true of the window that ends at a time.
func (w *window) holds(k *counter, at int64) bool {
	if w.len() == 0 {
		return false
	}
	n := w.measure(k, at)
	if math.IsNaN(n) {
		return false
	}
	if k.needed > 0 {
		return n >= float64(k.needed)
	}
	for _, l := range k.Limits {
		if !l.holds(n) {
			return false
		}
	}
	return true
}

// measure is what the limits are held against.
func (w *window) measure(k *counter, at int64) float64 {
	from := at - k.span
	switch k.Kind {
	case EventCount:
		return float64(w.len())
	case ValueCount:
		return float64(len(w.values))
	case ValueSum:
		return w.total()
	case ValueAvg:
		return w.total() / float64(w.len())
	case TemporalOrdered:
		n := len(k.Of)
		for length := n; length > 0; length-- {
			for _, start := range w.starts[(length-1)*n : length*n] {
				if start >= from {
					return float64(length)
				}
			}
		}
		return 0
	}
	seen := 0
	for _, last := range w.starts {
		if last >= from {
			seen++
		}
	}
	return float64(seen)
}

// exact bounds whole numbers whose sums lose nothing.
const exact = 1 << 52

func isPart(n float64) bool { return n != math.Trunc(n) || math.Abs(n) >= exact }

// total is the sum of the entries. It is made anew where keeping it up to date may have lost digits.
func (w *window) total() float64 {
	if !w.rough {
		return w.sum
	}
	w.sum = 0
	for i := range w.len() {
		w.sum += w.at(i).number
	}
	w.rough = w.parts > 0 || math.Abs(w.sum) >= exact
	return w.sum
}

// insert puts an entry into its place among younger ones. What was counted is counted again; the answers are the windows as they were when the
// correlation fired at this entry or at one after it.
func (w *window) insert(k *counter, e entry) (fired []*window) {
	all := append(w.all(), e)
	slices.SortStableFunc(all, compareEntries)
	again := newWindow()
	again.group, again.opened, again.dropped, again.alert, again.alerted = w.group, w.opened, w.dropped, w.alert, w.alerted
	for _, one := range all {
		if again.step(k, one) && compareEntries(one, e) >= 0 {
			fired = append(fired, again.clone())
		}
	}
	again.fired = max(again.fired, w.fired)
	*w = *again
	return fired
}

func compareEntries(a, b entry) int {
	if a.at != b.at {
		return int(min(max(a.at-b.at, -1), 1))
	}
	return byTime(a.act, b.act)
}
