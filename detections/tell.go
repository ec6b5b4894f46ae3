package detections

import (
	"maps"
	"slices"
	"strings"
)

// tell publishes what has changed: new alerts, revisions, and the withdrawal of what has lost its ground.
func (l *Live) tell() {
	if !l.changed {
		return
	}
	l.changed = false
	maps.DeleteFunc(l.view, func(_ string, a *Alert) bool { return !a.Last.After(l.bound) }) // the settled machine knows better
	current := maps.Clone(l.truth)
	maps.Copy(current, l.view)
	foldInto(current)
	for _, id := range slices.SortedFunc(maps.Keys(current), strings.Compare) {
		l.tellOne(current[id])
	}
	for id, p := range l.published {
		if current[id] == nil && !p.withdrawn {
			p.withdrawn = true
			p.revision++
			l.publish(l.document(p.alert, p))
		}
	}
	l.forget()
}

// tellOne publishes an alert that is new or differs from what was told of it.
func (l *Live) tellOne(a *Alert) {
	p := l.published[a.ID]
	switch {
	case p == nil:
		last, told := l.longAgo.get(a.ID)
		if told && l.truth[a.ID] == nil {
			return // it stands as it was told; that it comes back must be sure, for it cannot be taken back
		}
		p = &publication{}
		if told {
			p.revision = last + 1
		}
		l.published[a.ID] = p
	case p.withdrawn, !p.alert.same(a):
		p.revision++
	default:
		return
	}
	p.alert, p.withdrawn = a.clone(), false
	l.publish(l.document(p.alert, p))
}

func (l *Live) document(a *Alert, p *publication) *Document {
	d := l.live.document(a)
	d.Revision, d.Withdrawn, d.Namespace = p.revision, p.withdrawn, l.namespace
	return d
}

// document makes an alert's document.
func (m *machine) document(a *Alert) *Document {
	return &Document{Alert: a, Context: m.context}
}

// forget drops alerts whose time is over, so that memory does not grow.
func (l *Live) forget() {
	for id, p := range l.published {
		if l.bound.Sub(p.alert.Last) > alertsKept {
			delete(l.truth, id)
			delete(l.published, id)
			l.longAgo.put(id, p.revision)
		}
	}
}

// same reports whether two states of one alert would make equal documents.
func (a *Alert) same(b *Alert) bool {
	return a.Score == b.Score && a.Reason == b.Reason && a.Folded == b.Folded && a.Who == b.Who && slices.Equal(a.Names, b.Names) && len(a.Evidence) == len(b.Evidence) &&
		slices.Equal(a.Parts, b.Parts) && slices.Equal(a.Context, b.Context) && slices.Equal(a.Gaps, b.Gaps) &&
		slices.EqualFunc(a.Evidence, b.Evidence, func(x, y Act) bool { return x.ID == y.ID })
}

// foldInto marks alerts whose evidence stands wholly in a chain on the same identity.
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
			if a != b && !a.Signal && len(a.Evidence) < len(b.Evidence) && a.within(b) && (a.Folded == "" || b.ID < a.Folded) {
				a.Folded = b.ID
			}
		}
	}
}
