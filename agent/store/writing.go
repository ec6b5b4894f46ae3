package store

import (
	"database/sql"
	"time"
)

const (
	alertsVersion = 1
	alertsSchema  = `
CREATE TABLE alerts (id TEXT PRIMARY KEY, signal INT NOT NULL, at INT NOT NULL, rule TEXT NOT NULL, who TEXT NOT NULL, score INT NOT NULL,
	severity INT NOT NULL, revision INT NOT NULL, withdrawn INT NOT NULL, folded TEXT NOT NULL, acknowledged INT NOT NULL DEFAULT 0,
	written INT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX alerts_at ON alerts (signal, at);
CREATE INDEX alerts_who ON alerts (who, at);
CREATE TABLE notes (n INTEGER PRIMARY KEY AUTOINCREMENT, alert TEXT NOT NULL, at INT NOT NULL, author TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX notes_alert ON notes (alert, n)`

	upsert = `INSERT INTO alerts (id, signal, at, rule, who, score, severity, revision, withdrawn, folded, written, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET signal = excluded.signal, at = excluded.at, rule = excluded.rule, who = excluded.who, score = excluded.score,
	severity = excluded.severity, revision = excluded.revision, withdrawn = excluded.withdrawn, folded = excluded.folded,
	written = excluded.written, body = excluded.body
WHERE excluded.revision >= alerts.revision`
)

// write is the goroutine that alone writes what was taken.
func (s *Store) write() {
	defer close(s.ended)
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	w := writer{store: s, packed: make([]byte, 0, blockBytes)}
	for {
		var asked chan struct{}
		ending := false
		select {
		case b := <-s.full:
			w.block(b)
			continue
		case <-tick.C:
			w.settle(time.Now().Add(-settleEvery))
		case asked = <-s.flushes:
			w.settle(time.Now())
		case <-s.end:
			ending = true
			w.settle(time.Now())
		}
		w.letters()
		w.prune(time.Now())
		if asked != nil {
			close(asked)
		}
		if ending {
			return
		}
	}
}

// writer is what the writing goroutine remembers.
type writer struct {
	store  *Store
	packed []byte
	pruned time.Time
	faults int // in a row
}

// settle writes the blocks that were begun before a time, full or not, and those that wait.
func (w *writer) settle(before time.Time) {
	s := w.store
	for len(s.full) > 0 { // nobody else takes from it
		w.block(<-s.full)
	}
	var due []*block
	s.mu.Lock()
	for dataset, b := range s.filling {
		if !b.began.After(before) {
			due = append(due, b)
			delete(s.filling, dataset)
		}
	}
	s.mu.Unlock()
	for _, b := range due {
		w.block(b)
	}
}

// block writes one block.
func (w *writer) block(b *block) {
	s := w.store
	packed, sum := squeeze(w.packed, b.text)
	w.packed = packed
	h := blockHeader{dataset: b.dataset, size: len(packed), sum: sum, records: b.records, first: b.first, last: b.last, written: time.Now().UnixMilli()}
	if err := s.window.put(h, packed); err != nil {
		s.stats.RecordsDropped.Add(int64(b.records))
		w.fault(err)
	} else {
		w.wentWell()
		s.stats.Records.Add(int64(b.records))
	}
	s.stats.WindowBytes.Store(s.window.bytes)
	s.mu.Lock()
	s.keepSpare(b)
	s.mu.Unlock()
}

// letters writes the alerts that wait.
func (w *writer) letters() {
	s := w.store
	s.mu.Lock()
	letters := s.letters
	if len(letters) > 0 {
		s.letters, s.waiting = map[string]letter{}, 0
	}
	s.mu.Unlock()
	if len(letters) == 0 {
		return
	}
	err := s.alerts.change(func(tx *sql.Tx) error {
		put, err := tx.Prepare(upsert)
		if err != nil {
			return err
		}
		defer put.Close()
		now := time.Now().UnixMilli()
		for _, l := range letters {
			r, ok := rowOf(l.body)
			if !ok {
				s.stats.AlertsDropped.Add(1)
				continue
			}
			if _, err := put.Exec(r.id, l.signal, r.at, r.rule, r.who, r.score, r.severity, r.revision, r.withdrawn, r.folded, now, l.body); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.stats.AlertsDropped.Add(int64(len(letters)))
		w.fault(err)
		return
	}
	w.wentWell()
	s.stats.Alerts.Add(int64(len(letters)))
}

// fault tells of the first error in a row, and begins anew where the database is damaged.
func (w *writer) fault(err error) {
	s := w.store
	if w.faults++; w.faults == 1 {
		s.settings.Log.Error("local store not written", "err", err)
	}
	if !isDamage(err) {
		return
	}
	s.stats.Damaged.Add(1)
	if err := s.alerts.renew(); err != nil {
		s.settings.Log.Error("local store not begun anew", "err", err)
		return
	}
	s.settings.Log.Error("local store was damaged and began anew", "kept", s.alerts.path+damagedSuffix)
}

func (w *writer) wentWell() {
	if w.faults > 0 {
		w.store.settings.Log.Info("local store written again", "faults", w.faults)
		w.faults = 0
	}
}

// prune takes out what is too old, and the oldest of too many alerts, now and then.
func (w *writer) prune(now time.Time) {
	s := w.store
	if now.Sub(w.pruned) < pruneEvery {
		return
	}
	w.pruned = now
	if err := s.window.prune(now); err != nil {
		w.fault(err)
	}
	s.stats.WindowBytes.Store(s.window.bytes)
	err := s.alerts.change(func(tx *sql.Tx) error {
		for signal := range 2 {
			_, err := tx.Exec(`DELETE FROM alerts WHERE signal = ?1 AND at < (SELECT at FROM alerts WHERE signal = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)`,
				signal, s.settings.Alerts-1)
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(`DELETE FROM notes WHERE alert NOT IN (SELECT id FROM alerts)`)
		return err
	})
	if err != nil {
		w.fault(err)
	}
}
