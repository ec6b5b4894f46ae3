package detections

import (
	"slices"
	"time"
)

// Live runs the detections as records arrive, in any order, and ends with the alerts that a replay of the same records
// finds. Two machines share one memory. The settled one eats acts in event-time order once nothing older can come;
// it is the truth. The live one, on a view laid over the settled memory, eats each act at arrival, so that alerts go out
// at once; what came out of order it puts into its place and asks again about what came after. From time to time the view is
// dropped and made again. Live serves one goroutine.
type Live struct {
	settled, live *machine
	lateness      time.Duration
	publish       func(*Document)
	namespace     string
	added         *Added // beside the built-in detections
	returned      bool   // from a snapshot, and nothing was observed since

	open    []*Act // not settled yet, in event-time order
	seen    repeats
	newest  map[string]time.Time
	heard   map[string]time.Time // when a source was last heard, by the edge's clock
	dirty   bool                 // something came out of order since the view was made
	stray   time.Time            // the youngest act that was open when the first of these came
	settles int                  // acts settled since then
	busy    bool                 // acts came since the clock was looked at
	bound   time.Time            // everything up to here is settled

	truth     map[string]*Alert // what the settled machine found, as long as it may change
	view      map[string]*Alert // what the live machine found beyond it
	published map[string]*publication
	longAgo   longAgo                    // the last revisions of what is published and forgotten
	touched   map[string]bool            // identities whose alerts have changed since they were told
	waiting   map[string]bool            // identities of whose alerts revisions wait
	toldAll   time.Time                  // when no revision waited, in event time
	ofWho     map[string]map[string]bool // alerts by identity
	swept     time.Time                  // when alerts were forgotten last, in event time
	late      int
}

// publication is what the world was told of an alert.
type publication struct {
	revision  int
	alert     *Alert
	withdrawn bool
}

// LiveSettings make a Live.
type LiveSettings struct {
	Context   *Context
	Added     *Added // beside the built-in detections
	Lateness  time.Duration
	Namespace string
	Bounds    Bounds
	// Publish takes alerts and signals, each revision once. The document is valid during the call only; its revision may be raised.
	Publish func(*Document)
}

const (
	// futureBound is how far ahead of the edge's clock an event time may be and still move the clock of its source.
	futureBound = time.Hour
	// settleShare bounds the work of moving what is open: one in so many at least is settled at a time.
	settleShare = 16
	// alertsKept is how long after its last evidence an alert is remembered, so that it is not told again.
	alertsKept = 48 * time.Hour
)

// NewLive starts with an empty memory.
func NewLive(s LiveSettings) *Live {
	rules := newRuleset(s.Added.detections())
	l := &Live{
		lateness: s.Lateness, publish: s.Publish, namespace: s.Namespace, added: s.Added,
		newest: map[string]time.Time{}, heard: map[string]time.Time{},
		truth: map[string]*Alert{}, view: map[string]*Alert{}, published: map[string]*publication{}, touched: map[string]bool{}, waiting: map[string]bool{}, ofWho: map[string]map[string]bool{},
	}
	memory := newMemory()
	l.settled = &machine{memory: memory, bounds: s.Bounds, context: s.Context, rules: rules, broken: map[string]int{}, changed: func(a *Alert) { l.truth[a.ID] = l.touch(a.clone()) }}
	l.live = &machine{memory: memory.over(), context: s.Context, rules: rules, broken: map[string]int{}, changed: func(a *Alert) { l.view[a.ID] = l.touch(a.clone()) }}
	return l
}

// Observe takes acts as they arrive. now is the edge's clock, which tells silent sources and wrong clocks; it decides nothing about alerts.
func (l *Live) Observe(acts []*Act, now time.Time) {
	if l.returned {
		l.wakeUp(now)
	}
	slices.SortFunc(acts, byTime)
	for _, a := range acts {
		l.take(a, now)
	}
	l.settle(now)
	idle := len(acts) == 0 && !l.busy
	l.busy = len(acts) > 0
	stale := l.bound.Sub(l.stray) > l.lateness // what it copied is settled by now, and may be settled otherwise
	if l.dirty && (idle || stale) || l.settles > 2*len(l.open)+1024 {
		l.rebuild()
	}
	l.tell(idle)
}

// take puts an act among the open ones and, when it is the youngest, has it eaten at once.
func (l *Live) take(a *Act, now time.Time) {
	if !l.seen.first(a.ID) {
		return
	}
	l.heard[a.Dataset] = now
	if a.Time.After(l.newest[a.Dataset]) && a.Time.Before(now.Add(futureBound)) {
		l.newest[a.Dataset] = a.Time
	}
	if !a.Time.After(l.bound) {
		l.late++ // beyond the limit: it counts from now on, not back then
		a.Late = true
	}
	at, _ := slices.BinarySearchFunc(l.open, a, byTime)
	l.open = slices.Insert(l.open, at, a)
	if at == len(l.open)-1 {
		l.live.eat(a)
		return
	}
	if !l.dirty {
		l.stray = l.open[len(l.open)-1].Time
	}
	l.dirty = true // the view may differ from the truth until it is made again
	l.live.eatLate(a)
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

// settle has the settled machine eat what nothing older can come before.
func (l *Live) settle(now time.Time) {
	mark := l.watermark(now)
	n := 0
	for n < len(l.open) && l.open[n].Time.Before(mark) {
		n++
	}
	if n < len(l.open)/settleShare {
		return
	}
	l.settleFirst(n)
	if mark.After(l.bound) {
		l.settled.judge(mark.UnixNano())
		l.bound = mark
		for _, a := range l.view {
			if !a.Last.After(mark) {
				l.touch(a) // the settled machine knows better now
			}
		}
	}
}

func (l *Live) settleFirst(n int) {
	for _, a := range l.open[:n] {
		l.settled.eat(a)
	}
	l.open = slices.Delete(l.open, 0, n)
	l.settles += n
}

// rebuild makes the view again: all that is open, in order, over what is settled.
func (l *Live) rebuild() {
	l.live.memory.reset()
	for _, a := range l.view {
		l.touch(a)
	}
	clear(l.view)
	for _, a := range l.open {
		l.live.eat(a)
	}
	l.dirty, l.settles = false, 0
}

// Finish settles everything, as at the end of a replay.
func (l *Live) Finish() {
	if n := len(l.open); n > 0 {
		l.bound = l.open[n-1].Time
	}
	l.settleFirst(len(l.open))
	l.settled.judge(endOfTime)
	l.rebuild()
	l.tell(true)
}

// Use changes the context from now on. What was found before stands.
func (l *Live) Use(c *Context) {
	l.settled.context, l.live.context = c, c
	l.dirty = true
}

// Add replaces what users added, from now on. What was found before stands.
func (l *Live) Add(added *Added) {
	rules := newRuleset(added.detections())
	l.added = added
	l.settled.rules, l.live.rules = rules, rules
	l.settled.dropWindows()
	l.dirty = true
}

// Late counts acts that came after their time was settled.
func (l *Live) Late() int { return l.late }

// Open counts acts that are not settled.
func (l *Live) Open() int { return len(l.open) }

// Forgotten counts what had to be forgotten for want of room.
func (l *Live) Forgotten() Forgotten { return l.settled.forgotten }

// Identities counts the identities that are remembered, and Bytes estimates what all memory takes.
func (l *Live) Identities() (n int, bytes int64) {
	return l.settled.memory.Profiles.Len(), l.settled.memory.bytes()
}
