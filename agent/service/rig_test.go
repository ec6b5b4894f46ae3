package service

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/waittest"
)

// house is a folder with a configuration of the test's own.
type house struct {
	t   *testing.T
	dir string
}

func newHouse(t *testing.T) house { return house{t, t.TempDir()} }

func (h house) path(name string) string { return filepath.Join(h.dir, name) }

// write puts a file into place by renaming, as careful programs do.
func (h house) write(name, text string) string {
	h.t.Helper()
	path := h.path(name)
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// add appends lines to a file.
func (h house) add(name string, lines ...string) {
	h.t.Helper()
	file, err := os.OpenFile(h.path(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		h.t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(strings.Join(lines, "\n") + "\n"); err != nil {
		h.t.Fatal(err)
	}
}

// config is the configuration of the lines given, in the house's data directory.
func (h house) config(lines ...string) *config.Config {
	h.t.Helper()
	text := "data_dir: " + h.path("data") + "\nconsole: {listen: 'off'}\ncontrol: {enabled: false}\n" + strings.Join(lines, "\n") + "\n"
	c, err := config.Parse("idwatch.yaml", []byte(text))
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h house) open(c *config.Config) *Service {
	h.t.Helper()
	s, err := Open(c, slog.New(slog.DiscardHandler))
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// put hands over a text and returns when it is answered: delivered, or dead.
func (h house) put(s *Service, text string) {
	h.t.Helper()
	if err := s.Put(h.t.Context(), [][]byte{[]byte(text)}, nil); err != nil {
		h.t.Fatal(err)
	}
	h.settle(s)
}

// settle waits until all that was put is answered.
func (h house) settle(s *Service) {
	h.t.Helper()
	waittest.Until(h.t, "the answers", func() bool { b := s.Balance(); return b.Sender == b.Next })
}

func (h house) close(s *Service) {
	h.t.Helper()
	if err := s.Close(h.t.Context()); err != nil {
		h.t.Error(err)
	}
}

// runFor runs the agent for a while of the bubble's time and returns how many records it read.
func (h house) runFor(c *config.Config, d time.Duration, meanwhile func()) int64 {
	h.t.Helper()
	s := h.open(c)
	before := s.Stats().In.Load()
	ctx, stop := context.WithTimeout(h.t.Context(), d)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	if meanwhile != nil {
		<-time.After(d / 2)
		synctest.Wait()
		meanwhile()
	}
	if err := <-ended; err != nil {
		h.t.Errorf("Run: %v", err)
	}
	return s.Stats().In.Load() - before
}

// documents are those of the file output, by data stream.
func (h house) documents() map[string][]gjson.Result {
	h.t.Helper()
	found := map[string][]gjson.Result{}
	files, _ := filepath.Glob(h.path("data/out/*"))
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			h.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if !gjson.Valid(line) {
				h.t.Errorf("%s: no JSON: %.100s", path, line)
			}
			doc := gjson.Parse(line)
			stream := doc.Get("data_stream")
			name := fmt.Sprintf("%s-%s-%s", stream.Get("type"), stream.Get("dataset"), stream.Get("namespace"))
			found[name] = append(found[name], doc)
		}
	}
	return found
}

// firstLine is a record of a source, from the test data.
func firstLine(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../testdata", name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}

// oktaFrom is a sign-in from an address, with an id of its own.
func oktaFrom(address string, n int) string {
	return fmt.Sprintf(`{"eventType":"user.session.start","published":"2026-09-01T08:15:30.123Z","uuid":"u-%d","client":{"ipAddress":%q}}`, n, address)
}
