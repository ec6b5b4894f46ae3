package main

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/idwatch/idwatch/parsers/chunk"
)

const (
	// putWait is how long a flush waits for room. Meanwhile it holds up a worker, or without workers all of Fluent Bit.
	putWait = 2 * time.Second
	// exitWait is how long an ending instance goes on delivering. Fluent Bit waits for it without limit.
	exitWait = 5 * time.Second
	// exitGrace is how much longer an intake gets that does not keep to exitWait.
	exitGrace = time.Second
)

// instance is one [OUTPUT] section. Its flushes run at the same time, on any threads, and may come after its end:
// Fluent Bit's workers can outlive a reload.
type instance struct {
	log        *slog.Logger
	key        string // member that holds the record, found by shape when empty
	initThread int
	firstFlush sync.Once
	refused    streak
	spoiled    streak

	intake atomic.Pointer[intake] // nil after the end, because Fluent Bit keeps the instance itself for ever
	ctx    context.Context        // ends what is being put
	stop   context.CancelFunc
}

func start(s settings, open opener, log *slog.Logger) (*instance, error) {
	in, err := openWithin(s, open, log)
	if err != nil {
		return nil, err
	}
	i := &instance{log: log, key: s.logKey}
	i.refused = streak{log: log, begins: "chunk not taken, Fluent Bit will send it again", ends: "chunks are taken again"}
	i.spoiled = streak{log: log, begins: "chunk has bytes that are no record", ends: "chunks are sound again"}
	i.intake.Store(&in)
	i.ctx, i.stop = context.WithCancel(context.Background())
	return i, nil
}

// flush takes a chunk as a whole and reports whether it did: if not, Fluent Bit has to send it again. There is no third
// answer, because Fluent Bit drops a chunk without a word at an error.
func (i *instance) flush(data []byte, thread int) bool {
	i.firstFlush.Do(func() { i.checkThread(thread) })
	in := i.intake.Load()
	if in == nil {
		return false
	}
	b := chunk.Read(data, "Fluent Bit chunk", i.key)
	i.spoiled.note(b.Why, "bytes", b.BadBytes, "chunk_bytes", len(data))
	texts := b.Texts()
	if len(texts) == 0 {
		return true
	}
	ctx, cancel := context.WithTimeout(i.ctx, putWait)
	defer cancel()
	err := (*in).Put(ctx, texts, nil)
	i.refused.note(err, "records", len(texts))
	return err == nil
}

// checkThread warns of an engine without workers: only then one thread calls both Init and Flush, and a slow flush
// stops all inputs and outputs.
func (i *instance) checkThread(thread int) {
	if thread == i.initThread {
		i.log.Warn("this output has no worker and holds up Fluent Bit while it works: set workers to 1")
	}
}

// exit ends the instance within seconds, whatever its intake does.
func (i *instance) exit() {
	in := i.intake.Swap(nil)
	if in == nil {
		return
	}
	i.stop()
	ctx, cancel := context.WithTimeout(context.Background(), exitWait)
	defer cancel()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		i.close(ctx, *in)
	}()
	select {
	case <-closed:
	case <-time.After(exitWait + exitGrace):
		i.log.Error("instance did not end in time and goes on in the background")
	}
}

func (i *instance) close(ctx context.Context, in intake) {
	defer func() {
		if recover() != nil {
			i.log.Error("panic while closing", "stack", string(debug.Stack()))
		}
	}()
	if err := in.Close(ctx); err != nil {
		i.log.Error("close instance", "err", err)
	}
}
