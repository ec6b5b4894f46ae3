package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/idwatch/idwatch/agent/audit"
	"github.com/idwatch/idwatch/agent/deadletter"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// letters are the dead letters of the running process.
func (s *Service) letters() *Letters {
	return &Letters{store: s.dead, retry: s.retryLetter, note: s.Note}
}

// retryLetter reads a text again or sends a document again. A text that still cannot be read stays as it is: read again, it
// would come back as the same dead letter.
func (s *Service) retryLetter(e deadletter.Entry) error {
	if stream, id, isDocument := strings.Cut(e.Input, "/"); isDocument {
		return s.resend(e, ecs.Doc{Stream: stream, ID: id, Body: e.Raw})
	}
	var reason string
	for _, name := range []string{cmp.Or(e.Input, parsers.Auto), parsers.Auto} { // the input may have named the wrong source
		feed, err := s.pipeline.From(name)
		if err != nil {
			continue // its name was of another version
		}
		if reason = s.unreadable(name, e.Raw); reason == "" {
			ctx, cancel := s.retryContext()
			defer cancel()
			return feed.Put(ctx, [][]byte{e.Raw}, func() { s.retried(e.ID) })
		}
	}
	return fmt.Errorf("is still not readable: %s", reason)
}

// unreadable says what is still wrong with a text, "" when nothing is.
func (s *Service) unreadable(source string, text []byte) string {
	parser, err := parsers.New(parsers.Options{Source: source, Namespace: s.config.Namespace(), Streams: allowedStreams(s.config)})
	if err != nil {
		return err.Error()
	}
	var t trial
	parser.Parse(text, &t)
	if t.reason == "" && t.records == 0 {
		return "it holds nothing that would be delivered"
	}
	return t.reason
}

// trial finds out what a text would become.
type trial struct {
	records int
	reason  string // of the last dead letter
}

// TakeEvent implements parsers.Taker.
func (t *trial) TakeEvent(ev *ecs.Event) {
	if !ev.Context {
		t.records++
	}
}

// TakeDead implements parsers.Taker.
func (t *trial) TakeDead(d *parsers.Dead) { t.reason = d.Reason.Error() }

// resend offers a refused document once more, as after a change of the mapping.
func (s *Service) resend(e deadletter.Entry, doc ecs.Doc) error {
	ctx, cancel := s.retryContext()
	defer cancel()
	refused, err := s.output.Send(ctx, []ecs.Doc{doc})
	switch {
	case err != nil:
		return err
	case len(refused) > 0:
		return errors.New("is still refused: " + refused[0].Type)
	}
	s.retried(e.ID)
	return nil
}

// retryWait is how long a letter may wait for room, or for the output.
const retryWait = 20 * time.Second

func (s *Service) retryContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), retryWait)
}

// retried gives up a letter that has come to life again.
func (s *Service) retried(id string) {
	if err := s.dead.Remove(id); err != nil && !errors.Is(err, deadletter.ErrNotFound) {
		s.log.Error("dead letter was read again but stays", "err", err)
	}
}

// retryLater are ids that a command has noted while no process ran.
const retryLater = "retry"

func noteRetry(dataDir, id string) error {
	dir := filepath.Join(dataDir, retryLater)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if id != filepath.Base(id) {
		return deadletter.ErrNotFound
	}
	return os.WriteFile(filepath.Join(dir, id), nil, 0o600)
}

// retryNoted does what was asked while no process ran.
func (s *Service) retryNoted() {
	dir := filepath.Join(s.config.DataDir, retryLater)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // nothing was asked
	}
	var ask LettersAsk
	for _, entry := range entries {
		ask.IDs = append(ask.IDs, entry.Name())
		if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil {
			s.log.Error("noted dead letter", "err", err)
		}
	}
	if len(ask.IDs) == 0 {
		return
	}
	done, err := s.letters().Retry(ask, audit.Who{Name: "start"}) // who asked was noted then
	s.log.Info("dead letters retried", "done", len(done.Done), "kept", len(done.Kept), "err", err)
}
