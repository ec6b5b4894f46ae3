package store

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// TestDamagedDatabaseIsSetAside: what no longer is a database, or is another version's, is kept under another name.
func TestDamagedDatabaseIsSetAside(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"overwritten": func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte("this never was a database, however long it is read"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"other version": func(t *testing.T, path string) {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, settings(dir))
			take(s, 0, `{"n":1}`)
			s.TakeLetters([]ecs.Doc{alert("A", 0, 60, "")})
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			spoil(t, filepath.Join(dir, alertsFile))
			s = open(t, settings(dir))
			if s.Stats().Damaged.Load() != 1 {
				t.Errorf("got %d set aside, want 1", s.Stats().Damaged.Load())
			}
			if _, err := os.Stat(filepath.Join(dir, alertsFile+damagedSuffix)); err != nil {
				t.Errorf("not kept: %v", err)
			}
			if alerts, records := ids(t, s, AlertQuery{}), texts(t, s, Search{}); alerts != "" || len(records) != 1 {
				t.Errorf("got alerts %q and %d records, want none and the one in the window", alerts, len(records))
			}
		})
	}
}

// TestDatabaseDamagedWhileRunning: pages lost under the running store cost what was there, and what comes is kept.
func TestDatabaseDamagedWhileRunning(t *testing.T) {
	s := open(t, settings(t.TempDir()))
	s.TakeLetters([]ecs.Doc{alert("A", 0, 60, "")})
	s.Flush()
	spoilPages(t, s.alerts)
	for i := 0; i < 20 && s.Stats().Damaged.Load() == 0; i++ {
		s.TakeLetters([]ecs.Doc{alert("B", i, 60, "")})
		s.Flush()
	}
	s.TakeLetters([]ecs.Doc{alert("C", 0, 60, "")})
	s.Flush()
	if got := ids(t, s, AlertQuery{}); s.Stats().Damaged.Load() != 1 || got != "C" {
		t.Errorf("got %q and %d set aside, want the alert that came after", got, s.Stats().Damaged.Load())
	}
	if s.Stats().AlertsDropped.Load() == 0 {
		t.Error("got no dropped alerts, want the lost ones counted")
	}
}

// spoilPages overwrites the file's pages behind SQLite's back.
func spoilPages(t *testing.T, d *database) {
	t.Helper()
	if _, err := d.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(d.path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	junk := []byte(strings.Repeat("\xee", int(info.Size()-100))) // all but the header
	if _, err := file.WriteAt(junk, 100); err != nil {
		t.Fatal(err)
	}
	d.db.SetMaxIdleConns(0) // caches go with their connections
	d.db.SetMaxIdleConns(1)
}

// TestWindowWithAnyByteFlippedOrCut: no panic, no wrong record, what is before the damage is found, what comes is kept.
func TestWindowWithAnyByteFlippedOrCut(t *testing.T) {
	dir := t.TempDir()
	s := open(t, settings(dir))
	for i := range 3 {
		take(s, i, fmt.Sprintf(`{"n":%d}`, i))
		s.Flush()
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := segmentPath(filepath.Join(dir, windowDir), 1)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	block := (len(good) - len(segmentMagic)) / 3
	for at := range good {
		flipped := append([]byte(nil), good...)
		flipped[at] ^= 0x10
		checkWindow(t, flipped, max(at-len(segmentMagic), 0)/block, fmt.Sprintf("flipped at %d", at))
		checkWindow(t, good[:at], max(at-len(segmentMagic), 0)/block, fmt.Sprintf("cut at %d", at))
	}
}

// checkWindow opens a window whose one file has the content given, of which so many blocks are good at its beginning.
func checkWindow(t *testing.T, content []byte, blocks int, what string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(segmentPath(dir, 1), content, 0o600); err != nil {
		t.Fatal(err)
	}
	w, _, err := openWindow(dir, 1<<20, 0)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer w.close()
	b := block{dataset: "okta.system"}
	b.add(day0.UnixMilli(), []byte(`{"n":9}`))
	packed, sum := squeeze(nil, b.text)
	if err := w.put(blockHeader{dataset: b.dataset, size: len(packed), sum: sum, records: 1, first: b.first, last: b.last}, packed); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	r := Reader{windowDir: dir}
	found, err := r.Find(t.Context(), Search{Make: plain})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, record := range found.Records {
		if text := string(record.Text); len(text) != 7 || text[:5] != `{"n":` || text[5] > '2' && text[5] != '9' {
			t.Errorf("%s: got %q, a record that nobody wrote", what, text)
		}
	}
	if n := len(found.Records); n < blocks+1 {
		t.Errorf("%s: got %d records, want at least the %d before the damage and the one after", what, n, blocks)
	}
}

func TestADamagedBlockIsSkippedAndCounted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, settings(dir))
	for i := range 3 {
		take(s, i, fmt.Sprintf(`{"n":%d}`, i))
		s.Flush()
	}
	headers, _, err := s.headers()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(segmentPath(s.windowDir, 1), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteAt([]byte{0xff}, headers[1].at+3); err != nil {
		t.Fatal(err)
	}
	found, err := s.Find(t.Context(), Search{Make: plain})
	if err != nil || len(found.Records) != 2 || found.Damaged != 1 || !found.Whole {
		t.Errorf("got %+v, %v, want two records and one damaged block", found, err)
	}
}
