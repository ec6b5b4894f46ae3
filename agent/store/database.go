package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"sync"

	"modernc.org/sqlite"
)

const (
	alertsFile    = "alerts.db"
	windowDir     = "window"
	damagedSuffix = ".damaged"

	// What SQLite answers for a file that is not, or no longer, a database: https://www.sqlite.org/rescode.html
	sqliteCorrupt = 11
	sqliteNotADB  = 26
)

// errVersion says that a database was written by another version of this program.
var errVersion = errors.New("another version's database")

// database is one SQLite file.
type database struct {
	path    string
	schema  string
	version int

	mu sync.RWMutex // held for writing while the file is exchanged
	db *sql.DB
}

// source names the file and the settings that each connection begins with.
func (d *database) source(mode string) string {
	values := url.Values{"mode": {mode}, "_pragma": {"busy_timeout(5000)"}}
	if mode != "ro" {
		values["_pragma"] = append(values["_pragma"], "journal_mode(WAL)", "synchronous(FULL)")
		values.Set("_txlock", "immediate")
	}
	return "file:" + (&url.URL{Path: d.path}).EscapedPath() + "?" + values.Encode()
}

// open opens the file, and makes it when it is not there. SQLite gives its journal the rights of the file.
func (d *database) open() error {
	file, err := os.OpenFile(d.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open local store: %w", err)
	}
	if err := file.Close(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", d.source("rw"))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1) // queries are short; connections of one process would read the index of the journal while it changes, as C may and Go may not
	if err := d.prepare(db); err != nil {
		db.Close()
		return fmt.Errorf("open local store: %w", err)
	}
	d.db = db
	return nil
}

// prepare makes the tables of a new file and refuses those of another version.
func (d *database) prepare(db *sql.DB) error {
	var version, tables int
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if tables > 0 && version != d.version {
		return errVersion
	}
	if tables > 0 {
		return nil
	}
	_, err := db.Exec(d.schema + "; PRAGMA user_version = " + strconv.Itoa(d.version))
	return err
}

func (d *database) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.db == nil {
		return nil
	}
	db := d.db
	d.db = nil
	return db.Close()
}

// setAside renames the file, its journal with it, so that the next open makes a new one.
func (d *database) setAside() error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err := os.Rename(d.path+suffix, d.path+damagedSuffix+suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("set local store aside: %w", err)
		}
	}
	return nil
}

// renew sets the file aside while the store runs, and begins another.
func (d *database) renew() error {
	if err := d.close(); err != nil && !isDamage(err) {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.setAside(); err != nil {
		return err
	}
	return d.open()
}

// do runs a query or a transaction while the file stays in place.
func (d *database) do(run func(*sql.DB) error) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.db == nil {
		return errors.New("local store is closed")
	}
	return run(d.db)
}

// change runs a transaction.
func (d *database) change(run func(*sql.Tx) error) error {
	return d.do(func(db *sql.DB) error {
		tx, err := db.BeginTx(context.Background(), nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() // after Commit it does nothing
		if err := run(tx); err != nil {
			return err
		}
		return tx.Commit()
	})
}

// isDamage reports whether an error means that the file cannot be used any more, whatever is tried.
func isDamage(err error) bool {
	if errors.Is(err, errVersion) {
		return true
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff // extended codes carry more above
	return code == sqliteCorrupt || code == sqliteNotADB
}
