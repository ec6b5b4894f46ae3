package service

import (
	"context"
	"time"
)

const (
	stateEvery = time.Minute
	// stateShare bounds the time that saving takes: one part in so many.
	stateShare = 20
)

// keepState saves the detections' memory until ctx ends. When that fails the old one stays, and with it what it needs of the spool.
func (s *Service) keepState(ctx context.Context) {
	pause := time.NewTimer(stateEvery)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		began := time.Now()
		err := s.pipeline.Save()
		s.saved.note(err)
		if err != nil {
			s.log.Error("state not saved", "err", err)
		}
		pause.Reset(max(stateEvery, stateShare*time.Since(began)))
	}
}
