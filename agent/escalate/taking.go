package escalate

import (
	"slices"
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// TakeEvent has no use for records.
func (l *Ladder) TakeEvent(*ecs.Event) {}

// TakeLetters takes alerts as they are published. A revision that withdraws an alert, or folds it into another, takes it off the ladder.
func (l *Ladder) TakeLetters(docs []ecs.Doc) {
	for i := range docs {
		if strings.HasPrefix(docs[i].Stream, "logs-idwatch.alert-") {
			l.take(docs[i].Body)
		}
	}
}

func (l *Ladder) take(body []byte) {
	m, steps, over, ok := read(body)
	if !ok {
		return
	}
	if over {
		l.End(m.Alert)
		return
	}
	steps = l.known(steps)
	if len(steps) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := l.find(m.Alert); i >= 0 { // what is said of it is newer, where it stands is not
		l.open[i].Message = m
		l.changed()
		return
	}
	if slices.Contains(l.over, m.Alert) { // it was acknowledged, or has been told to everybody
		return
	}
	if len(l.open) >= mostOpen {
		if l.dropped++; l.dropped&(l.dropped-1) == 0 {
			l.settings.Log.Error("too many alerts wait to be told: new ones are in the alert stream only", "dropped", l.dropped)
		}
		return
	}
	now := time.Now()
	l.open = append(l.open, &climb{Message: m, Steps: steps, Due: now, Since: now})
	l.changed()
}

// known are the steps that name a target. Nobody can be told by another name.
func (l *Ladder) known(steps []string) (known []string) {
	if len(steps) == 0 {
		steps = l.settings.Default
	}
	for _, name := range steps {
		if l.targets[name] != nil && len(known) < mostSteps {
			known = append(known, name)
		}
	}
	return known
}

func (l *Ladder) find(alert string) int {
	return slices.IndexFunc(l.open, func(c *climb) bool { return c.Message.Alert == alert })
}

// changed has the file written and the next step looked for. The lock is held.
func (l *Ladder) changed() {
	l.dirty = true
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// End takes an alert off the ladder, as when somebody acknowledges it.
func (l *Ladder) End(alert string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := l.find(alert); i >= 0 {
		l.remove(i)
	}
}

// remove takes an alert off for good. The lock is held.
func (l *Ladder) remove(i int) {
	l.over = append(l.over, l.open[i].Message.Alert)
	l.over = slices.Delete(l.over, 0, max(0, len(l.over)-overMost))
	l.open = slices.Delete(l.open, i, i+1)
	l.changed()
}
