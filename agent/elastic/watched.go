package elastic

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
)

// watched is the content of a file as a value, read again when the file changes.
type watched[T any] struct {
	key   string // the configuration's key that names the file, for errors
	path  string
	limit int64
	check func(path string, info fs.FileInfo) error // nil takes all files
	parse func(content []byte) (T, error)           // its error must not show the content

	mu    sync.Mutex
	info  fs.FileInfo // as it was when it was last looked into
	value T
	err   error // why the value is older than the file
}

// open reads the file for the first time.
func (w *watched[T]) open() error {
	_, err := w.get()
	return err
}

// get returns the newest value that could be read, and why it is not that of the file as it is now.
func (w *watched[T]) get() (T, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	info, err := os.Stat(w.path)
	switch {
	case err != nil:
		w.info = nil
		return w.value, w.fault(err)
	case w.info != nil && sameContent(w.info, info):
		return w.value, w.err
	}
	w.info = info
	value, err := w.read()
	if w.err = nil; err != nil {
		w.err = w.fault(err)
		return w.value, w.err
	}
	w.value = value
	return w.value, nil
}

// fault names key and file, and leaves out what Go's own text repeats of the latter.
func (w *watched[T]) fault(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%s %s: %w", w.key, w.path, err)
}

func (w *watched[T]) read() (value T, err error) {
	file, err := os.Open(w.path)
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
	if w.check != nil {
		if err := w.check(w.path, info); err != nil {
			return value, err
		}
	}
	content, err := io.ReadAll(io.LimitReader(file, w.limit+1))
	if err != nil {
		return value, err
	}
	if int64(len(content)) > w.limit {
		return value, errors.New("is too large")
	}
	return w.parse(content)
}

// sameContent compares what changes when a file is written, replaced or given other permissions.
func sameContent(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.Mode() == b.Mode() && a.ModTime().Equal(b.ModTime())
}
