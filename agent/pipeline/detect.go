package pipeline

import (
	"context"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/spool"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Detection makes a pipeline detect.
type Detection struct {
	Context  *detections.Context
	Lateness time.Duration
	Added    *detections.Added // beside the built-in detections
	Bounds   detections.Bounds // of what is remembered
	Cold     detections.Cold   // keeps what had to be forgotten; may be nil
}

// detector runs the engine behind the parsers. What it does is a function of the spool's batches alone, ticks of the clock among them:
// that is why it does the same after a crash.
type detector struct {
	tap    Tap // nil for none
	log    *slog.Logger
	stats  *Stats
	outbox *outbox
	wake   chan struct{} // there are letters

	posting  sync.Mutex // held while letters are put into the outbox, and before mu
	roomless putTrouble

	mu      sync.Mutex
	live    *detections.Live
	at      spool.Position // the engine has taken all before it
	letters []letter       // published, and not in the outbox yet
	most    int            // of them, before the engine stands still
	room    chan struct{}  // closed and replaced when letters got into the outbox
	told    told
	until   uint64 // number up to which batches are taken again after a restart
}

// tickEvery is how often the engine looks at the clock when no records come: sources fall silent, and what is open settles.
const tickEvery = 5 * time.Second

func newDetector(s Settings, stats *Stats, out *outbox) *detector {
	d := &detector{tap: s.Tap, log: s.Logger, stats: stats, outbox: out, told: told{}, most: mostLetters, wake: make(chan struct{}, 1), room: make(chan struct{})}
	d.roomless = putTrouble{begins: "alerts have no room on the disk, they wait in memory", ends: "alerts have room on the disk again"}
	d.live = detections.NewLive(d.liveSettings(s))
	return d
}

func (d *detector) liveSettings(s Settings) detections.LiveSettings {
	namespace := s.Parse.Namespace
	if namespace == "" {
		namespace = "default"
	}
	return detections.LiveSettings{
		Context: s.Detect.Context, Added: s.Detect.Added, Lateness: s.Detect.Lateness, Namespace: namespace, Bounds: s.Detect.Bounds, Cold: s.Detect.Cold,
		Publish: func(doc *detections.Document) { d.publish(doc, namespace) },
	}
}

// publish takes a revision on its way out, unless it was told before a restart. The lock is held.
func (d *detector) publish(doc *detections.Document, namespace string) {
	l := letter{alert: doc.Alert.ID, content: contentOf(doc)}
	if !d.told.admit(doc, l.content) {
		return
	}
	l.revision = doc.Revision
	doc.Created = time.Now()
	l.doc = ecs.Doc{
		Stream: "logs-" + doc.Dataset() + "-" + namespace,
		ID:     string(doc.AppendID(nil)),
		Body:   doc.AppendJSON(nil),
	}
	d.letters = append(d.letters, l)
	if d.tap != nil {
		d.tap.TakeLetters([]ecs.Doc{l.doc})
	}
	if doc.Alert.Signal {
		d.stats.Signals.Add(1)
	} else {
		d.stats.Alerts.Add(1)
	}
}

// contentOf is a hash of what a document says, but for its revision and when it was made.
func contentOf(doc *detections.Document) uint64 {
	bare := *doc
	bare.Created, bare.Revision = time.Time{}, 0
	h := fnv.New64a()
	_, _ = h.Write(bare.AppendJSON(nil))
	return h.Sum64()
}

// observe hands the acts of a batch to the engine.
func (d *detector) observe(b *batch, acts []*detections.Act) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if b.tick || len(acts) > 0 {
		d.live.Observe(acts, b.arrived)
	}
	d.at = b.next
	if d.until > 0 && d.at.Number >= d.until {
		d.caughtUp()
	}
	d.nudge()
}

// nudge has the letters posted. The lock is held.
func (d *detector) nudge() {
	if len(d.letters) == 0 {
		return
	}
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// run posts what is published until ctx ends. The engine does not wait for the disk: letters that a crash takes are published again.
func (d *detector) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		}
		if !d.post() {
			sleep(ctx, putPause)
			d.mu.Lock()
			d.nudge()
			d.mu.Unlock()
		}
	}
}

// post puts what is published into the outbox, some at a time. What cannot be put waits in memory for the next try.
func (d *detector) post() bool {
	d.posting.Lock()
	defer d.posting.Unlock()
	for {
		d.mu.Lock()
		some := d.letters[:min(len(d.letters), lettersAtOnce)]
		d.mu.Unlock()
		if len(some) == 0 {
			return true
		}
		err := d.outbox.put(some)
		d.roomless.note(d.log, err)
		if err != nil {
			return false
		}
		d.posted(len(some))
	}
}

// posted takes letters off that are in the outbox.
func (d *detector) posted(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.letters = d.letters[n:]; len(d.letters) == 0 {
		d.letters = nil
	}
	close(d.room)
	d.room = make(chan struct{})
}

// lettersAtOnce is how many letters are put with one fsync.
const lettersAtOnce = 256

// mostLetters bounds what is published and has no room in the outbox. Beyond it the engine stands still: what it would find out waits in the
// spool, and not in memory.
const mostLetters = 4096

// held is how many letters are published and not in the outbox, whether the engine stands still for that, and what tells of a change.
func (d *detector) held() (n int, standing bool, changed <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.letters), len(d.letters) >= d.most, d.room
}

// await waits for room or the end of ctx.
func (d *detector) await(ctx context.Context) {
	for ctx.Err() == nil {
		_, standing, changed := d.held()
		if !standing {
			return
		}
		await(ctx, changed)
	}
}

// look lets the engine look at the clock where that could not be noted in the spool.
func (d *detector) look(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.live.Observe(nil, now)
	d.nudge()
}

// use gives the engine another context.
func (d *detector) use(c *detections.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.live.Use(c)
}

// add gives the engine other detections beside the built-in ones.
func (d *detector) add(added *detections.Added) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.live.Add(added)
}

// flush publishes what waits.
func (d *detector) flush() {
	d.mu.Lock()
	d.live.Flush()
	d.mu.Unlock()
	d.post()
}

// tick has the engine look at the clock, through the spool, until ctx ends. One that has batches to take is not idle.
func (p *Pipeline) tick(ctx context.Context) {
	for {
		sleep(ctx, tickEvery)
		if ctx.Err() != nil || p.closed.Load() {
			return
		}
		if engine, _, _ := p.ledger.places(); engine.Number < p.spool.Next().Number {
			continue
		}
		now := time.Now()
		if _, err := p.spool.Append(tickEntry(now)); err != nil {
			p.detector.look(now)
		}
	}
}
