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

// pause is the longest pause that ever began about that hour of the week.
func (f *Feed) pause(at time.Time) time.Duration {
	slot := identity.Slot(at)
	return max(f.Pauses[(slot+167)%168], f.Pauses[slot], f.Pauses[(slot+1)%168])
}

// due is when the source would be silent if nothing came after Last, zero when its rhythm is not known: far longer than ever at that hour,
// and after so many records were missed that it cannot be chance.
func (f *Feed) due(learn identity.Maturity) time.Time {
	age := f.Last.Sub(f.First)
	if age < max(learn.Age, 24*time.Hour) || f.Count < rhythmEvents*learn.Events {
		return time.Time{}
	}
	weeks := max(1, age.Hours()/week.Hours())
	at, missed := f.Last, 0.0
	for range 3 * 168 {
		next := at.Truncate(time.Hour).Add(time.Hour)
		rate := float64(f.Events[identity.Slot(at)]) / weeks
		missed += rate * next.Sub(at).Hours()
		at = next
		if missed >= missedRecords && !at.Before(f.soonest()) {
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
