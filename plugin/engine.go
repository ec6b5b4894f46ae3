//go:build !hosttest

package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/idwatch/idwatch/agent/service"
)

// openEngine starts the same service that the agent runs, without the agent's inputs.
func openEngine(s settings, log *slog.Logger) (intake, error) {
	c, err := s.load()
	if err != nil {
		return nil, err
	}
	running, err := service.Open(c, log)
	if errors.Is(err, service.ErrInUse) {
		return nil, fmt.Errorf("%w: %w", errInUse, err)
	}
	if err != nil {
		return nil, err
	}
	return running, nil
}
