package service

import (
	"errors"
	"log/slog"

	"github.com/idwatch/idwatch/agent/config"
)

func openElastic(c *config.Config, log *slog.Logger) (output, error) {
	return nil, errors.New("comes with agent/elastic")
}
