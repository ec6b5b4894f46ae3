// Package store keeps on the edge what an analyst asks for there: the alerts and signals with the notes on them, and a window of
// the records behind them. It stands beside delivery and never in its way: what it is handed waits in bounded memory, and what finds
// no room there is dropped and counted.
package store

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Settings make a store.
type Settings struct {
	Dir      string        // made when it is not there
	MaxBytes int64         // of the window of records, compressed; 0 keeps no records
	MaxAge   time.Duration // since a record came; 0 keeps it for as long as there is room
	Alerts   int           // alerts kept, and as many signals; 0 is DefaultAlerts
	Log      *slog.Logger
}

// DefaultAlerts is how many alerts are kept, and how many signals.
const DefaultAlerts = 50_000

const (
	writeEvery   = time.Second      // how long alerts wait for others
	settleEvery  = 30 * time.Second // how long records wait until their block is full
	blocksQueued = 16               // full blocks that may wait for the disk, blockBytes each
	letterBytes  = 8 << 20          // of alerts that may wait
	pruneEvery   = time.Minute
)

// Store is an open store. Close ends it. Its queries are those of Reader.
type Store struct {
	Reader
	settings Settings
	stats    Stats
	window   *window // the writing goroutine's

	mu      sync.Mutex
	filling map[string]*block // by dataset
	spare   []*block
	letters map[string]letter // by alert, the newest revision of each
	waiting int               // bytes of them
	closed  bool

	full    chan *block
	flushes chan chan struct{}
	end     chan struct{}
	ended   chan struct{}
}

// Stats count since the start.
type Stats struct {
	Records        atomic.Int64 // taken into the window
	RecordsDropped atomic.Int64 // not taken: the disk was slower, or refused
	Alerts         atomic.Int64 // revisions of alerts and signals written
	AlertsDropped  atomic.Int64 // revisions not kept
	WindowBytes    atomic.Int64 // compressed bytes of the window
	Damaged        atomic.Int64 // files set aside or cut off
}

// Open opens the store in a directory. What is damaged there is set aside, and said.
func Open(s Settings) (*Store, error) {
	if s.Alerts <= 0 {
		s.Alerts = DefaultAlerts
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make store: %w", err)
	}
	st := &Store{
		settings: s, filling: map[string]*block{}, letters: map[string]letter{}, full: make(chan *block, blocksQueued),
		flushes: make(chan chan struct{}), end: make(chan struct{}), ended: make(chan struct{}),
	}
	st.windowDir = filepath.Join(s.Dir, windowDir)
	st.alerts = &database{path: filepath.Join(s.Dir, alertsFile), schema: alertsSchema, version: alertsVersion}
	if err := st.openOrRenew(st.alerts); err != nil {
		return nil, err
	}
	var torn bool
	var err error
	if st.window, torn, err = openWindow(st.windowDir, s.MaxBytes, s.MaxAge); err != nil {
		return nil, errors.Join(fmt.Errorf("open window of records: %w", err), st.alerts.close())
	}
	if torn {
		st.stats.Damaged.Add(1)
		s.Log.Warn("end of the window of records was damaged and is cut off")
	}
	st.stats.WindowBytes.Store(st.window.bytes)
	go st.write()
	return st, nil
}

// openOrRenew opens a database, or sets a damaged one aside and begins anew.
func (s *Store) openOrRenew(d *database) error {
	err := d.open()
	if err == nil || !isDamage(err) {
		return err
	}
	s.stats.Damaged.Add(1)
	s.settings.Log.Error("local store is damaged or of another version, it begins anew", "err", err, "kept", d.path+damagedSuffix)
	if err := d.setAside(); err != nil {
		return err
	}
	return d.open()
}

// Stats are the store's counters.
func (s *Store) Stats() *Stats { return &s.stats }

// Close writes what waits and closes the store. Nothing is taken after it.
func (s *Store) Close() error {
	s.mu.Lock()
	was := s.closed
	s.closed = true
	s.mu.Unlock()
	if was {
		return nil
	}
	close(s.end)
	<-s.ended
	return errors.Join(s.window.close(), s.alerts.close())
}

// Flush returns when all that was taken before has been written, so that a search sees it.
func (s *Store) Flush() {
	done := make(chan struct{})
	select {
	case s.flushes <- done:
		<-done
	case <-s.ended:
	}
}
