package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// The kinds of notes.
const (
	NoteText   = "note"
	NoteAck    = "acknowledge"
	NoteReopen = "reopen"
)

const (
	noteMost  = 4000 // bytes of a note's text
	notesMost = 500  // notes on one alert
)

// Note is what a person did with an alert.
type Note struct {
	Number int64 // in the order of their making, from 1
	Alert  string
	At     time.Time
	Author string
	Kind   string
	Text   string
}

// ErrNote says that a note cannot be taken: its kind is unknown, it is empty or too long, or there are too many.
var ErrNote = errors.New("note is empty, too long or of an unknown kind, or there are too many")

// Annotate keeps a note on an alert and returns when it is safe on disk. At most 4000 bytes, 500 notes an alert.
func (s *Store) Annotate(ctx context.Context, n Note) (Note, error) {
	n.Text = strings.TrimSpace(n.Text)
	bad := n.Kind == NoteText && n.Text == "" || len(n.Text) > noteMost || len(n.Author) > 200 || !utf8.ValidString(n.Text+n.Author)
	if bad || n.Kind != NoteText && n.Kind != NoteAck && n.Kind != NoteReopen {
		return n, ErrNote
	}
	err := s.alerts.change(func(tx *sql.Tx) error { return keepNote(ctx, tx, &n) })
	return n, err
}

func keepNote(ctx context.Context, tx *sql.Tx, n *Note) error {
	var alerts, notes int
	err := tx.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM alerts WHERE id = ?1), (SELECT count(*) FROM notes WHERE alert = ?1)", n.Alert).Scan(&alerts, &notes)
	switch {
	case err != nil:
		return err
	case alerts == 0:
		return ErrNotFound
	case notes >= notesMost:
		return ErrNote
	}
	done, err := tx.ExecContext(ctx, "INSERT INTO notes (alert, at, author, kind, text) VALUES (?, ?, ?, ?, ?)", n.Alert, n.At.UnixMilli(), n.Author, n.Kind, n.Text)
	if err != nil {
		return err
	}
	if n.Number, err = done.LastInsertId(); err != nil || n.Kind == NoteText {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE alerts SET acknowledged = ? WHERE id = ?", n.Kind == NoteAck, n.Alert)
	return err
}

// Notes returns the notes on an alert, the oldest first.
func (r *Reader) Notes(ctx context.Context, alert string) (notes []Note, err error) {
	err = r.alerts.do(func(db *sql.DB) error {
		rows, err := db.QueryContext(ctx, "SELECT n, alert, at, author, kind, text FROM notes WHERE alert = ? ORDER BY n", alert)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n Note
			var at int64
			if err := rows.Scan(&n.Number, &n.Alert, &at, &n.Author, &n.Kind, &n.Text); err != nil {
				return err
			}
			n.At = time.UnixMilli(at).UTC()
			notes = append(notes, n)
		}
		return rows.Err()
	})
	return notes, err
}
