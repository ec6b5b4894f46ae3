package secret

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// MaxBytes keeps a wrong path, such as a device's, from being read for ever.
const MaxBytes = 16 << 10

// timeStep is more than file systems let times of change lag behind.
const timeStep = 2 * time.Second

// File is the content of a file as a value, read again when the file changes.
type File[T any] struct {
	Key    string                          // the configuration's key that names the file, for errors
	Path   string                          // the file
	Limit  int64                           // bytes it may have; MaxBytes when 0
	Public bool                            // others than its owner may read it
	Parse  func(content []byte) (T, error) // its error must not show the content

	mu    sync.Mutex
	info  fs.FileInfo // as it was when it was last looked into
	fresh bool        // it had just been written then: the next change may show the same time
	value T
	err   error // why the value is older than the file
}

// Open reads the file for the first time.
func (f *File[T]) Open() error {
	_, err := f.Get()
	return err
}

// Get returns the newest value that could be read, and why it is not that of the file as it is now.
func (f *File[T]) Get() (T, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.Path)
	switch {
	case err != nil:
		f.info = nil
		return f.value, f.fault(err)
	case f.info != nil && !f.fresh && sameContent(f.info, info):
		return f.value, f.err
	}
	f.info, f.fresh = info, time.Since(info.ModTime()) < timeStep
	value, err := f.read()
	if f.err = nil; err != nil {
		f.err = f.fault(err)
		return f.value, f.err
	}
	f.value = value
	return f.value, nil
}

// fault names key and file, and leaves out what Go's own text repeats of the latter.
func (f *File[T]) fault(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%s %s: %w", f.Key, f.Path, err)
}

func (f *File[T]) read() (value T, err error) {
	file, err := os.Open(f.Path)
	if err != nil {
		return value, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return value, err
	}
	if !info.Mode().IsRegular() {
		return value, errors.New("is not a file")
	}
	if !f.Public {
		if err := ownerOnly(f.Path, info); err != nil {
			return value, err
		}
	}
	limit := f.Limit
	if limit == 0 {
		limit = MaxBytes
	}
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return value, err
	}
	if int64(len(content)) > limit {
		return value, errors.New("is too large")
	}
	return f.Parse(content)
}

// sameContent compares what changes when a file is written, replaced or given other permissions.
func sameContent(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.Mode() == b.Mode() && a.ModTime().Equal(b.ModTime())
}

// ownerOnly refuses a file that others than its owner can read. systemd gives a service its credentials by an access list, which
// shows as permissions of the group.
func ownerOnly(path string, info fs.FileInfo) error {
	others := fs.FileMode(0o077)
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" && filepath.Dir(path) == filepath.Clean(dir) {
		others = 0o007
	}
	if mode := info.Mode().Perm(); mode&others != 0 {
		return fmt.Errorf("can be read by others (mode %04o): chmod 600 %s", mode, path)
	}
	return nil
}
