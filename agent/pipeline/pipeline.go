// Package pipeline turns the texts that inputs hand over into documents at an output. It is the only place that joins
// parsing, enriching, detecting and sending.
package pipeline

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Output delivers documents.
type Output interface {
	// Send returns when each document is delivered or refused for good. Its error says that the rest was not delivered
	// and why no further try was made.
	Send(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error)
}

// Graveyard keeps all bytes of what could not be read or was refused.
type Graveyard interface {
	Bury(source string, reason string, text []byte) error
	// Sync returns when what was buried is safe.
	Sync() error
}

// Tap is shown what passes: each event once it is parsed, valid during the call only, and alerts and signals when they are published, whether or
// not the output can be reached. It never waits, and is called from several goroutines.
type Tap interface {
	TakeEvent(ev *ecs.Event)
	TakeLetters(docs []ecs.Doc)
}

// Settings make a pipeline.
type Settings struct {
	Parse      parsers.Options
	Output     Output
	Dead       Graveyard  // nil keeps nothing
	QueueBytes int64      // how much may wait to be parsed; 0 is DefaultQueueBytes
	Parsers    int        // goroutines that parse; 0 is one for each processor
	Detect     *Detection // nil only parses
	Senders    int        // goroutines that send; 0 is DefaultSenders
	Tap        Tap        // nil for none
	Logger     *slog.Logger
}

const (
	// DefaultQueueBytes is how much waits in memory before inputs are told to wait.
	DefaultQueueBytes = 64 << 20
	// DefaultSenders is how many parcels are on their way at a time.
	DefaultSenders = 3
)

// Pipeline is a running pipeline. Close ends it.
type Pipeline struct {
	settings Settings
	stats    Stats
	queue    *queue
	parcels  chan *parcel
	free     sync.Pool
	parsing  sync.WaitGroup
	sending  sync.WaitGroup
	stop     context.CancelFunc

	detector *detector                        // nil without detection
	added    atomic.Pointer[detections.Added] // what workers look for beside the built-in signs
}

// New starts a pipeline.
func New(s Settings) (*Pipeline, error) {
	if s.QueueBytes <= 0 {
		s.QueueBytes = DefaultQueueBytes
	}
	if s.Parsers <= 0 {
		s.Parsers = runtime.GOMAXPROCS(0)
	}
	if s.Senders <= 0 {
		s.Senders = DefaultSenders
	}
	p := &Pipeline{settings: s, queue: newQueue(s.QueueBytes), parcels: make(chan *parcel)}
	if s.Detect != nil {
		p.added.Store(s.Detect.Added)
	}
	p.free.New = func() any { return newParcel() }
	workers := make([]*worker, s.Parsers)
	for i := range workers {
		parser, err := parsers.New(s.Parse)
		if err != nil {
			return nil, err
		}
		workers[i] = newWorker(p, parser)
	}
	if s.Detect != nil {
		p.detector = newDetector(s, &p.stats)
		if s.Detect.State != nil {
			if err := p.detector.restore(s.Detect.State, p.detector.liveSettings(s)); err != nil {
				return nil, err
			}
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	if p.detector != nil {
		go p.detector.run(ctx)
	}
	for _, w := range workers {
		p.parsing.Go(w.run)
	}
	for range s.Senders {
		p.sending.Go(func() { p.sendAll(ctx) })
	}
	return p, nil
}

// Feed is the pipeline's end for one input.
type Feed struct {
	pipeline *Pipeline
	source   string
}

// From returns the end for an input whose records are of a source: one of parsers.SourceNames.
func (p *Pipeline) From(source string) (*Feed, error) {
	if _, err := parsers.New(parsers.Options{Source: source}); err != nil {
		return nil, err
	}
	return &Feed{p, source}, nil
}

// Put takes texts: records, envelopes of records, or lines that are neither and become dead letters. It waits for room until ctx
// ends and then answers ecs.ErrFull. The bytes are the pipeline's once it has answered nil. safe, if not nil, is called
// once when all of it has been delivered, so that the input need not offer it again.
func (f *Feed) Put(ctx context.Context, texts [][]byte, safe func()) error {
	return f.pipeline.queue.put(ctx, batch{texts: texts, source: f.source, safe: safe})
}

// Close takes no more, delivers what is there until ctx ends, and stops. What was not delivered then was never called safe.
func (p *Pipeline) Close(ctx context.Context) error {
	p.queue.close()
	done := make(chan struct{})
	go func() {
		p.parsing.Wait()
		if p.detector != nil {
			p.detector.finish()
		}
		close(p.parcels)
		p.sending.Wait()
		close(done)
	}()
	defer p.stop()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	p.stop()
	<-done // a stopped sender drops its parcel unsent
	return ctx.Err()
}

// Use gives the detections another context, as after a change of the context file.
func (p *Pipeline) Use(c *detections.Context) {
	if p.detector != nil {
		p.detector.use(c)
	}
}

// Add replaces what users added to the detections, for the batches that are parsed from now on.
func (p *Pipeline) Add(added *detections.Added) {
	if p.detector != nil {
		p.detector.add(added)
		p.added.Store(added)
	}
}

// Portrait describes the identity that has a name, nil when nobody has it. Batches wait meanwhile.
func (p *Pipeline) Portrait(name string) *detections.Portrait {
	if p.detector == nil {
		return nil
	}
	p.detector.mu.Lock()
	defer p.detector.mu.Unlock()
	return p.detector.live.Portrait(name)
}

// Sources lists what the detections know of each source.
func (p *Pipeline) Sources() []detections.SourceSeen {
	if p.detector == nil {
		return nil
	}
	p.detector.mu.Lock()
	defer p.detector.mu.Unlock()
	return p.detector.live.Sources()
}

// Stats are the pipeline's counters.
func (p *Pipeline) Stats() *Stats { return &p.stats }

// sendAll sends parcels until there are no more.
func (p *Pipeline) sendAll(ctx context.Context) {
	for parcel := range p.parcels {
		p.send(ctx, parcel)
		parcel.reset()
		p.free.Put(parcel)
	}
}

func (p *Pipeline) send(ctx context.Context, c *parcel) {
	var refused []ecs.Refused
	var err error
	if len(c.docs) > 0 { // a batch may be context and nothing else
		refused, err = p.settings.Output.Send(ctx, c.docs)
	}
	if err != nil {
		p.stats.Unsent.Add(int64(c.records))
		p.settings.Logger.Error("documents not sent", "err", err, "documents", len(c.docs))
		return
	}
	if len(refused) > 0 {
		p.refuse(ctx, c, refused)
	}
	p.stats.Delivered.Add(int64(c.records - len(refused)))
	if (c.deadStream != "" || len(refused) > 0) && p.settings.Dead != nil {
		if err := p.settings.Dead.Sync(); err != nil {
			p.settings.Logger.Error("dead letters not safe on disk", "err", err)
		}
	}
	for _, safe := range c.safe {
		safe()
	}
}

// refuse makes dead letters of documents that the output will never take.
func (p *Pipeline) refuse(ctx context.Context, c *parcel, refused []ecs.Refused) {
	letters := newParcel()
	for _, r := range refused {
		doc := &c.docs[r.Index]
		if doc.Stream == c.deadStream {
			continue // a refused dead letter stays on disk alone
		}
		dead := parsers.Dead{Reason: refusal(r.Type), Text: doc.Body}
		p.bury(&parsers.Dead{Source: doc.Stream + "/" + doc.ID, Reason: dead.Reason, Text: dead.Text}) // so that it can be sent again
		letters.addDead(&dead, p.settings.Parse.Namespace, time.Now())
	}
	p.stats.Refused.Add(int64(len(refused)))
	p.settings.Logger.Warn("documents refused by the output", "documents", len(refused), "type", refused[0].Type, "status", refused[0].Status)
	if len(letters.docs) == 0 {
		return
	}
	if _, err := p.settings.Output.Send(ctx, letters.docs); err != nil {
		p.settings.Logger.Error("dead letters not sent", "err", err, "documents", len(letters.docs))
	}
}

// refusal is the reason of a dead letter that was a document.
type refusal string

func (r refusal) Error() string { return "document refused by the output: " + string(r) }

// bury keeps all bytes of a dead letter.
func (p *Pipeline) bury(d *parsers.Dead) {
	p.stats.Dead.Add(1)
	if p.settings.Dead == nil {
		return
	}
	if err := p.settings.Dead.Bury(d.Source, d.Reason.Error(), d.Text); err != nil {
		p.stats.Unburied.Add(1)
		p.settings.Logger.Error("dead letter not kept on disk", "err", err, "bytes", len(d.Text))
	}
}
