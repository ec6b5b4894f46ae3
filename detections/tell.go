package detections

import (
	"maps"
	"slices"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// touch notes that an alert is to be told again.
func (l *Live) touch(a *Alert) {
	l.touched[a.Who] = true
	ids := l.ofWho[a.Who]
	if ids == nil {
		ids = map[string]bool{}
		l.ofWho[a.Who] = ids
	}
	ids[a.ID] = true
}

// touchAll is touch for everything that is remembered, as after a restart.
func (l *Live) touchAll() {
	for _, a := range l.machine.memory.Found.All() {
		l.touch(a)
	}
	for _, p := range l.published {
		l.touch(p.alert)
	}
}

// tell publishes what has changed: new alerts, revisions, and the withdrawal of what has lost its ground. What is new and what
// weighs goes out at once. Revisions that only add a little evidence wait, so that an alert that grows with every record does
// not go out with every record; all tells them too.
func (l *Live) tell(all bool) {
	if all = all || l.bound.Sub(l.toldAll) > tellEvery; all {
		l.toldAll = l.bound
		maps.Copy(l.touched, l.waiting)
		clear(l.waiting)
	}
	for _, who := range slices.Sorted(maps.Keys(l.touched)) {
		l.tellOf(who, all)
	}
	clear(l.touched)
	if l.bound.Sub(l.swept) > sweepEvery {
		l.swept = l.bound
		l.forget()
	}
}

const (
	sweepEvery = time.Hour       // how often old alerts are forgotten, in event time
	tellEvery  = 5 * time.Minute // how long a revision waits at most, in event time
)

// Flush publishes the revisions that wait, as at the end of a run.
func (l *Live) Flush() { l.tell(true) }

// tellOf publishes what has changed of one identity's alerts. One that is about another identity by now, since names were joined, is told
// with that one's.
func (l *Live) tellOf(who string, all bool) {
	current, ids := map[string]*Alert{}, l.ofWho[who]
	for id := range ids {
		a := l.machine.memory.Found.Peek(id)
		if a != nil && a.Who != who {
			delete(ids, id)
			continue
		}
		if a != nil && l.isSure(a) {
			current[id] = a
		} else if early := l.early[id]; a == nil && early != nil && !l.machine.rules.absences[early.Rule.ID] {
			current[id] = early
		}
	}
	foldInto(current)
	l.addForgotten(current)
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		if a := current[id]; a != nil {
			l.tellOne(a, all)
		} else if p := l.published[id]; p != nil && !p.withdrawn {
			p.withdrawn = true
			p.revision++
			l.send(p)
		}
	}
}

// isSure reports whether an alert may be told. That something did not happen is sure only when nothing can come any more.
func (l *Live) isSure(a *Alert) bool {
	return !l.machine.rules.absences[a.Rule.ID] || l.machine.memory.Found.Final(a.ID)
}

// tellOne publishes an alert that is new or differs from what was told of it.
func (l *Live) tellOne(a *Alert, all bool) {
	p := l.published[a.ID]
	switch {
	case p == nil:
		last, told := l.longAgo.get(a.ID)
		if told && !l.machine.memory.Found.Final(a.ID) {
			return // it stands as it was told; that it comes back must be sure, for it cannot be taken back
		}
		p = &publication{}
		if told {
			p.revision = last + 1
		}
		l.published[a.ID] = p
	case !p.withdrawn && p.alert.same(a):
		return
	case all || p.withdrawn || p.alert.outweighedBy(a):
		p.revision++
	default:
		l.waiting[a.Who] = true
		return
	}
	p.alert, p.withdrawn = a.clone(), false
	l.send(p)
}

// send publishes a revision. Whoever takes it may give it a higher number.
func (l *Live) send(p *publication) {
	d := l.document(p.alert, p)
	l.publish(d)
	p.revision = d.Revision
}

// Retell publishes the last revision of an alert once more. It reports whether the alert was ever published, as far as that is remembered;
// one that is long over is not published again.
func (l *Live) Retell(id string) bool {
	if p := l.published[id]; p != nil {
		l.send(p)
		return true
	}
	_, long := l.longAgo.get(id)
	return long
}

func (l *Live) document(a *Alert, p *publication) *Document {
	d := l.machine.document(a)
	d.Revision, d.Withdrawn, d.Namespace = p.revision, p.withdrawn, l.namespace
	return d
}

// document makes an alert's document.
func (m *machine) document(a *Alert) *Document {
	return &Document{Alert: a, Context: m.context}
}

// forget drops alerts whose time is over, so that memory does not grow.
func (l *Live) forget() {
	clock := l.machine.memory.clock
	epoch := clock.Epoch()
	clock.Enter(0) // for good
	defer clock.Enter(epoch)
	for id, p := range l.published {
		if l.bound.Sub(p.alert.Last) > alertsKept && l.machine.memory.Found.Forget(id) {
			l.keepRows(p)
			delete(l.published, id)
			delete(l.ofWho[p.alert.Who], id)
			if len(l.ofWho[p.alert.Who]) == 0 {
				delete(l.ofWho, p.alert.Who)
			}
			l.longAgo.put(id, p.revision)
		}
	}
}

// keepRows has an alert cover the rows of a general one that is folded into it and about to be forgotten.
func (l *Live) keepRows(p *publication) {
	if into := l.published[p.alert.Folded]; into != nil && p.alert.Rule.General && !p.withdrawn {
		for _, row := range p.alert.Rule.Covers {
			into.also = ecs.Add(into.also, row)
		}
	}
}

// addForgotten adds the rows of general alerts that are forgotten.
func (l *Live) addForgotten(current map[string]*Alert) {
	for id, a := range current {
		if p := l.published[id]; p != nil {
			a.alsoCovers(p.also)
		}
	}
}

// alsoCovers adds rows, each once.
func (a *Alert) alsoCovers(rows []string) {
	for _, row := range rows {
		a.Also = ecs.Add(a.Also, row)
	}
	slices.Sort(a.Also)
}

// same reports whether two states of one alert would make equal documents.
func (a *Alert) same(b *Alert) bool {
	return a.Score == b.Score && a.Reason == b.Reason && a.Folded == b.Folded && a.Who == b.Who && slices.Equal(a.Names, b.Names) && len(a.Evidence) == len(b.Evidence) &&
		slices.Equal(a.Parts, b.Parts) && slices.Equal(a.Context, b.Context) && slices.Equal(a.Gaps, b.Gaps) && slices.Equal(a.Also, b.Also) &&
		slices.EqualFunc(a.Evidence, b.Evidence, func(x, y *Act) bool { return x.ID == y.ID })
}

// outweighedBy reports whether a later state of the alert is worth a revision at once: another score, another place in a bigger
// story, or twice the evidence.
func (a *Alert) outweighedBy(b *Alert) bool {
	return a.Score != b.Score || a.Signal != b.Signal || a.Folded != b.Folded || a.Who != b.Who || len(b.Evidence) >= 2*len(a.Evidence)
}

// foldInto marks alerts whose evidence stands wholly in a chain on the same identity. Users' rules are no steps of built-in chains: what
// they look for is wanted by itself.
func foldInto(all map[string]*Alert) {
	byWho := map[string][]*Alert{}
	for _, a := range all {
		if a.Rule.Chain && !a.Signal {
			byWho[a.Who] = append(byWho[a.Who], a)
		}
	}
	for _, a := range all {
		a.Folded = ""
		for _, b := range byWho[a.Who] {
			if a == b || a.Signal || a.Rule.Ruleset != b.Rule.Ruleset {
				continue
			}
			if len(a.Evidence) < len(b.Evidence) && a.within(b) && (a.Folded == "" || b.ID < a.Folded) {
				a.Folded = b.ID
			}
		}
	}
	foldGeneral(all)
}

// foldGeneral marks alerts of rules that say in general what an alert of a particular rule says of the same acts. That one covers the
// general rows as well then.
func foldGeneral(all map[string]*Alert) {
	general, particular := map[string][]*Alert{}, map[string][]*Alert{}
	for _, a := range all {
		a.Also = nil
		switch {
		case a.Signal || a.Folded != "":
		case a.Rule.General:
			general[a.Who] = append(general[a.Who], a)
		case !a.Rule.Chain:
			particular[a.Who] = append(particular[a.Who], a)
		}
	}
	for who, alerts := range general {
		for _, a := range alerts {
			if into := holding(a, particular[who]); into != nil {
				a.Folded = into.ID
				into.alsoCovers(a.Rule.Covers)
			}
		}
	}
}

// holding is the alert in which all evidence of another one stands; of several the one with the least id. One that is found when the
// other may be forgotten does not count.
func holding(a *Alert, among []*Alert) (into *Alert) {
	for _, b := range among {
		if b.Found.Sub(a.Last) <= lineSpan && a.within(b) && (into == nil || b.ID < into.ID) {
			into = b
		}
	}
	return into
}
