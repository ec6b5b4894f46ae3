package pipeline

import (
	"context"
	"time"

	"github.com/idwatch/idwatch/agent/spool"
	"github.com/idwatch/idwatch/detections"
)

// readPause is how long a reader of the spool waits after a failure.
const readPause = time.Second

// dispatch gives the engine's workers batch after batch, from a position on, until ctx ends.
func (p *Pipeline) dispatch(ctx context.Context, from spool.Position) {
	defer close(p.work)
	in := &intake{pipeline: p, reader: p.spool.ReadFrom(from)}
	defer in.reader.Close()
	for order := uint64(0); ; order++ {
		b := in.next(ctx)
		if b == nil {
			return
		}
		if p.detector != nil {
			p.detector.await(ctx)
		}
		b.order = order
		p.ledger.give(b)
		select {
		case p.work <- b:
		case <-ctx.Done():
			return
		}
	}
}

// intake reads batches in order: from memory while they are there, else from the spool.
type intake struct {
	pipeline *Pipeline
	reader   *spool.Reader
}

// next waits for the next batch; nil when ctx ends.
func (in *intake) next(ctx context.Context) *batch {
	for ctx.Err() == nil {
		changed := in.pipeline.spool.Changed()
		b := in.pipeline.recent.take(in.reader.Position().Number)
		if b != nil {
			in.reader.Skip(b.next)
			return b
		}
		b, ok := in.pipeline.read(ctx, in.reader)
		if ok {
			return b
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	return nil
}

// read reads one batch from the spool; not ok at its end. What cannot be read for now is tried again.
func (p *Pipeline) read(ctx context.Context, r *spool.Reader) (*batch, bool) {
	item, ok, err := r.Next()
	if err != nil {
		p.settings.Logger.Error("spool not read, tried again", "err", err)
		sleep(ctx, readPause)
		return nil, false
	}
	if !ok {
		return nil, false
	}
	b, err := batchOf(item)
	if err != nil {
		p.settings.Logger.Error("entry of the spool not understood, counted as lost", "err", err)
		b.lost, b.texts = true, nil
	}
	return b, true
}

// sleep waits for a time or the end of ctx.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// observe hands the engine what a batch came to, and tells the ledger, both in the order in which the batches came.
func (p *Pipeline) observe(b *batch, acts []*detections.Act, records int64) {
	p.order.mu.Lock()
	defer p.order.mu.Unlock()
	p.order.early[b.order] = observed{b, acts, records}
	for {
		o, there := p.order.early[p.order.next]
		if !there {
			return
		}
		delete(p.order.early, p.order.next)
		p.order.next++
		if p.detector != nil {
			p.detector.observe(o.batch, o.acts)
		}
		p.ledger.parsed(o.batch.next, o.records)
	}
}

// observed is what a worker made of a batch.
type observed struct {
	batch   *batch
	acts    []*detections.Act
	records int64
}
