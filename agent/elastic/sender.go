package elastic

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Sender delivers documents to one cluster. Its methods may be called at the same time.
type Sender struct {
	settings Settings
	wire     *wire
	client   *elastictransport.Client
	gate     *gate
	requests requests
	trouble  *trouble
	counters counters
	blind    sync.Once // tells that the key may not look documents up
	gaps     gaps
	limit    atomic.Int64 // bytes of a request before compression; what is between may take less than asked for
	closing  context.Context
	close    context.CancelFunc
}

// maxAnswer is far more than the answer about a request of the usual size takes.
const maxAnswer = 64 << 20

var errClosed = errors.New("elasticsearch output is closed")

// Open checks the settings and reads the files that they name. It makes no connection: the cluster may come later.
func Open(s Settings) (*Sender, error) { return open(s, nil) }

func open(s Settings, base http.RoundTripper) (*Sender, error) {
	if err := s.complete(); err != nil {
		return nil, err
	}
	wire, err := newWire(&s)
	if err != nil {
		return nil, fmt.Errorf("elasticsearch: %w", err)
	}
	wire.base = base
	client, err := wire.client()
	if err != nil {
		return nil, fmt.Errorf("elasticsearch: make client: %w", err)
	}
	s.warn()
	sender := &Sender{settings: s, wire: wire, client: client, gate: newGate(s.InFlight), gaps: gaps{since: map[string]time.Time{}}}
	sender.requests.compress = s.Compression != "none"
	sender.trouble = newTrouble(s.Log, "elasticsearch takes no documents, they are kept", "elasticsearch takes documents again")
	sender.limit.Store(int64(s.RequestBytes))
	sender.closing, sender.close = context.WithCancel(context.Background())
	return sender, nil
}

// Send delivers documents and returns those that the cluster will never take. It tries again until that is settled for each of
// them or ctx ends; its error says so, and that some of the others may not be delivered.
func (s *Sender) Send(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error) {
	return s.send(ctx, docs, false)
}

// SendAgain is Send for documents that were perhaps sent before, by a process that has not lived to hear the answer. It looks first for what
// the cluster has: the same id is refused by one index alone, and after a rollover the stream writes into another one.
func (s *Sender) SendAgain(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error) {
	return s.send(ctx, docs, true)
}

func (s *Sender) send(ctx context.Context, docs []ecs.Doc, doubtful bool) ([]ecs.Refused, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(s.closing, stop)()
	d := delivery{sender: s, docs: docs, urgent: len(docs) > 0 && isUrgent(docs[0].Stream)}
	for part := d.admit(); len(part) > 0; {
		n := d.fit(part)
		if err := d.deliver(ctx, part[:n:n], doubtful); err != nil {
			return d.refused, fmt.Errorf("send documents: %w", s.reason(err))
		}
		part = part[n:]
	}
	return d.refused, nil
}

// isUrgent reports whether a stream's documents go before others after an outage: alerts and signals.
func isUrgent(stream string) bool {
	return strings.HasPrefix(stream, "logs-idwatch.alert-") || strings.HasPrefix(stream, "logs-idwatch.signal-")
}

func (s *Sender) reason(err error) error {
	if s.closing.Err() != nil {
		return errClosed
	}
	return err
}

// Close breaks off what Send is waiting for and closes the connections.
func (s *Sender) Close(ctx context.Context) error {
	s.close()
	s.wire.close()
	if err := s.client.Close(ctx); err != nil {
		return fmt.Errorf("close elasticsearch output: %w", err)
	}
	return nil
}

// reply is what came of one request.
type reply struct {
	problem *problem // nil when there is an answer about each document
	odd     []item   // answers other than "created"
	status  int
	kind    string        // type of the error about the whole request
	after   time.Duration // how long the server wants to be left alone
}

// post makes one request with some of the documents.
func (s *Sender) post(ctx context.Context, docs []ecs.Doc, part []int) reply {
	ctx, stop := context.WithTimeout(ctx, s.settings.Timeout)
	defer stop()
	q := s.requests.take()
	q.build(docs, part)
	s.counters.requests.Add(1)
	s.counters.bytes.Add(int64(len(q.body)))
	res, err := esapi.BulkRequest{
		Body:       q.reader(),
		Pipeline:   "_none", // the documents are what the pipelines of an integration would make
		FilterPath: fields,
		Header:     http.Header{"Content-Type": {"application/x-ndjson"}},
	}.Do(ctx, s.client)
	if err != nil {
		return reply{problem: s.settings.explain(err)}
	}
	defer res.Body.Close()
	if _, err := q.answer.ReadFrom(io.LimitReader(res.Body, maxAnswer)); err != nil {
		return reply{problem: s.settings.explain(err)}
	}
	defer s.requests.give(q)
	return s.read(res, q.answer.Bytes(), len(part))
}

// read tells what an answer means.
func (s *Sender) read(res *esapi.Response, text []byte, n int) reply {
	r := reply{status: res.StatusCode, after: retryAfter(res.Header)}
	if r.status/100 != 2 {
		r.kind = errorType(text)
		r.problem = s.settings.explainStatus(r.status, res.Header, r.kind)
		r.problem.status = r.status
		return r
	}
	var err error
	if r.odd, err = parseAnswer(text, n); err != nil {
		r.problem = s.settings.problem(busy, "%v", err)
	}
	return r
}

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		return time.Duration(min(seconds, int(maxAfter/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return time.Until(at)
	}
	return 0
}
