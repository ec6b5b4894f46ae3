package service

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/idwatch/idwatch/agent/pipeline"
	"github.com/idwatch/idwatch/agent/source"
	"github.com/idwatch/idwatch/agent/status"
	"github.com/idwatch/idwatch/agent/watch"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// taps show the same to several.
type taps []pipeline.Tap

// TakeEvent implements pipeline.Tap.
func (t taps) TakeEvent(ev *ecs.Event) {
	for _, one := range t {
		one.TakeEvent(ev)
	}
}

// TakeLetters implements pipeline.Tap.
func (t taps) TakeLetters(docs []ecs.Doc) {
	for _, one := range t {
		one.TakeLetters(docs)
	}
}

// taps are all that records and alerts are shown to.
func (s *Service) taps() pipeline.Tap {
	all := taps{sourceTap{s.sources}}
	if store := s.tap(); store != nil {
		all = append(all, store)
	}
	if s.govern.ladder != nil {
		all = append(all, s.govern.ladder)
	}
	return all
}

// sourceTap shows records to the account of sources, which has no use for alerts.
type sourceTap struct{ *watch.Sources }

// TakeLetters implements pipeline.Tap.
func (sourceTap) TakeLetters([]ecs.Doc) {}

// inputList is what is known of the inputs that run.
type inputList struct {
	mu  sync.Mutex
	all []*inputState
}

// inputState is one input.
type inputState struct {
	name, kind, source string
	in                 input
	look               *onlooker // shared by the patterns of one input of files

	mu    sync.Mutex
	ended bool
	err   error
	last  time.Time
	had   atomic.Int64 // records, as of the last look
}

// counting are inputs that say how they are doing.
type counting interface{ Stats() source.Stats }

func (l *inputList) add(name, kind, source string, in input, look *onlooker) *inputState {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &inputState{name: name, kind: kind, source: source, in: in, look: look}
	l.all = append(l.all, s)
	return s
}

// end notes that an input has ended; an error that is the caller's own wish is no failure.
func (s *inputState) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended, s.err = true, err
}

func (l *inputList) describe() []status.Input {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]status.Input, 0, len(l.all))
	for _, s := range l.all {
		list = append(list, s.describe())
	}
	return list
}

func (s *inputState) describe() status.Input {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := status.Input{Name: s.name, Type: s.kind, Source: s.source, State: status.Running}
	switch {
	case s.err != nil:
		d.State, d.Error = status.Failed, s.err.Error()
	case s.ended:
		d.State = status.Ended
	}
	if in, ok := s.in.(counting); ok {
		n := in.Stats()
		d.Records, d.Bytes, d.LagBytes, d.Open, d.Errors, d.Refused = n.Records, n.Bytes, n.Behind, n.Files, n.Errors, n.Refused
		d.Waiting, d.Lag = n.Waiting, lagOf(n.Since)
		if n.Records != s.had.Swap(n.Records) {
			s.last = time.Now()
		}
	}
	d.LastRecord = s.last
	s.look.describe(&d)
	return d
}

// lagOf is how far behind an input is that has read up to a time.
func lagOf(since time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(0, time.Since(since).Seconds())
}

// inputName names an input as the configuration has it.
func inputName(at int, kind, what string) string {
	if what == "" {
		return fmt.Sprintf("inputs[%d] %s", at, kind)
	}
	return fmt.Sprintf("inputs[%d] %s %s", at, kind, what)
}

// savedState is when the detections' memory was saved last.
type savedState struct {
	mu sync.Mutex
	at time.Time
	by error
}

func (s *savedState) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by = err; err == nil {
		s.at = time.Now()
	}
}

func (s *savedState) describe() (d status.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Saved = s.at
	if s.by != nil {
		d.Error = s.by.Error()
	}
	return d
}
