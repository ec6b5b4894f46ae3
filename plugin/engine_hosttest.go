//go:build hosttest

package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// faultEngine stands in for the service in the library that the tests' host loads. It writes what it takes to a file,
// one text a line in base64, and has the faults that files in its data directory name.
type faultEngine struct {
	dir   string
	lock  *os.File
	mu    sync.Mutex
	taken *os.File
}

func openEngine(s settings, _ *slog.Logger) (intake, error) {
	c, err := s.load()
	if err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(c.DataDir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", errInUse, err), lock.Close())
	}
	taken, err := os.OpenFile(filepath.Join(c.DataDir, "taken"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	return &faultEngine{dir: c.DataDir, lock: lock, taken: taken}, err
}

func (e *faultEngine) has(fault string) bool {
	_, err := os.Stat(filepath.Join(e.dir, fault))
	return err == nil
}

func (e *faultEngine) Put(ctx context.Context, records [][]byte, _ func()) error {
	if e.has("panics") {
		panic("put")
	}
	if e.has("full") {
		<-ctx.Done()
		return ecs.ErrFull
	}
	var lines []byte
	for _, text := range records {
		lines = append(base64.StdEncoding.AppendEncode(lines, text), '\n')
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	_, err := e.taken.Write(lines)
	return err
}

func (e *faultEngine) Close(ctx context.Context) error {
	if e.has("hangs") {
		select {}
	}
	if e.has("slow") {
		<-ctx.Done()
	}
	return errors.Join(e.taken.Close(), e.lock.Close())
}
