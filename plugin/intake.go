package main

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// intake is what takes an instance's records.
type intake interface {
	// Put takes a batch as a whole or, when it cannot within ctx, not at all. The records are its own then.
	Put(ctx context.Context, records [][]byte, safe func()) error
	// Close delivers what it can until ctx ends, and gives the data directory back.
	Close(ctx context.Context) error
}

// opener opens an instance's intake. Its error is errInUse while another instance or process has the data directory.
type opener func(settings, *slog.Logger) (intake, error)

var errInUse = errors.New("data directory is in use")

const (
	// openWait is how long an instance waits for the one before it, which at a reload may still be ending.
	openWait  = 10 * time.Second
	openPause = 50 * time.Millisecond
)

// openWithin tries to open an intake until the data directory is free or openWait is over.
func openWithin(s settings, open opener, log *slog.Logger) (intake, error) {
	for end := time.Now().Add(openWait); ; time.Sleep(openPause) {
		in, err := open(s, log)
		if !errors.Is(err, errInUse) || time.Now().After(end) {
			return in, err
		}
	}
}
