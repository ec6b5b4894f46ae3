package spool

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/idwatch/idwatch/agent/durable"
)

// FS is what a log asks of a file system. Tests put in one that loses what was not synced.
type FS interface {
	// Create makes a file that must not be there yet.
	Create(path string) (File, error)
	// Open opens a file that is there, for reading and writing.
	Open(path string) (File, error)
	Rename(from, to string) error
	Remove(path string) error
	// Names lists a folder, which it creates if need be.
	Names(dir string) ([]string, error)
	// SyncDir makes durable which files a folder has.
	SyncDir(dir string) error
}

// File is one open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	Size() (int64, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// Disk is the file system of the machine. Folders are for their owner alone, files too.
type Disk struct{}

type diskFile struct{ *os.File }

// Size implements File.
func (f diskFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Create implements FS.
func (Disk) Create(path string) (File, error) {
	return disk(os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600))
}

// Open implements FS.
func (Disk) Open(path string) (File, error) { return disk(os.OpenFile(path, os.O_RDWR, 0)) }

func disk(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}

// Rename implements FS.
func (Disk) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements FS.
func (Disk) Remove(path string) error { return os.Remove(path) }

// Names implements FS.
func (Disk) Names(dir string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// SyncDir implements FS.
func (Disk) SyncDir(dir string) error { return durable.SyncDir(dir) }

// isFull reports whether an error says that there is no room on the disk: trying elsewhere on it is no use.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}

func (l *Log) path(name string) string { return filepath.Join(l.dir, name) }
