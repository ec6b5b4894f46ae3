package geoip

import (
	"errors"
	"fmt"
	"net/netip"
	"os"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/idwatch/idwatch/parsers/ecs"
)

const (
	fileBytes = 1 << 30 // the largest database sold has half of it
	tried     = 1000    // networks looked at before a database is put to use
)

// table is an open database and how to read its records.
type table struct {
	reader *maxminddb.Reader
	read   readFunc
}

// readFunc adds to a place what a record says; it renders what it adds.
type readFunc func(maxminddb.Result, *ecs.Place) error

func (t table) find(addr netip.Addr, place *ecs.Place) error {
	if addr.Is6() && t.reader.Metadata.IPVersion == 4 {
		return nil
	}
	if err := t.read(t.reader.Lookup(addr), place); err != nil {
		return fmt.Errorf("look up address in GeoIP database %s: %w", t.reader.Metadata.DatabaseType, err)
	}
	return nil
}

// try reads the first records. A database of another kind, or one that is damaged from the start, is found out here
// and not when it has already taken the place of a good one.
func (t table) try() error {
	left, isOfUse := tried, false
	for network := range t.reader.Networks() {
		var place ecs.Place
		if err := t.read(network, &place); err != nil {
			return err
		}
		isOfUse = isOfUse || place.GeoJSON != nil || place.ASJSON != nil
		if left--; left == 0 {
			break
		}
	}
	if !isOfUse {
		return fmt.Errorf("nothing of use in a database of type %q", t.reader.Metadata.DatabaseType)
	}
	return nil
}

// file is a database file and what was last read of it.
type file struct {
	path  string // empty for none
	name  string
	table table

	seen os.FileInfo // as it was when last read
	err  error       // what came of that
}

// refresh reads the file if it has changed and tells whether the table is a new one.
func (f *file) refresh() (isNew bool, err error) {
	if f.path == "" {
		return false, nil
	}
	info, err := os.Stat(f.path)
	if err != nil {
		return false, f.failed(err)
	}
	if f.seen != nil && isSame(f.seen, info) {
		return false, f.err
	}
	f.seen, f.err = info, f.load(info)
	return f.err == nil, f.err
}

func (f *file) failed(err error) error {
	return fmt.Errorf("open GeoIP %s database: %w", f.name, err)
}

// load reads the whole file into memory. A memory map would save that, but whoever writes over the file in place would
// crash the process or change what it reads.
func (f *file) load(info os.FileInfo) error {
	if !info.Mode().IsRegular() || info.Size() > fileBytes {
		return f.failed(&os.PathError{Op: "read", Path: f.path, Err: errors.New("no regular file of up to 1 GiB")})
	}
	data, err := os.ReadFile(f.path)
	if err != nil {
		return f.failed(err)
	}
	next, err := open(data, f.table.read)
	if err != nil {
		return f.failed(&os.PathError{Op: "read", Path: f.path, Err: err})
	}
	f.table = next
	return nil
}

func open(data []byte, read readFunc) (table, error) {
	reader, err := maxminddb.OpenBytes(data)
	if err != nil {
		return table{}, err
	}
	t := table{reader, read}
	return t, t.try()
}

// isSame tells whether nothing has happened to a file. The inode, too, is compared: a file that was renamed into place
// may be as old and as large as the one before.
func isSame(a, b os.FileInfo) bool {
	return a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size() && os.SameFile(a, b)
}
