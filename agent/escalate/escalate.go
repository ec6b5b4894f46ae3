// Package escalate tells people of alerts that nobody has acknowledged: one after the other, as the identity's escalation list says, by
// webhook. Where an alert stands on that ladder is on disk, so that neither a restart nor a receiver that is away loses it.
package escalate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/durable"
)

const (
	mostOpen  = 5000 // alerts on the ladder
	mostSteps = 16
	overMost  = 4 * mostOpen

	firstPause = 15 * time.Second // after a failed attempt
	longPause  = 10 * time.Minute
	idlePause  = time.Hour
)

// Settings make a Ladder.
type Settings struct {
	File    string   // where the ladder is kept
	Targets []Target // whom escalation lists name
	Default []string // the list of identities without one
	Log     *slog.Logger
	// Told is called when somebody has been told, or could not be.
	Told func(Told)
}

// Told is a step that was taken.
type Told struct {
	Alert, Target string
	Step          int
	Err           error // why the target was given up
}

// Ladder is the alerts that are being told. Its methods may be called at the same time.
type Ladder struct {
	settings Settings
	targets  map[string]*Target
	send     func(ctx context.Context, t *Target, m *Message) error

	mu    sync.Mutex
	open  []*climb
	over  []string // alerts that are off the ladder and do not get on it again, the latest last
	dirty bool
	wake  chan struct{}

	dropped int // for want of room
}

// kept is the file.
type kept struct {
	Open []*climb `json:"open"`
	Over []string `json:"over"`
}

// climb is an alert on the ladder.
type climb struct {
	Message  Message   `json:"message"`
	Steps    []string  `json:"steps"` // names of targets
	Step     int       `json:"step"`  // the one to be told next
	Due      time.Time `json:"due"`
	Attempts int       `json:"attempts"` // failed ones of this step
	Since    time.Time `json:"since"`    // when this step was due first
}

// Open reads where alerts stood. A damaged file is set aside: alerts that come go up the ladder all the same.
func Open(s Settings) (*Ladder, error) {
	l := &Ladder{settings: s, targets: map[string]*Target{}, wake: make(chan struct{}, 1)}
	for i := range s.Targets {
		t := &s.Targets[i]
		if err := t.open(s.Log); err != nil {
			return nil, fmt.Errorf("escalation target %s: %w", t.Name, err)
		}
		l.targets[t.Name] = t
	}
	l.send = post
	text, err := os.ReadFile(s.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read escalation: %w", err)
	}
	var k kept
	if err == nil && json.Unmarshal(text, &k) != nil {
		k = kept{}
		if err := os.Rename(s.File, s.File+".damaged"); err != nil {
			return nil, fmt.Errorf("set escalation aside: %w", err)
		}
		s.Log.Error("escalation file is damaged and set aside: alerts in it are told no further", "kept", s.File+".damaged")
	}
	l.over = k.Over
	l.open = slices.DeleteFunc(k.Open, func(c *climb) bool { return c == nil || c.Message.Alert == "" })
	return l, nil
}

// Waiting counts the alerts on the ladder.
func (l *Ladder) Waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

// Failing is the target of the step that has failed for longest, and since when; "" when none fails.
func (l *Ladder) Failing() (target string, since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.open {
		if c.Attempts > 0 && (target == "" || c.Since.Before(since)) {
			target, since = c.Steps[c.Step], c.Since
		}
	}
	return target, since
}

// Run tells who is to be told until ctx ends.
func (l *Ladder) Run(ctx context.Context) {
	for ctx.Err() == nil {
		l.save()
		c := l.next()
		if c == nil {
			l.wait(ctx, idlePause)
			continue
		}
		if pause := time.Until(c.Due); pause > 0 {
			l.wait(ctx, pause)
			continue
		}
		l.tell(ctx, c)
	}
	l.save()
}

func (l *Ladder) wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(min(d, idlePause))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-l.wake:
	case <-timer.C:
	}
}

// next is a copy of the alert whose step is due first.
func (l *Ladder) next() *climb {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.open) == 0 {
		return nil
	}
	c := *slices.MinFunc(l.open, func(a, b *climb) int {
		return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.Message.Alert, b.Message.Alert))
	})
	return &c
}

// tell takes a step. Meanwhile the alert may be acknowledged, which is then too late for this one.
func (l *Ladder) tell(ctx context.Context, c *climb) {
	name := c.Steps[min(c.Step, len(c.Steps)-1)]
	t := l.targets[name]
	if t == nil { // the configuration no longer knows it
		l.climbed(c, nil, errors.New("target is not in the configuration any more"))
		return
	}
	m := c.Message
	m.Step, m.Steps, m.Target = c.Step+1, len(c.Steps), name
	err := l.send(ctx, t, &m)
	switch {
	case ctx.Err() != nil && err != nil:
	case err == nil:
		l.climbed(c, t, nil)
	case time.Since(c.Since) >= t.Wait && c.Step+1 < len(c.Steps):
		l.climbed(c, t, err) // whoever is next shall not wait for a receiver that is away
	default:
		l.failed(c, err)
	}
}

// failed has the same step tried again, later each time.
func (l *Ladder) failed(c *climb, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := l.find(c.Message.Alert)
	if i < 0 {
		return
	}
	at := l.open[i]
	if at.Attempts == 0 {
		l.settings.Log.Warn("alert not told, it is tried again", "target", at.Steps[at.Step], "err", err)
	}
	at.Attempts++
	at.Due = time.Now().Add(min(firstPause<<min(at.Attempts-1, 10), longPause))
	l.changed()
}

// climbed goes to the next step, or ends after the last one.
func (l *Ladder) climbed(c *climb, t *Target, err error) {
	l.mu.Lock()
	i := l.find(c.Message.Alert)
	if i >= 0 {
		at := l.open[i]
		at.Step, at.Attempts = at.Step+1, 0
		at.Due = time.Now()
		if t != nil && err == nil {
			at.Due = at.Due.Add(t.Wait)
		}
		at.Since = at.Due
		if at.Step >= len(at.Steps) {
			l.remove(i)
		}
		l.changed()
	}
	l.mu.Unlock()
	if l.settings.Told != nil {
		l.settings.Told(Told{c.Message.Alert, c.Steps[c.Step], c.Step + 1, err})
	}
}

// save puts the file into its place at once, if something has changed.
func (l *Ladder) save() {
	l.mu.Lock()
	if !l.dirty {
		l.mu.Unlock()
		return
	}
	l.dirty = false
	text, err := json.Marshal(kept{l.open, l.over})
	l.mu.Unlock()
	if err == nil {
		err = durable.WriteFile(l.settings.File, text)
	}
	if err != nil {
		l.settings.Log.Error("escalation not saved", "err", err)
	}
}
