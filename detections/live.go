package detections

import (
	"cmp"
	"slices"
	"time"
)

// Live runs the detections as records arrive, in any order, and ends with the alerts that a replay of the same records
// finds. Each act is eaten once, at arrival, so that alerts go out at once. What comes late and touches nothing that a later
// act has touched is as good as in order. What does cross a later act is put into its place as well as can be; before anything of
// it becomes final, all that is open is taken back and eaten again in order. Changes are kept apart by epochs of event time: an
// epoch becomes final when nothing can come any more that belongs into it. Live serves one goroutine.
type Live struct {
	machine   *machine
	lateness  time.Duration
	publish   func(*Document)
	namespace string
	added     *Added // beside the built-in detections
	returned  bool   // from a snapshot, and nothing was observed since

	open   []eaten           // not final, in event-time order
	ahead  []*Act            // of clocks that run ahead: they wait for their time, in event-time order
	early  map[string]*Alert // what was found in those, by id
	epochs []epoch           // that are open, oldest first
	made   uint32            // number of the youngest epoch
	seen   repeats
	newest map[string]time.Time
	heard  map[string]time.Time // when a source was last heard, by the edge's clock
	dirty  uint32               // from this epoch on acts have crossed, and what was found may have to be found otherwise; 0: none has
	busy   bool                 // acts came since the clock was looked at
	bound  time.Time            // nothing comes that is older

	published map[string]*publication
	longAgo   longAgo                    // the last revisions of what is published and forgotten
	touched   map[string]bool            // identities whose alerts have changed since they were told
	waiting   map[string]bool            // identities of whose alerts revisions wait
	toldAll   time.Time                  // when no revision waited, in event time
	ofWho     map[string]map[string]bool // alerts by identity
	swept     time.Time                  // when alerts were forgotten last, in event time
	late      int
}

// eaten is an act with its place in the order: its own time, or, for one that came beyond the limit, when it came.
type eaten struct {
	act   *Act
	epoch uint32
	at    int64 // unix nanoseconds
	came  int64 // counts those beyond the limit, from 1
}

func compareEaten(a, b eaten) int {
	if c := cmp.Compare(a.at, b.at); c != 0 {
		return c
	}
	if c := cmp.Compare(a.came, b.came); c != 0 {
		return c
	}
	return byTime(a.act, b.act)
}

// epoch is a time whose changes become final together.
type epoch struct {
	number uint32
	until  time.Time // acts from then on belong to the next one
	acts   int       // eaten in it
	newest time.Time // of these
}

// publication is what the world was told of an alert.
type publication struct {
	revision  int
	alert     *Alert
	withdrawn bool
	also      []string // rows of general alerts that folded into it and are forgotten
}

// LiveSettings make a Live.
type LiveSettings struct {
	Context   *Context
	Added     *Added // beside the built-in detections
	Lateness  time.Duration
	Namespace string
	Bounds    Bounds
	Cold      Cold // keeps what had to be forgotten for want of room; may be nil
	// Publish takes alerts and signals, each revision once. The document is valid during the call only; its revision may be raised.
	Publish func(*Document)
}

const (
	// futureBound is how far ahead of the edge's clock an event time may be and still move the clock of its source.
	futureBound = time.Hour
	// aheadKept is how many acts of clocks that run ahead wait. When there are more it is rather the edge's clock that is wrong.
	aheadKept = 4096
	// epochShare is how many epochs there are in the lateness limit. More of them keep less open and copy more.
	epochShare = 4
	// alertsKept is how long after its last evidence an alert is remembered, so that it is not told again.
	alertsKept = 48 * time.Hour
)

// NewLive starts with an empty memory.
func NewLive(s LiveSettings) *Live {
	l := &Live{
		lateness: s.Lateness, publish: s.Publish, namespace: s.Namespace, added: s.Added,
		seen: newRepeats(), newest: map[string]time.Time{}, heard: map[string]time.Time{},
		early: map[string]*Alert{}, published: map[string]*publication{}, touched: map[string]bool{}, waiting: map[string]bool{}, ofWho: map[string]map[string]bool{},
	}
	l.machine = newMachine(s.Context, s.Added, s.Bounds)
	l.machine.memory.cold, l.machine.memory.packs = s.Cold, newPacker(s.Added)
	l.machine.changed = func(a *Alert) {
		*l.machine.memory.Found.Edit(a.ID, func() *Alert { return &Alert{} }) = *a.clone()
		l.touch(a)
	}
	return l
}

// newMachine is a machine with an empty memory.
func newMachine(c *Context, added *Added, b Bounds) *machine {
	return &machine{memory: newMemory(), bounds: b, context: c, rules: newRuleset(added.detections()), broken: map[string]int{}, changed: func(*Alert) {}}
}

// Observe takes acts as they arrive. now is the edge's clock, which tells silent sources and wrong clocks; it decides nothing about alerts.
func (l *Live) Observe(acts []*Act, now time.Time) {
	if l.returned {
		l.wakeUp(now)
	}
	for len(l.ahead) > aheadKept || len(l.ahead) > 0 && !l.isAhead(l.ahead[0], now) {
		l.takeAhead(now)
	}
	slices.SortFunc(acts, byTime)
	for _, a := range acts {
		l.meet(a, now)
	}
	idle := len(acts) == 0 && !l.busy
	l.busy = len(acts) > 0
	l.settle(now)
	if l.dirty > 0 && idle {
		l.rebuild()
	}
	l.tell(idle)
}

// meet takes an act, unless it was taken before or its clock is wrong.
func (l *Live) meet(a *Act, now time.Time) {
	if !l.seen.first(a.ID) {
		return
	}
	l.heard[a.Dataset] = now
	if l.isAhead(a, now) {
		at, _ := slices.BinarySearchFunc(l.ahead, a, byTime)
		l.ahead = slices.Insert(l.ahead, at, a)
		l.glimpse(a)
		return
	}
	l.clock(a)
	l.take(a)
}

// clock moves the clock of an act's source.
func (l *Live) clock(a *Act) {
	if a.Time.After(l.newest[a.Dataset]) {
		l.newest[a.Dataset] = a.Time
	}
}

// isAhead reports whether an act comes from a clock that runs so far ahead that it must not move the clock of its source.
func (l *Live) isAhead(a *Act, now time.Time) bool { return !a.Time.Before(now.Add(futureBound)) }

// take puts an act among the open ones and has it eaten at once.
func (l *Live) take(a *Act) {
	e := eaten{act: a, epoch: l.enter(a), at: a.Time.UnixNano()}
	end := len(l.open)
	if !a.Time.After(l.bound) {
		l.late++ // beyond the limit: it counts from now on, not back then
		a.Late = true
		e.at, e.came = l.bound.UnixNano(), int64(l.late)
		if end > 0 {
			e.at = max(e.at, l.open[end-1].at)
		}
	}
	at := end
	if end > 0 && compareEaten(l.open[end-1], e) > 0 {
		at, _ = slices.BinarySearchFunc(l.open, e, compareEaten)
	}
	l.open = slices.Insert(l.open, at, e)
	if at == end {
		l.machine.eat(a)
	} else if l.machine.eatLate(a) {
		l.taint(a.Time)
	}
}

// taint notes that what was found since a time may have to be found otherwise.
func (l *Live) taint(since time.Time) {
	n := 0
	for n < len(l.epochs)-1 && !l.epochs[n].until.After(since) {
		n++
	}
	if n < len(l.epochs) && (l.dirty == 0 || l.epochs[n].number < l.dirty) {
		l.dirty = l.epochs[n].number
	}
}

// enter goes on to the epoch in which an act is eaten and returns its number.
func (l *Live) enter(a *Act) uint32 {
	if n := len(l.epochs); n == 0 || !a.Time.Before(l.epochs[n-1].until) || l.endEarly(&l.epochs[n-1], a) {
		step := max(l.lateness/epochShare, time.Second)
		l.made++
		l.epochs = append(l.epochs, epoch{number: l.made, until: a.Time.Truncate(step).Add(step)})
		l.machine.memory.mark(l.made)
	}
	e := &l.epochs[len(l.epochs)-1]
	e.acts, e.newest = e.acts+1, later(e.newest, a.Time)
	l.machine.memory.clock.Enter(e.number)
	return e.number
}

// watermark is the time up to which everything has arrived: lateness behind the newest event of the slowest source. A source that was not
// heard of for the lateness limit and more holds nobody up.
func (l *Live) watermark(now time.Time) time.Time {
	var mark time.Time
	for dataset, newest := range l.newest {
		if now.Sub(l.heard[dataset]) > l.lateness {
			continue
		}
		if m := newest.Add(-l.lateness); mark.IsZero() || m.Before(mark) {
			mark = m
		}
	}
	return mark
}

// settle makes final what nothing can come before any more.
func (l *Live) settle(now time.Time) {
	if mark := l.watermark(now); mark.After(l.bound) {
		l.bound = mark
	}
	l.settleRipe()
	l.settleEarly()
}

func (l *Live) settleRipe() {
	if n := l.ripe(); n > 0 && l.dirty > 0 && l.dirty <= l.epochs[n-1].number {
		l.rebuild()
	}
	if n := l.ripe(); n > 0 {
		l.finish(n)
	}
}

// ripe counts the epochs that nothing can belong to any more.
func (l *Live) ripe() int {
	n := 0
	for n < len(l.epochs) && !l.epochs[n].until.After(l.bound) {
		n++
	}
	return n
}

// finish makes the first epochs final.
func (l *Live) finish(n int) {
	last := l.epochs[n-1].number
	l.epochs = l.epochs[n:]
	memory := l.machine.memory
	for id := range memory.Found.Touched(last) {
		if a := memory.Found.Peek(id); a != nil {
			l.touch(a)
		}
	}
	memory.settle(last)
	l.open = slices.DeleteFunc(l.open, func(e eaten) bool { return e.epoch <= last })
	l.machine.boundAll(l.bound)
}

// rebuild takes back everything since the first act that was crossed, and eats it again in order.
func (l *Live) rebuild() {
	memory, from := l.machine.memory, l.dirty
	l.dirty = 0
	for id := range memory.Found.Touched(l.made) {
		if a := memory.Found.Peek(id); a != nil {
			l.touch(a)
		}
	}
	memory.rollback(from)
	memory.count()
	l.machine.quietAt, l.machine.passed = time.Time{}, time.Time{}
	l.epochs = slices.DeleteFunc(l.epochs, func(e epoch) bool { return e.number >= from })
	for i := range l.open {
		if e := &l.open[i]; e.epoch >= from {
			e.epoch = l.enter(e.act)
			l.machine.eat(e.act)
		}
	}
}

// Finish makes everything final, as at the end of a replay.
func (l *Live) Finish() {
	for len(l.ahead) > 0 {
		l.takeAhead(l.ahead[0].Time)
	}
	if l.dirty > 0 {
		l.rebuild()
	}
	if n := len(l.open); n > 0 {
		l.bound = later(l.bound, l.open[n-1].act.Time)
	} else {
		l.machine.memory.clock.Enter(0)
	}
	l.machine.judge(endOfTime)
	if n := len(l.epochs); n > 0 {
		l.finish(n)
	}
	l.tell(true)
}

// Use changes the context from now on. What was found before stands.
func (l *Live) Use(c *Context) {
	l.machine.context = c
	l.taint(time.Time{})
}

// Add replaces what users added, from now on. What was found before stands.
func (l *Live) Add(added *Added) {
	l.added = added
	l.machine.rules = newRuleset(added.detections())
	clear(l.machine.broken) // they may be mended
	l.machine.dropWindows()
	l.taint(time.Time{})
}

// Late counts acts that came after their time was settled.
func (l *Live) Late() int { return l.late }

// Open counts acts that are not final.
func (l *Live) Open() int { return len(l.open) }

// Forgotten counts what had to be forgotten for want of room.
func (l *Live) Forgotten() Forgotten {
	f, lost := l.machine.forgotten, l.machine.memory.lost
	f.Entries, f.Ungrouped = f.Entries+lost.entries, lost.ungrouped
	return f
}

// Identities counts the identities that are remembered, and Bytes estimates what all memory takes.
func (l *Live) Identities() (n int, bytes int64) {
	return l.machine.memory.Profiles.Len(), l.machine.memory.bytes()
}
