package pipeline

import (
	"context"
	"time"

	"github.com/idwatch/idwatch/agent/spool"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

const (
	// patience is how long the engine waits for an output that takes nothing, before the sender falls behind.
	patience = 5 * time.Second
	// mostLag is how old records may get on their way to the engine, for the sake of an output that takes some.
	mostLag = time.Minute
	// resendPause is how long the sender waits after a failure of the output, which has tried for itself before.
	resendPause = time.Second
)

// hand gives a parcel to the senders. When the output takes nothing for a while, or so little that the engine lags, the sender falls behind:
// it reads the parcel's batches again from the spool, later, and the engine goes on without it.
func (p *Pipeline) hand(c *parcel, arrived time.Time) {
	select {
	case p.parcels <- c:
		return
	default:
	}
	for p.ledger.isLevel() {
		answered := p.answered.Load()
		timer := time.NewTimer(patience)
		select {
		case p.parcels <- c:
			timer.Stop()
			return
		case <-timer.C:
			if p.answered.Load() == answered || time.Since(arrived) > mostLag {
				p.giveBack(c)
				return
			}
		case <-p.stopped.Done():
			timer.Stop()
			p.giveBack(c)
			return
		}
	}
	p.giveBack(c)
}

func (p *Pipeline) giveBack(c *parcel) {
	p.ledger.release(c.spans)
	p.recycle(c)
}

func (p *Pipeline) recycle(c *parcel) {
	c.reset()
	p.free.Put(c)
}

// drainer is the sender that has fallen behind. It reads and parses for itself: a document is a function of its record, so that it comes
// to the same bytes.
type drainer struct {
	pipeline *Pipeline
	parser   *parsers.Parser
	parcel   *parcel
	reader   *spool.Reader
	batch    *batch
}

// run reads what the sender has not sent whenever it is behind, until ctx ends.
func (d *drainer) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.pipeline.ledger.behind:
		}
		began := time.Now()
		d.pipeline.settings.Logger.Info("output does not keep up, events are sent from the spool")
		d.catchUp(ctx)
		if ctx.Err() == nil {
			d.pipeline.settings.Logger.Info("output keeps up again", "after", time.Since(began).Round(time.Second))
		}
	}
}

// catchUp reads from the sender's place until it is level with the engine.
func (d *drainer) catchUp(ctx context.Context) {
	_, from, _ := d.pipeline.ledger.places()
	d.reader = d.pipeline.spool.ReadFrom(from)
	defer func() { d.reader.Close() }()
	for ctx.Err() == nil {
		if from, yes := d.pipeline.ledger.rewound(); yes {
			d.flush(ctx)
			d.reader.Close()
			d.reader = d.pipeline.spool.ReadFrom(from)
		}
		if d.pipeline.ledger.caughtUp(d.reader.Position()) {
			break
		}
		changed := d.pipeline.spool.Changed()
		b, ok := d.pipeline.read(ctx, d.reader)
		if !ok {
			d.flush(ctx)
			d.await(ctx, changed)
			continue
		}
		if d.pipeline.ledger.claimed(b) {
			d.parse(b)
		}
		if d.parcel != nil && d.parcel.full() {
			d.flush(ctx)
		}
	}
	d.flush(ctx)
}

// await waits for more in the spool, or for the engine to come here.
func (d *drainer) await(ctx context.Context, changed <-chan struct{}) {
	_, _, moved := d.pipeline.ledger.places()
	if d.pipeline.ledger.caughtUp(d.reader.Position()) {
		return
	}
	select {
	case <-changed:
	case <-moved:
	case <-ctx.Done():
	}
}

func (d *drainer) parse(b *batch) {
	if d.parcel == nil {
		d.parcel = d.pipeline.free.Get().(*parcel)
	}
	d.batch = b
	d.parcel.begin(b)
	d.parser.Use(b.source)
	for _, text := range b.texts {
		d.parser.Parse(text, d)
	}
}

// flush hands the parcel to the senders, however long that takes.
func (d *drainer) flush(ctx context.Context) {
	c := d.parcel
	if d.parcel = nil; c == nil {
		return
	}
	select {
	case d.pipeline.parcels <- c:
	case <-ctx.Done():
		d.pipeline.giveBack(c)
	}
}

// TakeEvent implements parsers.Taker.
func (d *drainer) TakeEvent(ev *ecs.Event) {
	if !ev.Context {
		d.pipeline.context.Load().Name(ev)
		d.parcel.addEvent(ev, &d.pipeline.seen)
	}
}

// TakeDead implements parsers.Taker.
func (d *drainer) TakeDead(dead *parsers.Dead) {
	d.pipeline.bury(dead)
	d.parcel.addDead(dead, d.pipeline.settings.Parse.Namespace, d.batch.arrived)
}
