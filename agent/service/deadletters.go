package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/idwatch/idwatch/agent/audit"
	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/control"
	"github.com/idwatch/idwatch/agent/deadletter"
)

// Letter is a dead letter as the tools see it.
type Letter struct {
	ID     string    `json:"id"`
	Time   time.Time `json:"time"`
	Source string    `json:"source"` // how it was read; of a refused document, its data stream and id
	Reason string    `json:"reason"`
	Bytes  int       `json:"bytes"`
	Raw    []byte    `json:"raw,omitempty"` // base64; all bytes, or the first of them
}

// LettersAsk names dead letters.
type LettersAsk struct {
	IDs []string `json:"ids,omitempty"` // ids, or beginnings that no other has
	All bool     `json:"all,omitempty"`
}

// LettersDone says what became of those that were named.
type LettersDone struct {
	Done []string     `json:"done"` // ids of those handed over, or removed
	Kept []LetterKept `json:"kept"` // those that stay, and why
}

// LetterKept is a dead letter that stays one.
type LetterKept struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Letters are the dead letters of a data directory.
type Letters struct {
	store *deadletter.Store
	retry func(deadletter.Entry) error
	note  func(audit.Entry) // keeps in the audit what was done
}

// DeadLetterDir is where the dead letters of a configuration stand.
func DeadLetterDir(c *config.Config) string { return filepath.Join(c.DataDir, "deadletter") }

// OpenLetters opens the dead letters of a directory that no process has. What is to be tried again is noted there for the next one.
func OpenLetters(c *config.Config) (*Letters, func(), error) {
	held, err := takeLock(c.DataDir)
	if err != nil {
		return nil, nil, err
	}
	store, err := deadletter.Open(DeadLetterDir(c), int64(c.DeadLetter.MaxBytes))
	if err != nil {
		held.release()
		return nil, nil, err
	}
	acts, err := audit.Open(audit.Settings{Dir: filepath.Join(c.DataDir, "audit"), Namespace: c.Namespace(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		store.Close()
		held.release()
		return nil, nil, err
	}
	l := &Letters{store: store, retry: func(e deadletter.Entry) error { return noteRetry(c.DataDir, e.ID) }}
	l.note = func(e audit.Entry) { _, _ = acts.Note(e) } // it goes out with the next process
	return l, func() { acts.Close(); store.Close(); held.release() }, nil
}

// Each shows letters, oldest first, each with its first raw bytes.
func (l *Letters) Each(raw int, show func(Letter) error) error {
	return l.store.Each(func(e deadletter.Entry) error { return show(letterOf(&e, raw)) })
}

func letterOf(e *deadletter.Entry, raw int) Letter {
	return Letter{ID: e.ID, Time: e.Time, Source: e.Input, Reason: e.Reason, Bytes: len(e.Raw), Raw: e.Raw[:min(raw, len(e.Raw))]}
}

// One returns the letter whose id begins as asked, with all its bytes.
func (l *Letters) One(id string) (Letter, error) {
	e, err := l.find(id)
	if err != nil {
		return Letter{}, err
	}
	return letterOf(&e, len(e.Raw)), nil
}

var errAmbiguous = errors.New("more than one dead letter's id begins so")

func (l *Letters) find(id string) (deadletter.Entry, error) {
	e, err := l.store.Get(id)
	if !errors.Is(err, deadletter.ErrNotFound) || id == "" {
		return e, err
	}
	var found []string
	err = l.store.Each(func(e deadletter.Entry) error {
		if strings.HasPrefix(e.ID, id) {
			found = append(found, e.ID)
		}
		return nil
	})
	switch {
	case err != nil:
		return e, err
	case len(found) == 0:
		return e, deadletter.ErrNotFound
	case len(found) > 1:
		return e, errAmbiguous
	}
	return l.store.Get(found[0])
}

// each does something with the letters that are named.
func (l *Letters) each(ask LettersAsk, do func(deadletter.Entry) error) (LettersDone, error) {
	done := LettersDone{Done: []string{}, Kept: []LetterKept{}}
	ids := ask.IDs
	if ask.All {
		ids = nil
		if err := l.store.Each(func(e deadletter.Entry) error { ids = append(ids, e.ID); return nil }); err != nil {
			return done, err
		}
	}
	for _, id := range ids {
		e, err := l.find(id)
		if err == nil {
			id, err = e.ID, do(e)
		}
		if err != nil {
			done.Kept = append(done.Kept, LetterKept{id, err.Error()})
			continue
		}
		done.Done = append(done.Done, id)
	}
	return done, nil
}

// Retry hands letters over to be read or sent again, at somebody's wish. They go once that is safe.
func (l *Letters) Retry(ask LettersAsk, who audit.Who) (LettersDone, error) {
	return l.noted(audit.DeadLetterRetry, who, ask, l.retry)
}

// Remove gives letters up for good, at somebody's wish.
func (l *Letters) Remove(ask LettersAsk, who audit.Who) (LettersDone, error) {
	return l.noted(audit.DeadLetterRemove, who, ask, func(e deadletter.Entry) error { return l.store.Remove(e.ID) })
}

func (l *Letters) noted(action string, who audit.Who, ask LettersAsk, do func(deadletter.Entry) error) (LettersDone, error) {
	done, err := l.each(ask, do)
	if n := len(done.Done); n > 0 {
		l.note(audit.Entry{Action: action, Who: who, Letters: done.Done, Reason: fmt.Sprintf("%d dead letters", n)})
	}
	return done, err
}

const shownRaw = 120 // bytes of each letter in a list

// handleLetters mounts what the tools ask about dead letters.
func (s *Service) handleLetters(server *control.Server) {
	server.HandleRaw("GET /v1/deadletters", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		most, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		e, n := json.NewEncoder(w), 0
		_ = s.letters().Each(shownRaw, func(l Letter) error {
			if n++; most > 0 && n > most {
				return http.ErrAbortHandler
			}
			return e.Encode(l)
		})
	})
	server.Handle("GET /v1/deadletter", func(r *http.Request) (any, error) {
		l, err := s.letters().One(r.URL.Query().Get("id"))
		if errors.Is(err, deadletter.ErrNotFound) || errors.Is(err, errAmbiguous) {
			err = control.Refusal{Status: http.StatusNotFound, Text: err.Error()}
		}
		return l, err
	})
	for path, do := range map[string]func(*Letters, LettersAsk, audit.Who) (LettersDone, error){"retry": (*Letters).Retry, "remove": (*Letters).Remove} {
		server.Handle("POST /v1/deadletters/"+path, func(r *http.Request) (any, error) {
			ask, err := control.Body[LettersAsk](r)
			if err != nil {
				return nil, err
			}
			return do(s.letters(), ask, whoAsks(control.PeerOf(r)))
		})
	}
}
