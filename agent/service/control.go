package service

import (
	"net/http"

	"github.com/idwatch/idwatch/agent/audit"
	"github.com/idwatch/idwatch/agent/control"
	"github.com/idwatch/idwatch/agent/portrait"
)

// openControl makes the socket for the tools. Records need none of it: when it cannot be made, that is said and all else goes on.
func (s *Service) openControl() {
	if !s.config.Control.Enabled {
		return
	}
	server, err := control.Listen(s.config.DataDir, s.log)
	if err != nil {
		s.log.Error("tools cannot reach this process, status.json is written all the same", "err", err)
		return
	}
	server.Handle("GET /v1/status", func(*http.Request) (any, error) { return s.Status(), nil })
	server.Handle("POST /v1/reload", func(r *http.Request) (any, error) {
		changes, err := s.ReloadBy(whoAsks(control.PeerOf(r)))
		if err != nil {
			return nil, control.Refusal{Status: http.StatusConflict, Text: err.Error()}
		}
		return Reloaded{audit.Summary(changes), changes}, nil
	})
	server.Handle("GET /v1/identity", func(r *http.Request) (any, error) {
		known := s.pipeline.Portrait(r.URL.Query().Get("name"))
		if known == nil {
			return nil, control.Refusal{Status: http.StatusNotFound, Text: "nobody of that name is known"}
		}
		return portrait.Of(known), nil
	})
	s.handleLetters(server)
	s.handleWindows(server)
	s.control = server
}

// Reloaded is the answer to a reload.
type Reloaded struct {
	Summary string         `json:"summary"`
	Changes []audit.Change `json:"changes"`
}
