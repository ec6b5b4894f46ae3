// Package watch keeps account of the sources that records come from: when each was heard, how much it usually sends, whether it has
// fallen silent, how late its records are, and what they lack that detections need.
package watch

import (
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/status"
	"github.com/idwatch/idwatch/parsers/ecs"
)

const (
	maxDatasets = 200            // whole documents name their dataset themselves
	others      = "others"       // what is beyond that
	futureBound = time.Hour      // an event time further ahead of the clock is not believed
	usualDays   = 24 * time.Hour // over how long the usual rate is taken
	gapMemory   = 7 * usualDays  // over how long the longest gap is remembered
	minSilence  = 15 * time.Minute
	maxSilence  = 7 * 24 * time.Hour
	gapFactor   = 3  // how many times its longest gap a source may be silent
	missedMost  = 30 // or as long as it usually takes for so many records
	knownAge    = time.Hour
	knownCount  = 50
	sampled     = 64 // one in so many records is looked at for what is costly to find, unless the last one looked at lacked it
)

// Sources are the sources heard so far. Its methods may be called at the same time.
type Sources struct {
	located bool // there is a database of places
	started time.Time

	mu  sync.Mutex
	all map[string]*source
}

// source is what is remembered of one dataset.
type source struct {
	status.Source
	fresh   bool // heard since the start: the gap before it was perhaps ours
	rate    average
	minute  time.Time // of the records counted in inMinute
	count   int64
	needs   []*need // that concern the dataset
	without []int64 // records in a row that lacked each of them
}

// New begins with what the last process knew; nil for nothing. located says that addresses are looked up in a database of places.
func New(before []status.Source, located bool) *Sources {
	s := &Sources{located: located, started: time.Now(), all: map[string]*source{}}
	for _, b := range before {
		if len(s.all) == maxDatasets {
			break
		}
		n := s.add(b.Dataset)
		lacks := b.Lacks
		n.Source = b
		n.Lacks = nil
		n.rate = average{sum: b.UsualRate * 60, weight: min(1, b.LastHeard.Sub(b.First).Hours()/usualDays.Hours())}
		for i := range n.without {
			for _, l := range lacks {
				if l.Field == n.needs[i].field {
					n.without[i] = l.Records
				}
			}
		}
	}
	return s
}

func (s *Sources) add(dataset string) *source {
	n := &source{}
	n.Dataset = strings.Clone(dataset)
	for i := range needs {
		if needs[i].concerns(dataset) && (s.located || !needs[i].places) {
			n.needs = append(n.needs, &needs[i])
		}
	}
	n.without = make([]int64, len(n.needs))
	s.all[n.Dataset] = n
	return n
}

// TakeEvent notes a record. The event is not kept.
func (s *Sources) TakeEvent(ev *ecs.Event) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.all[ev.Dataset]
	if n == nil && len(s.all) >= maxDatasets {
		n = s.all[others]
		if n == nil {
			n = s.add(others)
		}
	}
	if n == nil {
		n = s.add(ev.Dataset)
	}
	n.hear(now)
	n.date(ev.Time, now)
	for i, need := range n.needs {
		switch {
		case need.applies != nil && !need.applies(ev):
		case need.costly && n.without[i] == 0 && n.Records%sampled != 1:
		case need.has(ev):
			n.without[i] = 0
		default:
			n.without[i]++
		}
	}
}

// hear notes that a record has arrived.
func (n *source) hear(now time.Time) {
	n.Records++
	if n.First.IsZero() {
		n.First = now
	}
	if gap := now.Sub(n.LastHeard); n.fresh && gap > time.Second { // shorter ones are nobody's longest
		kept := n.LongestGap * math.Exp(-gap.Seconds()/gapMemory.Seconds())
		n.LongestGap = max(kept, gap.Seconds())
	}
	n.fresh, n.LastHeard = true, now
	if minute := now.Truncate(time.Minute); !minute.Equal(n.minute) {
		n.turn(minute)
	}
	n.count++
}

// turn takes the minute that is over into the average.
func (n *source) turn(minute time.Time) {
	if !n.minute.IsZero() {
		n.rate.add(float64(n.count), int(minute.Sub(n.minute)/time.Minute))
	}
	n.minute, n.count = minute, 0
}

// date notes the record's own time.
func (n *source) date(at, now time.Time) {
	if at.IsZero() || at.After(now.Add(futureBound)) {
		return
	}
	if at.After(n.NewestEvent) {
		n.NewestEvent = at
	}
	n.Lag += (max(now.Sub(at).Seconds(), 0) - n.Lag) / 16
	if n.Records == 1 {
		n.Lag = max(now.Sub(at).Seconds(), 0)
	}
}

// Sources describes all sources, sorted by dataset.
func (s *Sources) Sources() []status.Source {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]status.Source, 0, len(s.all))
	for _, n := range s.all {
		list = append(list, n.describe(now, now.Sub(s.started)))
	}
	slices.SortFunc(list, func(a, b status.Source) int { return strings.Compare(a.Dataset, b.Dataset) })
	return list
}

// describe tells of one source. A process that has just started cannot say that somebody is silent.
func (n *source) describe(now time.Time, up time.Duration) status.Source {
	usual := n.rate // as of when it was last heard: silence must not get used to itself
	if !n.minute.IsZero() && !now.Truncate(time.Minute).Equal(n.minute) {
		usual.add(float64(n.count), 1)
	}
	d := n.Source
	d.UsualRate = usual.value() / 60
	d.Silence = max(now.Sub(d.LastHeard).Seconds(), 0)
	d.SilentAfter = n.silentAfter(d.UsualRate)
	d.Silent = d.SilentAfter > 0 && min(d.Silence, up.Seconds()) > d.SilentAfter
	d.Lacks = []status.Lack{}
	for i, count := range n.without {
		if need := n.needs[i]; count >= need.patience {
			d.Lacks = append(d.Lacks, status.Lack{Field: need.field, Records: count, Effect: need.effect})
		}
	}
	return d
}

// silentAfter is the silence, in seconds, that is unusual for the source; 0 as long as it is not known well enough.
func (n *source) silentAfter(rate float64) float64 {
	if n.Records < knownCount || n.LastHeard.Sub(n.First) < knownAge {
		return 0
	}
	after := max(minSilence.Seconds(), gapFactor*n.LongestGap)
	if rate > 0 {
		after = max(after, missedMost/rate)
	}
	return min(after, maxSilence.Seconds())
}

// average is a mean over minutes that forgets, and knows how many minutes it has seen.
type average struct{ sum, weight float64 }

// perMinute is what is left of a minute's share after another one.
var perMinute = math.Exp(-float64(time.Minute) / float64(usualDays))

// add takes the count of a minute, and how many minutes there are until the next one with a count.
func (a *average) add(count float64, minutes int) {
	if minutes < 1 {
		return
	}
	left := math.Pow(perMinute, float64(minutes-1))
	a.sum = (a.sum*perMinute + (1-perMinute)*count) * left
	a.weight = 1 - (1-a.weight)*perMinute*left
}

func (a *average) value() float64 {
	if a.weight <= 0 {
		return 0
	}
	return a.sum / a.weight
}
