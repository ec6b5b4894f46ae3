// Package fetchtest keeps what tests need of others in the user's cache.
package fetchtest

import (
	"os"
	"path/filepath"
	"syscall"
)

// Once returns the path of a file or folder within a folder of the cache. Where it is not there, fetch fills that folder: once, by one process at
// a time.
func Once(folder, within string, fetch func(dir string) error) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "idwatch", folder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	lock, err := os.OpenFile(dir+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	path := filepath.Join(dir, within)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, fetch(dir)
}
