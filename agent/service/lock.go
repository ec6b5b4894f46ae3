package service

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// ErrInUse says that another process, or another plugin instance of this one, has the data directory.
var ErrInUse = errors.New("data directory is in use")

// held are the data directories of this process: a lock of the file system does not keep a process from itself.
var held sync.Map

// lock is the exclusive use of a data directory.
type lock struct {
	key  string
	file *os.File
}

// takeLock creates the directory if need be and takes it for this process and this instance.
func takeLock(dir string) (*lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	key, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, fmt.Errorf("find data directory: %w", err)
	}
	if key, err = filepath.Abs(key); err != nil {
		return nil, fmt.Errorf("find data directory: %w", err)
	}
	if _, taken := held.LoadOrStore(key, true); taken {
		return nil, fmt.Errorf("%w by another instance in this process (pid %d): give each its own data_dir", ErrInUse, os.Getpid())
	}
	file, err := flock(filepath.Join(key, "lock"))
	if err != nil {
		held.Delete(key)
		return nil, err
	}
	return &lock{key, file}, nil
}

// flock locks the file and writes the process id into it, for the next who tries.
func flock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		owner, _ := io.ReadAll(io.LimitReader(file, 32))
		file.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock data directory: %w", err)
		}
		return nil, fmt.Errorf("%w by the process with pid %s", ErrInUse, strings.TrimSpace(string(owner)))
	}
	if err := writePID(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("write lock: %w", err)
	}
	return file, nil
}

func writePID(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// release gives the directory back. The file stays, or two processes could each lock a file of this name.
func (l *lock) release() {
	l.file.Close()
	held.Delete(l.key)
}
