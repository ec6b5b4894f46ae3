// Package pipeline turns the texts that inputs hand over into documents at an output. It is the only place that joins
// keeping, parsing, enriching, detecting and sending.
//
// A batch is written to the spool and synced, and then it is safe. Behind the spool the engine parses and detects at once; its alerts go to
// an outbox, a spool of their own. While the output keeps up, the engine's workers make the events' documents on the way; when it does not,
// a sender of its own reads and parses them again later.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/idwatch/idwatch/agent/spool"
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
	Dir        string // of spool, outbox and state
	SpoolBytes int64  // how much may be kept on disk; 0 is DefaultSpoolBytes
	Parse      parsers.Options
	Output     Output
	Dead       Graveyard  // nil keeps nothing
	QueueBytes int64      // how much may be in memory between the spool and the output; 0 is DefaultQueueBytes
	Parsers    int        // goroutines that parse; 0 is one for each processor
	Detect     *Detection // nil only parses
	Senders    int        // goroutines that send; 0 is DefaultSenders
	Tap        Tap        // nil for none
	Logger     *slog.Logger
}

const (
	// DefaultSpoolBytes is how much is kept on disk before inputs are told to wait.
	DefaultSpoolBytes = 4 << 30
	// DefaultQueueBytes is how much is in memory between the spool and the output.
	DefaultQueueBytes = 64 << 20
	// DefaultSenders is how many parcels are on their way at a time.
	DefaultSenders = 3
	// outboxShare is the outbox's part of the spool's bytes, beside them.
	outboxShare = 16
	// reserveBytes is how much room on the disk is held back for alerts, and for the state, which may take more than this.
	reserveBytes = 16 << 20
	// saveEvery is how often the places of engine and sender are saved. What was sent since is sent again after a crash.
	saveEvery = time.Second
)

// Pipeline is a running pipeline. Close ends it.
type Pipeline struct {
	settings Settings
	stats    Stats
	reserve  *spool.Reserve
	spool    *spool.Log
	recent   recent
	work     chan *batch // for the engine's workers
	ledger   *ledger
	order    struct {
		mu    sync.Mutex
		next  uint64 // order of the batch that the engine waits for
		early map[uint64]observed
	}
	seen     seen
	parcels  chan *parcel
	answered atomic.Int64 // parcels
	free     sync.Pool
	outbox   *outbox
	refusal  putTrouble

	marking, saving, stating sync.Mutex
	reading, parsing         sync.WaitGroup // dispatcher and drainer; workers
	sending, background      sync.WaitGroup
	stopped                  context.Context
	stop                     context.CancelFunc
	closed                   atomic.Bool
	ended                    sync.Once

	detector *detector                          // nil without detection
	context  atomic.Pointer[detections.Context] // what documents of events say of identities; nil without detection
	added    atomic.Pointer[detections.Added]   // what workers look for beside the built-in signs
}

var errNoDir = errors.New("pipeline has no folder for its spool")

// New starts a pipeline, which goes on where the last one in its folder ended.
func New(s Settings) (*Pipeline, error) {
	if s.Dir == "" {
		return nil, errNoDir
	}
	s.complete()
	p := &Pipeline{settings: s, work: make(chan *batch, 2*s.Parsers)}
	p.ledger = newLedger(&p.stats)
	p.recent = recent{limit: s.QueueBytes / 2, batches: map[uint64]*batch{}}
	p.refusal = putTrouble{begins: "spool takes no records, inputs wait", ends: "spool takes records again"}
	p.order.early = map[uint64]observed{}
	p.parcels = make(chan *parcel, max(1, s.QueueBytes/2/parcelBytes))
	p.free.New = func() any { return newParcel() }
	p.stopped, p.stop = context.WithCancel(context.Background())
	workers, drain, err := p.parsers()
	if err != nil {
		return nil, err
	}
	if err := p.open(); err != nil {
		return nil, errors.Join(err, p.release())
	}
	p.begin(workers, drain)
	return p, nil
}

func (s *Settings) complete() {
	if s.SpoolBytes <= 0 {
		s.SpoolBytes = DefaultSpoolBytes
	}
	if s.QueueBytes <= 0 {
		s.QueueBytes = DefaultQueueBytes
	}
	if s.Parsers <= 0 {
		s.Parsers = runtime.GOMAXPROCS(0)
	}
	if s.Senders <= 0 {
		s.Senders = DefaultSenders
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
}

// parsers makes those who parse: the engine's workers, and the sender for when it is behind.
func (p *Pipeline) parsers() (workers []*worker, drain *drainer, err error) {
	for range p.settings.Parsers {
		parser, err := parsers.New(p.settings.Parse)
		if err != nil {
			return nil, nil, err
		}
		workers = append(workers, newWorker(p, parser))
	}
	parser, err := parsers.New(p.settings.Parse)
	return workers, &drainer{pipeline: p, parser: parser}, err
}

// open opens what is on disk and finds the places to go on from.
func (p *Pipeline) open() (err error) {
	s := &p.settings
	p.reserve = spool.NewReserve(nil, filepath.Join(s.Dir, "reserve"), reserveBytes)
	p.spool, err = spool.Open(spool.Settings{
		Dir: filepath.Join(s.Dir, "spool"), MaxBytes: s.SpoolBytes, Readers: []string{engineReader, senderReader}, Pack: true, Log: s.Logger,
	})
	if err != nil {
		return err
	}
	if p.outbox, err = openOutbox(s, p.reserve); err != nil {
		return err
	}
	if err := p.reserve.Fill(); err != nil {
		s.Logger.Warn("no room held back for a full disk", "err", err)
	}
	from := p.spool.Position(engineReader)
	if s.Detect != nil {
		p.context.Store(s.Detect.Context)
		p.added.Store(s.Detect.Added)
		p.detector = newDetector(*s, &p.stats, p.outbox)
		if from, err = p.restore(from); err != nil {
			return err
		}
	}
	p.ledger.resume(p.spool.Position(senderReader), p.spool.Note(), p.spool.Next())
	p.ledger.start(from)
	return nil
}

const (
	engineReader = "engine"
	senderReader = "sender"
)

// begin starts the goroutines.
func (p *Pipeline) begin(workers []*worker, drain *drainer) {
	engine, _, _ := p.ledger.places()
	p.reading.Go(func() { p.dispatch(p.stopped, engine) })
	p.reading.Go(func() { drain.run(p.stopped) })
	for _, w := range workers {
		p.parsing.Go(w.run)
	}
	for range p.settings.Senders {
		p.sending.Go(func() { p.sendAll(p.stopped) })
	}
	p.background.Go(func() { p.outbox.run(p.stopped, p) })
	p.background.Go(func() { p.keepPlaces(p.stopped) })
	if p.detector != nil {
		p.background.Go(func() { p.tick(p.stopped) })
		p.background.Go(func() { p.detector.run(p.stopped) })
	}
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

// Close takes no more, delivers what is there until ctx ends, saves places and state, and stops. What was not delivered stays in the
// spool, and is delivered after the next start.
func (p *Pipeline) Close(ctx context.Context) error {
	p.closed.Store(true)
	var err error
	p.ended.Do(func() {
		p.settle(ctx)
		p.stop()
		p.reading.Wait()
		p.parsing.Wait()
		close(p.parcels)
		p.sending.Wait()
		p.background.Wait()
		if left := p.stats.Spooled.Load(); left > 0 {
			p.settings.Logger.Info("records stay in the spool", "records", left)
		}
		err = errors.Join(p.Save(), p.release())
	})
	return err
}

// settle waits until all is answered or ctx ends.
func (p *Pipeline) settle(ctx context.Context) {
	for {
		_, sender, moved := p.ledger.places()
		if sender.Number >= p.spool.Next().Number {
			break
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return
		}
	}
	if p.detector != nil {
		p.detector.flush()
	}
	p.outbox.settle(ctx)
}

func (p *Pipeline) release() (err error) {
	if p.outbox != nil {
		err = p.outbox.log.Close()
	}
	if p.spool != nil {
		err = errors.Join(err, p.spool.Close())
	}
	return err
}

// keepPlaces saves the places of engine and sender from time to time, until ctx ends.
func (p *Pipeline) keepPlaces(ctx context.Context) {
	var last, now [2]spool.Position
	for {
		sleep(ctx, saveEvery)
		if ctx.Err() != nil {
			return
		}
		if now[0], now[1], _ = p.ledger.places(); now == last {
			continue
		}
		if err := p.savePlaces(); err != nil {
			p.settings.Logger.Error("places not saved", "err", err)
			continue
		}
		last = now
		if err := p.reserve.Fill(); err != nil {
			p.settings.Logger.Debug("no room held back for a full disk", "err", err)
		}
	}
}

// savePlaces saves the sender's place with the counts that belong to it, once what was delivered is safe.
func (p *Pipeline) savePlaces() error {
	p.saving.Lock()
	defer p.saving.Unlock()
	sender, note := p.ledger.note()
	if out, can := p.settings.Output.(syncer); can {
		if err := out.Sync(); err != nil {
			return fmt.Errorf("sync output: %w", err)
		}
	}
	p.spool.Keep(senderReader, sender)
	if p.detector == nil {
		p.spool.Keep(engineReader, sender)
	}
	return p.spool.Save(note)
}

// Stats are the pipeline's counters.
func (p *Pipeline) Stats() *Stats { return &p.stats }
