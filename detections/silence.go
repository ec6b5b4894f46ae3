package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Silence: whoever works in the dark first turns off the light. A source falls silent though the others go on and its own rhythm says that
// dozens of records should have come; or its records come later than anybody waits. The alert hangs on the last record before.
var (
	sourceSilent = &Detection{
		Rule: Rule{
			ID: "any_source_silent", Name: "A log source has fallen silent", Severity: 73, Points: 60,
			Description: "A source brings nothing for far longer than it ever did at that hour of the week, while dozens of records were to be expected.",
			Covers:      []string{"DE14"}, Techniques: []string{"T1562.008"},
			Evidence: "the source's last record; alerts of that time bear the gap", Lookalikes: "A vendor's outage; a broken forwarder; a holiday.",
			Tuning: "Look at the input first: the alert says that you do not see, not why.",
		},
		Within: 24 * time.Hour, Timed: true,
	}
	sourceLate = &Detection{
		Rule: Rule{
			ID: "any_source_late", Name: "Records of a log source come too late", Severity: 47, Points: 50,
			Description: "Records of a source come later than the lateness limit, many of them: somebody holds them back, or the way is clogged.",
			Covers:      []string{"DE14"}, Techniques: []string{"T1562.008"},
			Evidence: "the first record that came too late", Lookalikes: "A backlog after an outage.", Tuning: "Raise lateness if the source is always that slow.",
		},
		Within: 6 * time.Hour, Timed: true,
	}
)

// listen looks which sources are silent at the time of an act.
func (m *machine) listen(a *Act) {
	next := a.Time.Add(leastSilence)
	for _, dataset := range datasets {
		f := m.memory.Sources.Peek(dataset)
		if f == nil || f.Silent || f.Last.IsZero() {
			continue
		}
		due := f.soonest()
		if !due.After(a.Time) {
			m.feed(dataset).Fixed = a.Time
			if due = f.due(m.context.Maturity()); due.IsZero() {
				continue
			}
		}
		if due.After(a.Time) {
			next = earlier(next, due)
			continue
		}
		m.silent(dataset)
	}
	m.quietAt = next
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// silent tells that a source has been silent since its last record, also to the alerts of that time.
func (m *machine) silent(dataset string) {
	f := m.feed(dataset)
	f.Silent = true
	last := Act{ID: f.LastDoc, Index: f.LastIn, Time: f.Last, Dataset: dataset, Action: "last record"}
	m.ofSource(sourceSilent, &last, fmt.Sprintf("nothing has come from %s since %s, though it usually does at this time of the week", dataset, f.Last.UTC().Format(time.RFC3339)))
	var open []string
	for key, a := range m.memory.Alerts.All() {
		if !a.Last.Before(f.Last) {
			open = append(open, key)
		}
	}
	for _, key := range open {
		m.regap(key)
	}
}

// feed is what is remembered of a source, to be changed. All records of a source meet here, so that what is noted must not hang on their
// order within the lateness limit; where it does, the act crosses those that it should have come before.
func (m *machine) feed(dataset string) *Feed {
	return m.memory.Sources.EditQuietly(dataset, func() *Feed { return &Feed{Dataset: dataset} })
}

// regap gives an alert the gaps that are known by now.
func (m *machine) regap(key string) {
	a := m.memory.Alerts.Edit(key, func() *Alert { return &Alert{} })
	a.Gaps = m.gaps(a)
	m.changed(a)
}

// sourcePrefix stands before the dataset in what an alert about a source is about.
const sourcePrefix = "source:"

// ofSource raises an alert about a source, which is nobody's.
func (m *machine) ofSource(d *Detection, anchor *Act, reason string) {
	anchor.Actor, anchor.Name = ecs.Identity{ID: sourcePrefix + anchor.Dataset, Kind: ecs.Machine}, anchor.Dataset
	c := &Case{Act: anchor, ID: anchor.Actor.ID, Context: m.context, Now: anchor.Time, memory: m.memory}
	m.found(c, &d.Rule, d.Within, &Finding{Reason: reason})
}

const (
	lateRun   = time.Hour
	lateCount = 10
)

// noteFeed keeps how a source flows, when somebody touched it, and what came too late.
func (m *machine) noteFeed(a *Act) {
	f := m.feed(a.Dataset)
	if a.Late {
		m.noteLate(f, a)
		return
	}
	if f.hangsOn(a) || a.Is(ecs.LogTampering) && a.Time.Before(m.passed) {
		m.memory.clock.Cross()
	}
	f.take(a)
	if soonest := f.soonest(); soonest.Before(m.quietAt) {
		m.quietAt = soonest
	}
	if a.Is(ecs.LogTampering) {
		f.Tampered, f.Tamper = a.Time, *a
	}
}

// noteLate counts records that came too late, and tells of many.
func (m *machine) noteLate(f *Feed, a *Act) {
	if f.Late.From.IsZero() || a.Time.Sub(f.Late.Until) > lateRun || f.Late.From.Sub(a.Time) > lateRun {
		f.Late, f.LateRun = Span{a.Time, a.Time}, 0
	}
	f.Late.From, f.Late.Until = earlier(f.Late.From, a.Time), later(f.Late.Until, a.Time)
	f.LateRun++
	if f.LateRun == lateCount {
		first := Act{ID: a.ID, Index: a.Index, Time: a.Time, Dataset: a.Dataset, Action: "late record"}
		m.ofSource(sourceLate, &first, fmt.Sprintf("%d records of %s came later than the limit, of %s and after", lateCount, a.Dataset, f.Late.From.UTC().Format(time.RFC3339)))
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// tamperSpan is how long after somebody touched a log what it tells is doubtful.
const tamperSpan = 24 * time.Hour

// gaps names the sources that were silent, late or tampered with in an alert's time.
func (m *machine) gaps(a *Alert) []string {
	var gaps []string
	from, until := a.Anchor.Time, later(a.Last, a.Anchor.Time)
	for _, dataset := range datasets {
		f := m.memory.Sources.Peek(dataset)
		if f == nil {
			continue
		}
		if f.Silent || f.Tampered.After(until) {
			m.memory.clock.Cross()
		}
		if !f.Tampered.IsZero() && (Span{f.Tampered, f.Tampered.Add(tamperSpan)}).meets(from, until) {
			gaps = append(gaps, dataset+": log tampered with at "+f.Tampered.UTC().Format(time.RFC3339))
		}
		for _, s := range f.Silences {
			if s.meets(from, until) {
				gaps = append(gaps, dataset+": silent since "+s.From.UTC().Format(time.RFC3339))
			}
		}
		if f.Silent && !f.Last.After(until) {
			gaps = append(gaps, dataset+": silent since "+f.Last.UTC().Format(time.RFC3339))
		}
		if f.Late.meets(from, until) {
			gaps = append(gaps, dataset+": records came late, of "+f.Late.From.UTC().Format(time.RFC3339)+" and after")
		}
	}
	return gaps
}

// datasets are the streams whose silence matters.
var datasets = []string{
	"aws.cloudtrail", "azure.activitylogs", "azure.auditlogs", "azure.graphactivitylogs", "azure.identity_protection", "azure.signinlogs",
	ecsContext, "hashicorp_vault.audit", "okta.system",
}
