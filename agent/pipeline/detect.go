package pipeline

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Detection makes a pipeline detect.
type Detection struct {
	Context  *detections.Context
	Lateness time.Duration
	Added    *detections.Added // beside the built-in detections
	Bounds   detections.Bounds // of what is remembered
	State    io.Reader         // what Snapshot wrote; nil starts with an empty memory
}

// detector runs the engine behind the parsers. Alerts have a queue of their own and go out before events.
type detector struct {
	output Output
	tap    Tap // nil for none
	log    *slog.Logger
	stats  *Stats

	mu      sync.Mutex
	live    *detections.Live
	letters []ecs.Doc // published since the last look
	sending []ecs.Doc // on their way
	next    uint64    // number of the batch that the engine waits for
	early   map[uint64][]*detections.Act

	wake chan struct{} // there are letters
	last chan struct{} // closed when no more acts come
	done chan struct{} // closed when nothing is sent any more
}

// tickEvery is how often the engine looks at the clock when no records come: sources fall silent, and what is open settles.
const tickEvery = 5 * time.Second

func newDetector(s Settings, stats *Stats) *detector {
	d := &detector{output: s.Output, tap: s.Tap, log: s.Logger, stats: stats, early: map[uint64][]*detections.Act{}, wake: make(chan struct{}, 1),
		last: make(chan struct{}), done: make(chan struct{})}
	d.live = detections.NewLive(d.liveSettings(s))
	return d
}

func (d *detector) liveSettings(s Settings) detections.LiveSettings {
	namespace := s.Parse.Namespace
	if namespace == "" {
		namespace = "default"
	}
	return detections.LiveSettings{
		Context: s.Detect.Context, Added: s.Detect.Added, Lateness: s.Detect.Lateness, Namespace: namespace, Bounds: s.Detect.Bounds,
		Publish: func(doc *detections.Document) { d.publish(doc, namespace) },
	}
}

// publish keeps a document for sending. The lock is held.
func (d *detector) publish(doc *detections.Document, namespace string) {
	doc.Created = time.Now()
	d.letters = append(d.letters, ecs.Doc{
		Stream: "logs-" + doc.Dataset() + "-" + namespace,
		ID:     string(doc.AppendID(nil)),
		Body:   doc.AppendJSON(nil),
	})
	if d.tap != nil {
		d.tap.TakeLetters(d.letters[len(d.letters)-1:])
	}
	if doc.Alert.Signal {
		d.stats.Signals.Add(1)
	} else {
		d.stats.Alerts.Add(1)
	}
}

// observe hands the acts of a batch to the engine, in the order in which the batches came. Parsers finish in any order, and what
// came in order should not look as if it had not.
func (d *detector) observe(number uint64, acts []*detections.Act) {
	d.mu.Lock()
	d.early[number] = acts
	for {
		acts, there := d.early[d.next]
		if !there {
			break
		}
		delete(d.early, d.next)
		d.next++
		if len(acts) > 0 {
			d.live.Observe(acts, time.Now())
		}
	}
	waiting := len(d.letters) > 0
	d.mu.Unlock()
	if waiting {
		d.nudge()
	}
}

// look lets the engine look at the clock.
func (d *detector) look() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.live.Observe(nil, time.Now())
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

func (d *detector) nudge() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// finish returns when what is published has been sent, or when run's ctx ends. No acts come after it.
func (d *detector) finish() {
	d.mu.Lock()
	d.live.Flush()
	d.mu.Unlock()
	close(d.last)
	<-d.done
}

// run sends what is published until ctx ends or the last is sent.
func (d *detector) run(ctx context.Context) {
	defer close(d.done)
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.last:
			d.send(ctx)
			return
		case <-tick.C:
			d.look()
		case <-d.wake:
		}
		d.send(ctx)
	}
}

// send sends the letters that wait. What the output refuses for good is told; what it cannot take now is kept.
func (d *detector) send(ctx context.Context) {
	d.mu.Lock()
	letters := d.letters
	d.letters, d.sending = nil, append(d.sending, letters...)
	d.mu.Unlock()
	if len(letters) == 0 {
		return
	}
	refused, err := d.output.Send(ctx, letters)
	d.sent(letters, err)
	if err != nil {
		d.log.Error("alerts not sent", "err", err, "documents", len(letters))
		return
	}
	if len(refused) > 0 {
		d.stats.Refused.Add(int64(len(refused)))
		d.log.Error("alerts refused by the output", "documents", len(refused), "type", refused[0].Type)
	}
}

// sent takes letters from those on their way. What was not sent waits again.
func (d *detector) sent(letters []ecs.Doc, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var on []ecs.Doc
	for _, doc := range d.sending {
		if !slices.ContainsFunc(letters, func(sent ecs.Doc) bool { return sent.ID == doc.ID }) {
			on = append(on, doc)
		}
	}
	d.sending = on
	if err != nil {
		d.letters = append(letters, d.letters...)
	}
}
