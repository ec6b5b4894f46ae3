// Package source holds the agent's inputs that read bytes: files, followed through rotation and restarts, and streams.
//
// An input cuts what it reads into records and hands them to a Taker. It remembers a position only when the taker
// says that what stands before it is safe, so that a crash repeats records and never skips any.
package source

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Taker takes records. After Put has returned nil the bytes are the taker's, and it calls safe once when the batch
// needs no repetition any more. Put returns an error such as ecs.ErrFull when it cannot take the batch.
type Taker interface {
	Put(ctx context.Context, records [][]byte, safe func()) error
}

// Input reads until ctx ends or there is nothing more to come.
type Input interface {
	Run(ctx context.Context) error
}

// Split takes apart a stream that is not one record a line, such as parsers.Split. It calls emit for each record with the
// offset behind it; what a stream ends within counts as a record too.
type Split func(r io.Reader, emit func(record []byte, end int64) error) error

// Stats says how an input is doing.
type Stats struct {
	Files     int   // files or connections open
	Behind    int64 // bytes that are there and not taken; of compressed files, their compressed bytes
	Waiting   int64 // records or messages that are there and not safe yet, of inputs that count those
	Records   int64 // records handed over
	Bytes     int64 // bytes handed over
	Errors    int64 // files, requests or messages that could not be opened or not be read to their end
	Truncated int64 // times a file was found cut back or replaced in place
	Long      int64 // lines cut because they are too long for a record
	Refused   int64 // connections closed at once
	// Since is the time of what comes next, as the other side has it: everything before is safe. Zero when nothing is known to wait.
	Since time.Time
}

const (
	firstPause = 50 * time.Millisecond
	longPause  = time.Second
)

// handOver puts a batch, again and again until it is taken or ctx ends. It reads nothing meanwhile: that is the back-pressure.
func handOver(ctx context.Context, taker Taker, log *slog.Logger, records [][]byte, safe func()) error {
	pause, told := firstPause, false
	for ctx.Err() == nil {
		err := taker.Put(ctx, records, safe)
		if err == nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if !told && !errors.Is(err, ecs.ErrFull) {
			log.Error("records not taken", "err", err, "records", len(records))
			told = true
		}
		if !Wait(ctx, pause) {
			return ctx.Err()
		}
		pause = min(2*pause, longPause)
	}
	return ctx.Err()
}

// Wait waits and reports false when ctx ends first.
func Wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
