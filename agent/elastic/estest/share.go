package estest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// The folder that test binaries share holds two locks and a note. Whoever uses the server holds "users" shared until it ends,
// however it ends. Whoever looks for the server holds "start" alone, so that only one is started. The server's supervisor stops
// it when it gets "users" alone for a while, and keeps that lock until nothing of the server is left.
const (
	usersLock = "users.lock"
	startLock = "start.lock"
	fetchLock = "fetch.lock"
	note      = "server.json"
)

// join takes part in the running server, or starts one.
func join() (*Server, error) {
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	if err := lock(filepath.Join(cache, usersLock), syscall.LOCK_SH, nil); err != nil {
		return nil, err
	}
	var server *Server
	err = lock(filepath.Join(cache, startLock), syscall.LOCK_EX, func() (err error) {
		server, err = findOrStart(cache)
		return err
	})
	return server, err
}

func findOrStart(cache string) (*Server, error) {
	path := filepath.Join(cache, note)
	server := &Server{}
	if text, err := os.ReadFile(path); err == nil && json.Unmarshal(text, server) == nil && server.alive() == nil {
		return server, nil
	}
	server, err := start(cache)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(server)
	if err != nil {
		return nil, err
	}
	return server, os.WriteFile(path, text, 0o600)
}

// lock takes a file lock. With a function it holds the lock while that runs, without one until the process ends.
func lock(path string, kind int, during func() error) error {
	fd, err := syscall.Open(path, syscall.O_RDWR|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	for {
		if err = syscall.Flock(fd, kind); err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	if during == nil {
		return nil
	}
	defer syscall.Close(fd)
	return during()
}

// cacheDir is the folder outside the repository where the distribution is kept between runs.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(base, "idwatch", "elasticsearch-"+version)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make cache folder: %w", err)
	}
	return dir, nil
}
