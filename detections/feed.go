package detections

import (
	"slices"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
)

// Feed is what is remembered of a source: how it usually flows, hour by hour of the week, and where it did not.
type Feed struct {
	Dataset  string
	First    time.Time // oldest event time
	Last     time.Time // newest event time
	LastDoc  string    // of the newest record
	LastIn   string    // its data stream
	Count    int
	Events   [168]uint32        // records in each hour of the week
	Pauses   [168]time.Duration // longest pause that began in that hour
	Silent   bool               // nothing has come since Last, and that is unusual
	Silences []Span             // earlier ones, the latest last
	Late     Span               // event times of records that came beyond the lateness limit
	LateRun  int                // how many of them came one after the other, within lateRun of each other
	Since    time.Time          // it has flowed without a rest since then
	Fixed    time.Time          // what is noted of the time before hangs on the order of records
	Tampered time.Time
	Tamper   Act
}

// Span is a stretch of event time.
type Span struct{ From, Until time.Time }

func (s Span) meets(from, until time.Time) bool {
	return !s.From.IsZero() && !s.From.After(until) && !s.Until.Before(from)
}

func (f *Feed) clone() *Feed {
	c := *f
	c.Silences = slices.Clone(f.Silences)
	return &c
}

const (
	silencesKept = 8
	// leastSilence is the shortest silence that means anything.
	leastSilence = 2 * time.Hour
	// pauseFactor is how much longer than ever at that hour of the week a pause is before it is a silence.
	pauseFactor = 3
	// missedRecords is how many records the usual rate would have brought in a silence.
	missedRecords = 20.0
	// rhythmEvents times the records of an identity's learning are those of a source's.
	rhythmEvents = 10
	week         = 7 * 24 * time.Hour
)

// soonest is a time before which the source cannot be called silent; its exact time is due.
func (f *Feed) soonest() time.Time { return f.Last.Add(max(leastSilence, pauseFactor*f.pause(f.Last))) }

// pause is the longest pause that ever began about that hour of the week, or of other days of the kind where no week is known yet.
func (f *Feed) pause(at time.Time) (longest time.Duration) {
	slot := identity.Slot(at)
	var room [7]int
	for _, day := range f.days(slot/24, room[:0]) {
		for _, hour := range [...]int{-1, 0, 1} {
			longest = max(longest, f.Pauses[(day*24+slot%24+hour+168)%168])
		}
	}
	return longest
}

// days puts into room the days of the week that tell how a day goes: itself, once a whole week is known, and before all that were seen and are
// working days as it is one, or are none.
func (f *Feed) days(day int, room []int) []int {
	if f.age() >= week {
		return append(room, day)
	}
	days := room
	for other := range 7 {
		if (other < 5) == (day < 5) && f.seen(other) {
			days = append(days, other)
		}
	}
	return days
}

func (f *Feed) seen(day int) bool {
	for _, n := range f.Events[day*24 : day*24+24] {
		if n > 0 {
			return true
		}
	}
	return false
}

func (f *Feed) age() time.Duration { return f.Last.Sub(f.First) }

// rate is how many records usually come in an hour of the week.
func (f *Feed) rate(slot int) float64 {
	var room [7]int
	days, sum := f.days(slot/24, room[:0]), 0.0
	for _, day := range days {
		sum += float64(f.Events[day*24+slot%24])
	}
	return sum / max(1, float64(len(days))) / max(1, f.age().Hours()/week.Hours())
}

// due is when the source would be silent if nothing came after Last, zero when its rhythm is not known: far longer than ever at that hour,
// and after so many records were missed that it cannot be chance. Of a source that is young more have to be missed.
func (f *Feed) due(learn identity.Maturity) time.Time {
	if f.age() < 24*time.Hour || f.Count < rhythmEvents*learn.Events {
		return time.Time{}
	}
	enough := missedRecords
	if f.age() < max(learn.Age, week) {
		enough *= 2
	}
	at, missed := f.Last, 0.0
	for range 3 * 168 {
		next := at.Truncate(time.Hour).Add(time.Hour)
		missed += f.rate(identity.Slot(at)) * next.Sub(at).Hours()
		at = next
		if missed >= enough && !at.Before(f.soonest()) {
			return at
		}
	}
	return time.Time{}
}

// hangsOn reports whether what was noted would be otherwise, had an act come in its place, before others that came.
func (f *Feed) hangsOn(a *Act) bool {
	return !f.Last.IsZero() && (a.Time.Before(f.First) || a.Time.Before(f.Since) || !a.Time.After(f.Fixed))
}

// restful is the shortest pause that can make a difference to what counts as silence; shorter ones are not noted, so that it does
// not matter in which order the records around them come.
const restful = leastSilence / pauseFactor

// feedRests is the pause after which a source flows anew.
const feedRests = 24 * time.Hour

// take notes a record of the source.
func (f *Feed) take(a *Act) {
	if f.First.IsZero() || a.Time.Before(f.First) {
		f.First = a.Time
	}
	f.Count++
	f.Events[identity.Slot(a.Time)]++
	if a.Time.Before(f.Last) || a.Time.Equal(f.Last) && a.ID < f.LastDoc {
		return
	}
	pause := a.Time.Sub(f.Last)
	if f.Last.IsZero() || pause >= feedRests {
		f.Since = a.Time
	}
	if f.Silent {
		f.Silences = append(f.Silences, Span{f.Last, a.Time})
		f.Silences = slices.Delete(f.Silences, 0, max(0, len(f.Silences)-silencesKept))
		f.Silent = false
		f.Fixed = a.Time
	} else if !f.Last.IsZero() && pause > restful {
		slot := identity.Slot(f.Last)
		f.Pauses[slot] = max(f.Pauses[slot], pause)
		f.Fixed = a.Time
	}
	f.Last, f.LastDoc, f.LastIn = a.Time, a.ID, a.Index
}
