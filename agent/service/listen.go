package service

import (
	"fmt"

	"github.com/idwatch/idwatch/agent/httpd"
	"github.com/idwatch/idwatch/agent/metrics"
	"github.com/idwatch/idwatch/agent/status"
)

// openListener prepares what serves pages, metrics and health; nil when it is off.
func (s *Service) openListener() (*httpd.Server, error) {
	c := s.config.Console
	if c.Listen == "off" {
		return nil, nil
	}
	l, err := httpd.New(httpd.Settings{
		Address: c.Listen, Hosts: c.Hosts, CertFile: c.CertFile, KeyFile: c.KeyFile, TokenFile: c.TokenFile, Log: s.log,
	})
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	l.Handle("GET /metrics", metrics.Handler(s.Status, s.log))
	l.Handle("GET /healthz", status.Health(s.Status))
	if err := s.mountConsole(l); err != nil {
		return nil, err
	}
	return l, nil
}
