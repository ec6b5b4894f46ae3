package spool

import (
	"crypto/rand"
	"path/filepath"
	"sync"
)

// Reserve is a file that takes room on the disk, to be given up for what must still be written when the disk is full.
type Reserve struct {
	fs   FS
	path string
	size int64

	mu   sync.Mutex
	held bool
}

// NewReserve makes a reserve of so many bytes. It takes the room at the first Fill.
func NewReserve(fs FS, path string, size int64) *Reserve {
	if fs == nil {
		fs = Disk{}
	}
	return &Reserve{fs: fs, path: path, size: size}
}

// Fill takes the room, if it is not held. On a full disk it fails, and may be called again later.
func (r *Reserve) Fill() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held {
		return nil
	}
	f, err := r.fs.Create(r.path)
	if err != nil {
		if f, err = r.fs.Open(r.path); err != nil { // of an earlier run, perhaps cut short
			return err
		}
	}
	if err := fill(f, r.size); err != nil {
		_ = f.Close()
		_ = r.fs.Remove(r.path)
		return err
	}
	r.held = true
	return r.fs.SyncDir(filepath.Dir(r.path))
}

// fill writes what no file system stores in fewer bytes.
func fill(f File, size int64) error {
	have, err := f.Size()
	if err != nil {
		return err
	}
	b := make([]byte, 1<<20)
	for at := have; at < size; at += int64(len(b)) {
		_, _ = rand.Read(b)
		if _, err := f.WriteAt(b[:min(int64(len(b)), size-at)], at); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

// Release gives the room up and reports whether there was any.
func (r *Reserve) Release() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.held {
		return false
	}
	r.held = false
	return r.fs.Remove(r.path) == nil
}

// Held reports whether the room is there.
func (r *Reserve) Held() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held
}
