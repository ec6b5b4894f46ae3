package filesink

import (
	"context"
	"errors"
	"sync"
	"time"
)

// deliver writes a group, again and again until it is written or ctx ends. It is the one place that decides to try again.
func (s *Sink) deliver(ctx context.Context, g *group) error {
	pause, failures := firstPause, 0
	for {
		err := s.write(g)
		if err == nil {
			s.recovered(g, failures)
			s.stuck.over(g.stream)
			return nil
		}
		if errors.Is(err, errClosed) {
			return err
		}
		s.errors.Add(1)
		s.stuck.begin(g.stream, err)
		if failures++; failures == 1 {
			s.settings.Log.Error("file output waits", "err", err, "stream", g.stream)
		}
		if !wait(ctx, pause) {
			return errors.Join(ctx.Err(), err)
		}
		pause = min(2*pause, longPause)
	}
}

func (s *Sink) recovered(g *group, failures int) {
	s.documents.Add(int64(g.docs))
	s.written.Add(int64(len(g.lines)))
	if failures > 0 {
		s.settings.Log.Info("file output goes on", "stream", g.stream, "failures", failures)
	}
}

// write makes one attempt.
func (s *Sink) write(g *group) error {
	o, err := s.output(g.stream)
	if err != nil {
		return err
	}
	return o.write(g.lines)
}

// output is the one writer of a stream's files.
func (s *Sink) output(stream string) (*output, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	o := s.outs[stream]
	if o == nil {
		o = newOutput(s, stream)
		s.outs[stream] = o
	}
	return o, nil
}

// wait reports false when ctx ends first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// stuck are the streams that cannot be written to.
type stuck struct {
	mu    sync.Mutex
	since map[string]time.Time
	why   error // of the last one
}

func (s *stuck) begin(stream string, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since == nil {
		s.since = map[string]time.Time{}
	}
	if s.since[stream].IsZero() {
		s.since[stream] = time.Now()
	}
	s.why = why
}

func (s *stuck) over(stream string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.since, stream)
}

// Trouble says since when a file cannot be written, and why; "" when all can.
func (s *Sink) Trouble() (since time.Time, what string) {
	s.stuck.mu.Lock()
	defer s.stuck.mu.Unlock()
	for _, at := range s.stuck.since {
		if since.IsZero() || at.Before(since) {
			since, what = at, s.stuck.why.Error()
		}
	}
	return since, what
}
