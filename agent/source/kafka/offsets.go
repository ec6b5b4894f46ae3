package kafka

import (
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// offsets brings the batches of each partition back into order as they become safe.
type offsets struct {
	mark func(last *kgo.Record) // everything up to last is safe

	mu   sync.Mutex
	open map[place]*line
}

type place struct {
	topic     string
	partition int32
}

// line is one partition, as long as it is ours.
type line struct {
	waiting []*step
	safe    int64     // offset behind the last record in front of which all are safe
	high    int64     // offset behind the last record there is
	at      time.Time // of that last safe record; of the first one taken, before there is one
	gone    bool
}

type step struct {
	last *kgo.Record
	safe bool
}

func newOffsets(mark func(last *kgo.Record)) *offsets {
	return &offsets{mark: mark, open: map[place]*line{}}
}

func (o *offsets) line(r *kgo.Record) *line {
	at := place{r.Topic, r.Partition}
	if o.open[at] == nil {
		o.open[at] = &line{}
	}
	return o.open[at]
}

// begin enters a batch, from its first to its last record. The function it returns says that the batch is safe.
func (o *offsets) begin(first, last *kgo.Record) (safe func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.line(last)
	s := &step{last: &kgo.Record{Topic: last.Topic, Partition: last.Partition, Offset: last.Offset, LeaderEpoch: last.LeaderEpoch, Timestamp: last.Timestamp}}
	l.waiting = append(l.waiting, s)
	if l.at.IsZero() {
		l.safe, l.at = first.Offset, first.Timestamp
	}
	return func() { o.settle(l, s) }
}

// settle marks the last batch in front of which all are safe, unless the partition is somebody else's by now.
func (o *offsets) settle(l *line, s *step) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s.safe = true
	var last *kgo.Record
	for len(l.waiting) > 0 && l.waiting[0].safe {
		last = l.waiting[0].last
		l.waiting = l.waiting[1:]
	}
	if last != nil && !l.gone {
		l.safe, l.at = last.Offset+1, last.Timestamp
		o.mark(last)
	}
}

// forget ends partitions that go to another member of the group. What is under way from them comes again there.
func (o *offsets) forget(partitions map[string][]int32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for topic, list := range partitions {
		for _, partition := range list {
			if l := o.open[place{topic, partition}]; l != nil {
				l.gone = true
				delete(o.open, place{topic, partition})
			}
		}
	}
}

// high notes how far a partition goes.
func (o *offsets) high(r *kgo.Record, watermark int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.line(r).high = watermark
}

// behind is how many records are there and not safe, and up to what time all are.
func (o *offsets) behind() (n int64, since time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.open {
		waiting := max(0, l.high-l.safe)
		if n += waiting; waiting > 0 && (since.IsZero() || l.at.Before(since)) {
			since = l.at
		}
	}
	return n, since
}
