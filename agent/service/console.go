package service

import (
	"path/filepath"
	"strings"

	"github.com/idwatch/idwatch/agent/audit"
	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/console"
	"github.com/idwatch/idwatch/agent/httpd"
	"github.com/idwatch/idwatch/agent/store"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/enrich"
)

// ConsoleToken is where the token of a configuration's console stands.
func ConsoleToken(c *config.Config) string { return filepath.Join(c.DataDir, "console.token") }

// mountConsole puts the console's pages on the listener. Where the configuration names a token of its own, the listener asks for that.
func (s *Service) mountConsole(l *httpd.Server) error {
	c := s.config
	settings := console.Settings{
		Store: s.store, Status: s.Status, Portrait: s.pipeline.Portrait, Sources: s.pipeline.Sources,
		Make: s.remaker().remake, Tell: s.tellNote, Secure: c.Console.CertFile != "", Log: s.log,
	}
	if c.Console.TokenFile == "" {
		settings.TokenFile = ConsoleToken(c)
	}
	pages, err := console.New(settings)
	if err != nil {
		return err
	}
	pages.Mount(l)
	return nil
}

// noteActs are the acts of the audit that notes in the console are.
var noteActs = map[string]string{store.NoteAck: audit.AlertAcknowledge, store.NoteReopen: audit.AlertReopen, store.NoteText: audit.AlertNote}

// tellNote sends a note of the console along. Who wrote it is what they said: the console knows only that they had the token.
func (s *Service) tellNote(n store.Note) {
	line := strings.Join(strings.Fields(n.Text), " ")
	s.Acknowledged(n.Alert, noteActs[n.Kind], audit.Who{ID: "console", Name: n.Author}, line)
}

// remaker makes documents as the pipeline does.
func (s *Service) remaker() *remaker {
	return &remaker{parsers: map[string]*parsers.Parser{}, options: parsers.Options{
		Namespace: s.config.Namespace(), PreserveOriginal: s.config.PreserveOriginal(), Enrich: enrich.New(s.places), Streams: allowedStreams(s.config),
	}}
}
