package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/spool"
	"github.com/idwatch/idwatch/parsers/ecs"
)

const (
	// putPause is how long an input waits after the disk has failed, before it tries again.
	putPause = time.Second
	// longestText is where a text is cut that no entry of the spool can hold. No record is a thousandth as long.
	longestText = 256 << 20
)

// Put takes texts: records, envelopes of records, or lines that are neither and become dead letters. It waits for room until ctx
// ends and then answers ecs.ErrFull. The bytes are the pipeline's once it has answered nil, and on the disk for good. safe, if not nil, is
// called once before that: the input need not offer the texts again.
func (f *Feed) Put(ctx context.Context, texts [][]byte, safe func()) error {
	p := f.pipeline
	now := time.Now()
	entries := p.entries(f.source, texts, now)
	for len(entries) > 0 {
		if p.closed.Load() {
			return ecs.ErrFull
		}
		changed := p.spool.Changed()
		_, err := p.spool.Append(entries...)
		p.refusal.note(p.settings.Logger, err)
		if err == nil {
			break
		}
		if errors.Is(err, spool.ErrClosed) {
			return ecs.ErrFull
		}
		if !errors.Is(err, spool.ErrFull) {
			sleep(ctx, putPause)
		} else {
			await(ctx, changed)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %w", ecs.ErrFull, err)
		}
	}
	if safe != nil {
		safe()
	}
	return nil
}

func await(ctx context.Context, changed <-chan struct{}) {
	select {
	case <-changed:
	case <-ctx.Done():
	}
}

// entries makes entries of the spool, which are held in memory too while there is room.
func (p *Pipeline) entries(source string, texts [][]byte, now time.Time) []spool.Entry {
	for i, t := range texts {
		if len(t) > longestText {
			texts[i] = t[:longestText]
			p.settings.Logger.Error("text is too long for the spool and was cut", "bytes", len(t), "kept", longestText)
		}
	}
	entries := entriesOf(source, texts, now)
	for i := range entries {
		n := int(entries[i].Weight)
		p.recent.keepIn(&entries[i], source, texts[:n:n], now)
		texts = texts[n:]
	}
	return entries
}

// putTrouble logs when the disk takes no more, and when it does again.
type putTrouble struct {
	begins, ends string

	mu    sync.Mutex
	since time.Time
}

func (t *putTrouble) note(log *slog.Logger, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err != nil && t.since.IsZero():
		t.since = time.Now()
		log.Error(t.begins, "err", err)
	case err == nil && !t.since.IsZero():
		log.Info(t.ends, "after", time.Since(t.since).Round(time.Second))
		t.since = time.Time{}
	}
}

func (t *putTrouble) is() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.since.IsZero()
}
