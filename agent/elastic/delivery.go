package elastic

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// delivery is one call of Send. A part is a list of positions in docs that go into one request.
type delivery struct {
	sender  *Sender
	docs    []ecs.Doc
	refused []ecs.Refused
	urgent  bool // alerts go before events
}

const (
	// leastCut is the size down to which a request is halved when the connection breaks: below it, size is not why.
	leastCut = 64 << 10
	// leastLimit is the size down to which requests get smaller after one was too large.
	leastLimit = 256 << 10
)

var (
	soon = pauses{200 * time.Millisecond, 10 * time.Second} // the cluster will be back
	late = pauses{time.Second, 30 * time.Second}            // somebody has to do something
)

// admit returns the positions of all documents that can be sent and refuses the others.
func (d *delivery) admit() []int {
	part := make([]int, 0, len(d.docs))
	stream := "" // most documents go where the one before went
	for i := range d.docs {
		doc := &d.docs[i]
		if fault := faultOf(doc, stream); fault != "" {
			d.refuse(i, 0, fault)
			continue
		}
		stream = doc.Stream
		part = append(part, i)
	}
	return part
}

func (d *delivery) refuse(i, status int, kind string) {
	d.sender.counters.refused.Add(1)
	d.refused = append(d.refused, ecs.Refused{Index: i, Status: status, Type: kind})
}

// fit is how many of the documents make one request, at least one.
func (d *delivery) fit(part []int) int {
	room := int(d.sender.limit.Load())
	for n, i := range part {
		if room -= weight(&d.docs[i]); room < 0 {
			return max(1, n)
		}
	}
	return len(part)
}

// deliver sends until each document of the part is taken or refused. doubtful says that the cluster may have some of them already.
func (d *delivery) deliver(ctx context.Context, part []int, doubtful bool) error {
	s := d.sender
	waits := putOff{log: s.settings.Log}
	for {
		if err := s.gate.enter(ctx, d.urgent); err != nil {
			return err
		}
		if doubtful {
			left, err := d.sift(ctx, part)
			if errors.Is(err, errGap) {
				waits.tries++
				pause(ctx, soon.of(waits.tries), nil)
			}
			if err != nil {
				continue
			}
			if part, doubtful = left, false; len(part) == 0 {
				s.gate.succeeded(false)
				return nil
			}
		}
		r := s.post(ctx, d.docs, part)
		if err := ctx.Err(); err != nil && r.problem != nil {
			s.gate.abandoned()
			return err
		}
		if r.problem != nil {
			doubtful = r.problem.mayHaveArrived()
			if d.fail(part, &r) {
				return d.halves(ctx, part, doubtful)
			}
			if len(part) == 1 && d.alone(part[0], &r) {
				return nil
			}
			continue
		}
		part, doubtful = d.settle(part, &r, &waits)
		if len(part) == 0 {
			waits.over()
			return nil
		}
		waits.tries++
		pause(ctx, soon.of(waits.tries), nil)
	}
}

// fail leaves the gate after a request without a proper answer and reports whether its halves are to be tried.
func (d *delivery) fail(part []int, r *reply) bool {
	s := d.sender
	s.counters.failed.Add(1)
	halve := len(part) > 1
	switch r.problem.cause {
	case tooLarge:
		s.gate.succeeded(false)
		s.shrink(sizeOf(d.docs, part))
		return halve
	case poisoned:
		s.gate.succeeded(false)
		return halve
	case misplaced, locked:
		s.gate.failed(late, r.after)
	default:
		s.gate.failed(soon, r.after)
	}
	s.counters.retried.Add(int64(len(part)))
	s.trouble.begin(r.problem.kind(), r.problem)
	return halve && r.problem.cause == cut && sizeOf(d.docs, part) > leastCut
}

// shrink makes requests smaller for good: what limits them is a setting of the server or of a proxy.
func (s *Sender) shrink(size int) {
	limit := s.limit.Load()
	smaller := max(leastLimit, int64(size/2))
	if smaller < limit && s.limit.CompareAndSwap(limit, smaller) {
		s.settings.Log.Warn("requests made smaller, elasticsearch or a proxy takes no larger ones", "bytes", smaller)
	}
}

func (d *delivery) halves(ctx context.Context, part []int, doubtful bool) error {
	middle := len(part) / 2
	if err := d.deliver(ctx, part[:middle:middle], doubtful); err != nil {
		return err
	}
	return d.deliver(ctx, part[middle:], doubtful)
}

// alone refuses a document that is to blame for the failure of its request.
func (d *delivery) alone(i int, r *reply) bool {
	switch r.problem.cause {
	case tooLarge:
		d.refuse(i, r.status, "request_too_large")
	case poisoned:
		d.refuse(i, r.status, r.kind)
	default:
		return false
	}
	return true
}

// settle acts on the answer about each document and returns those that are to be sent again. They are doubtful when the server failed while
// it was at them.
func (d *delivery) settle(part []int, r *reply, waits *putOff) (rest []int, doubtful bool) {
	s := d.sender
	s.trouble.end()
	refused, duplicates, stored, full := len(d.refused), 0, 0, false
	for k := range r.odd {
		it := &r.odd[k]
		i := part[it.at]
		switch judge(it) {
		case duplicate:
			duplicates++
		case again:
			rest = append(rest, i)
			doubtful = doubtful || it.status >= 500 && it.kind != "unavailable_shards_exception" // that one comes before anything is written
			full = full || it.status == http.StatusTooManyRequests
			waits.note(d.docs[i].Stream, it)
		case lost:
			stored++
			d.refuse(i, it.status, "failure_store")
		case dead:
			d.refuse(i, it.status, it.kind)
		}
	}
	if stored > 0 {
		s.settings.Log.Warn("documents went to the failure store, where no rule sees them", "documents", stored)
	}
	s.gate.succeeded(full)
	s.counters.retried.Add(int64(len(rest)))
	s.counters.duplicates.Add(int64(duplicates))
	s.counters.delivered.Add(int64(len(part) - len(rest) - (len(d.refused) - refused)))
	waits.tell()
	return rest, doubtful
}
