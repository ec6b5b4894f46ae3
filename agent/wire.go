package main

import (
	"errors"
	"log/slog"

	"github.com/idwatch/idwatch/agent/config"
)

// openAgent joins the parts that a configuration names.
func openAgent(c *config.Config, log *slog.Logger) (agent, error) {
	return nil, errors.New("no service yet")
}
