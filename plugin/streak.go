package main

import (
	"log/slog"
	"sync"
)

// streak logs a fault that may repeat for hours at its first occurrence, and how often it occurred when it is over.
type streak struct {
	log          *slog.Logger
	begins, ends string

	mu sync.Mutex
	n  int
}

// note counts an occurrence, or the end of them when err is nil. Args go with the first occurrence.
func (s *streak) note(err error, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil:
		if s.n++; s.n == 1 {
			s.log.Warn(s.begins, append(args, "err", err)...)
		}
	case s.n > 0:
		s.log.Info(s.ends, "times", s.n)
		s.n = 0
	}
}
