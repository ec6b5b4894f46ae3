package pipeline

import (
	"time"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// worker parses batches for the engine and, while the sender is level with it, makes their documents.
type worker struct {
	pipeline *Pipeline
	parser   *parsers.Parser
	parcel   *parcel
	batch    *batch
	records  int64 // of the batch

	reader *detections.Reader // nil without detection
	acts   []*detections.Act
	added  *detections.Added // what the reader looks for beside the built-in signs
}

// linger is how long a parcel that is not full waits for the next batch.
const linger = 2 * time.Millisecond

func newWorker(p *Pipeline, parser *parsers.Parser) *worker {
	w := &worker{pipeline: p, parser: parser}
	if p.settings.Detect != nil {
		w.reader = detections.NewReader(detections.Signs())
	}
	return w
}

// run parses until there are no more batches. A parcel leaves when it is full or when nothing else comes, so that a busy
// pipeline sends large requests and a quiet one sends at once.
func (w *worker) run() {
	for {
		b, ok := w.take()
		if b != nil {
			w.parse(b)
		}
		if w.parcel != nil && (b == nil || w.parcel.full()) {
			w.pipeline.hand(w.parcel, w.batch.arrived)
			w.parcel = nil
		}
		if !ok {
			return
		}
	}
}

// take returns the next batch; nil when none comes soon, or none at all.
func (w *worker) take() (b *batch, ok bool) {
	if w.parcel == nil {
		b, ok = <-w.pipeline.work
		return b, ok
	}
	select {
	case b, ok = <-w.pipeline.work:
		return b, ok
	default:
	}
	timer := time.NewTimer(linger)
	defer timer.Stop()
	select {
	case b, ok = <-w.pipeline.work:
		return b, ok
	case <-timer.C:
		return nil, true
	}
}

func (w *worker) parse(b *batch) {
	w.batch, w.records = b, 0
	if b.send && w.parcel == nil {
		w.parcel = w.pipeline.free.Get().(*parcel)
	}
	if b.send {
		w.parcel.begin(b)
	}
	if b.lost {
		w.records = b.weight()
	}
	w.look()
	w.parser.Use(b.source)
	for _, text := range b.texts {
		w.parser.Parse(text, w)
	}
	w.pipeline.observe(b, w.acts, w.records)
	w.acts = nil
}

// look has the reader look for what users added last.
func (w *worker) look() {
	if added := w.pipeline.added.Load(); w.reader != nil && added != w.added {
		w.reader.Use(added)
		w.added = added
	}
}

// TakeEvent implements parsers.Taker.
func (w *worker) TakeEvent(ev *ecs.Event) {
	bare := w.pipeline.context.Load().Name(ev)
	switch {
	case !ev.Context:
		w.records++
		if w.batch.send {
			w.parcel.addEvent(ev, &w.pipeline.seen)
		}
	default:
		w.pipeline.stats.Context.Add(1)
	}
	if tap := w.pipeline.settings.Tap; tap != nil {
		tap.TakeEvent(ev)
	}
	if w.reader == nil {
		return
	}
	ev.Identity = bare
	if act, ok := w.reader.Read(ev); ok {
		w.acts = append(w.acts, act)
	}
}

// TakeDead implements parsers.Taker.
func (w *worker) TakeDead(d *parsers.Dead) {
	w.records++
	if w.batch.send {
		w.pipeline.bury(d)
		w.parcel.addDead(d, w.pipeline.settings.Parse.Namespace, w.batch.arrived)
	}
}
