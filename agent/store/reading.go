package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Reader asks a store.
type Reader struct {
	alerts    *database
	windowDir string
}

// Read opens the store in a directory for reading, whether or not a process writes to it.
func Read(dir string) (*Reader, error) {
	r := &Reader{alerts: &database{path: filepath.Join(dir, alertsFile), version: alertsVersion}, windowDir: filepath.Join(dir, windowDir)}
	if err := r.alerts.openToRead(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close ends reading. A Store has its own.
func (r *Reader) Close() error { return r.alerts.close() }

func (d *database) openToRead() error {
	if _, err := os.Stat(d.path); err != nil {
		return fmt.Errorf("open local store: %w", err)
	}
	db, err := sql.Open("sqlite", d.source("ro"))
	if err != nil {
		return err
	}
	d.db = db
	var version int
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("open local store: %w", err)
	}
	if version != d.version {
		return fmt.Errorf("open local store: %w", errVersion)
	}
	return nil
}

// Alert is the last revision of an alert or signal.
type Alert struct {
	ID           string
	Signal       bool
	At           time.Time // event time of the anchor
	Rule, Who    string
	Score        int
	Severity     int
	Revision     int
	Withdrawn    bool
	Folded       string // the alert that it is part of
	Acknowledged bool
	Written      time.Time // when this revision came, by the edge's clock
	Body         []byte    // the document
}

const alertColumns = "id, signal, at, rule, who, score, severity, revision, withdrawn, folded, acknowledged, written, body"

func scanAlert(rows *sql.Rows) (a Alert, err error) {
	var at, written int64
	err = rows.Scan(&a.ID, &a.Signal, &at, &a.Rule, &a.Who, &a.Score, &a.Severity, &a.Revision, &a.Withdrawn, &a.Folded, &a.Acknowledged, &written, &a.Body)
	a.At, a.Written = time.UnixMilli(at).UTC(), time.UnixMilli(written).UTC()
	return a, err
}

// Standing says which of the alerts are asked for; the empty one asks for all.
type Standing string

// The standings of alerts.
const (
	StandsOpen         Standing = "open" // neither acknowledged, nor withdrawn, nor part of another
	StandsAcknowledged Standing = "acknowledged"
	StandsPast         Standing = "past" // withdrawn, or part of another
)

// AlertQuery says which alerts are asked for. Its zero value asks for the youngest of all alerts.
type AlertQuery struct {
	Signals  bool // signals instead of alerts
	Standing Standing
	Who      []string
	Rule     string
	Folded   string // part of this alert
	MinScore int
	Worst    bool // the worst first, by severity and score, instead of the latest
	Skip     int  // so many of the first
	Limit    int  // 0 is 100
}

const alertsMost = 1000

// where builds the condition.
func (q *AlertQuery) where() (where string, args []any) {
	where, args = "signal = ?", []any{q.Signals}
	add := func(condition string, values ...any) {
		where += " AND " + condition
		args = append(args, values...)
	}
	switch q.Standing {
	case StandsOpen:
		add("acknowledged = 0 AND withdrawn = 0 AND folded = ''")
	case StandsAcknowledged:
		add("acknowledged = 1 AND withdrawn = 0 AND folded = ''")
	case StandsPast:
		add("(withdrawn = 1 OR folded <> '')")
	}
	if len(q.Who) > 0 {
		values := make([]any, len(q.Who))
		for i, who := range q.Who {
			values[i] = who
		}
		add("who IN (?"+strings.Repeat(", ?", len(q.Who)-1)+")", values...)
	}
	if q.Rule != "" {
		add("rule = ?", q.Rule)
	}
	if q.Folded != "" {
		add("folded = ?", q.Folded)
	}
	if q.MinScore > 0 {
		add("score >= ?", q.MinScore)
	}
	return where, args
}

// Alerts returns alerts, the latest in event time first, or the worst.
func (r *Reader) Alerts(ctx context.Context, q AlertQuery) ([]Alert, error) {
	if q.Limit <= 0 {
		q.Limit = 100
	}
	where, args := q.where()
	order := "at DESC, id"
	if q.Worst {
		order = "severity DESC, score DESC, " + order
	}
	return r.findAlerts(ctx, "WHERE "+where+" ORDER BY "+order+" LIMIT ? OFFSET ?", append(args, min(q.Limit, alertsMost), max(q.Skip, 0))...)
}

// Count counts alerts.
func (r *Reader) Count(ctx context.Context, q AlertQuery) (n int, err error) {
	where, args := q.where()
	err = r.alerts.do(func(db *sql.DB) error {
		return db.QueryRowContext(ctx, "SELECT count(*) FROM alerts WHERE "+where, args...).Scan(&n)
	})
	return n, err
}

// ErrNotFound says that there is no such alert; ErrAmbiguous that more than one id begins so.
var (
	ErrNotFound  = errors.New("there is no alert of that id")
	ErrAmbiguous = errors.New("more than one alert's id begins so")
)

// Alert returns the alert or signal of an id, or of a beginning that no other id has.
func (r *Reader) Alert(ctx context.Context, id string) (Alert, error) {
	found, err := r.findAlerts(ctx, "WHERE id >= ? AND id < ? ORDER BY id LIMIT 2", id, id+"\xff")
	switch {
	case err != nil:
		return Alert{}, err
	case len(found) == 0:
		return Alert{}, ErrNotFound
	case len(found) > 1 && found[0].ID != id:
		return Alert{}, ErrAmbiguous
	}
	return found[0], nil
}

func (r *Reader) findAlerts(ctx context.Context, clause string, args ...any) (found []Alert, err error) {
	err = r.alerts.do(func(db *sql.DB) error {
		rows, err := db.QueryContext(ctx, "SELECT "+alertColumns+" FROM alerts "+clause, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			a, err := scanAlert(rows)
			if err != nil {
				return err
			}
			found = append(found, a)
		}
		return rows.Err()
	})
	return found, err
}
