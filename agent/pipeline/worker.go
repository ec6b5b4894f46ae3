package pipeline

import (
	"time"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// worker parses batches into parcels.
type worker struct {
	pipeline *Pipeline
	parser   *parsers.Parser
	parcel   *parcel
	now      time.Time // arrival of the current batch, for dead letters

	reader *detections.Reader // nil without detection
	acts   []*detections.Act
	added  *detections.Added // what the reader looks for beside the built-in signs
}

func newWorker(p *Pipeline, parser *parsers.Parser) *worker {
	w := &worker{pipeline: p, parser: parser}
	if p.settings.Detect != nil {
		w.reader = detections.NewReader(detections.Signs())
	}
	return w
}

// run parses until the queue is closed and empty. A parcel leaves when it is full or when nothing else waits, so
// that a busy pipeline sends large requests and a quiet one sends at once.
func (w *worker) run() {
	for {
		b, ok := w.pipeline.queue.take(w.parcel == nil)
		switch {
		case ok:
			w.parse(b)
		case w.parcel == nil:
			return
		}
		if w.parcel != nil && (!ok || w.parcel.full()) {
			w.pipeline.parcels <- w.parcel
			w.parcel = nil
		}
	}
}

func (w *worker) parse(b batch) {
	if w.parcel == nil {
		w.parcel = w.pipeline.free.Get().(*parcel)
	}
	w.now = time.Now()
	w.look()
	w.parser.Use(b.source)
	before := w.parcel.records
	for _, text := range b.texts {
		w.parser.Parse(text, w)
	}
	if w.reader != nil {
		w.pipeline.detector.observe(b.number, w.acts)
		w.acts = nil
	}
	if b.safe != nil {
		w.parcel.safe = append(w.parcel.safe, b.safe)
	}
	w.pipeline.stats.In.Add(int64(w.parcel.records - before))
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
	if ev.Context {
		w.pipeline.stats.Context.Add(1)
	} else {
		w.parcel.addEvent(ev)
	}
	if tap := w.pipeline.settings.Tap; tap != nil {
		tap.TakeEvent(ev)
	}
	if w.reader == nil {
		return
	}
	if act, ok := w.reader.Read(ev); ok {
		w.acts = append(w.acts, &act)
	}
}

// TakeDead implements parsers.Taker.
func (w *worker) TakeDead(d *parsers.Dead) {
	w.pipeline.bury(d)
	w.parcel.addDead(d, w.pipeline.settings.Parse.Namespace, w.now)
}
