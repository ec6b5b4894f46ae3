package service

import (
	"log/slog"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/elastic"
)

// openElastic opens the output to a cluster. The cluster need not be there: what it cannot take waits.
func openElastic(c *config.Config, log *slog.Logger) (output, error) {
	e := c.Outputs.Elasticsearch
	return elastic.Open(elastic.Settings{
		URLs: e.URL, CAFile: e.CAFile, APIKeyFile: e.APIKeyFile, Username: e.Username, PasswordFile: e.PasswordFile,
		Compression: e.Compression, Log: log,
	})
}
