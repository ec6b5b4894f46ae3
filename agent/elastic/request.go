package elastic

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// request holds the memory of one bulk request: its body as it goes out, and the answer. It is used again once nobody reads it.
type request struct {
	body   []byte
	answer bytes.Buffer
	line   []byte       // the action line under way, where the body is compressed
	zip    *gzip.Writer // nil sends the body as it is
	users  atomic.Int32 // readers of body that are not closed
}

// maxKept is the largest body whose memory is kept for the next request.
const maxKept = 2 * DefaultRequestBytes

// requests makes requests and keeps those that can be used again.
type requests struct {
	compress bool
	free     sync.Pool
}

func (p *requests) take() *request {
	if q, ok := p.free.Get().(*request); ok {
		q.body, q.line = q.body[:0], q.line[:0]
		q.answer.Reset()
		return q
	}
	q := &request{}
	if p.compress {
		q.zip, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level exists
	}
	return q
}

// give takes a request back, unless its body may still be on its way: a server can answer before it has read all of it.
func (p *requests) give(q *request) {
	if q.users.Load() == 0 && cap(q.body) <= maxKept {
		p.free.Put(q)
	}
}

// build writes the body: for each of the documents an action line and the document.
func (q *request) build(docs []ecs.Doc, part []int) {
	if q.zip == nil {
		q.plain(docs, part)
		return
	}
	q.zip.Reset(q) // writing to memory does not fail
	for _, i := range part {
		q.line = append(appendAction(q.line, &docs[i]), '\n')
		q.zip.Write(q.line)
		q.zip.Write(docs[i].Body)
		q.line = append(q.line[:0], '\n') // ends the document, before the next action line
	}
	q.zip.Write(q.line)
	q.zip.Close()
}

func (q *request) plain(docs []ecs.Doc, part []int) {
	b := slices.Grow(q.body, sizeOf(docs, part))
	for _, i := range part {
		b = append(appendAction(b, &docs[i]), '\n')
		b = append(append(b, docs[i].Body...), '\n')
	}
	q.body = b
}

// appendAction appends the line that says what to do with a document. One line that is not JSON would lose the whole request.
func appendAction(b []byte, doc *ecs.Doc) []byte {
	w := ecs.Writer{B: append(b, `{"create":{`...)}
	w.Text("_index", doc.Stream)
	w.Text("_id", doc.ID)
	return append(w.B[:len(w.B)-1], '}', '}') // in place of the last member's comma
}

// actionBytes is what an action line takes beside stream and id.
const actionBytes = len(`{"create":{"_index":"","_id":""}}`) + len("\n\n")

// weight is what a document takes in a request before compression.
func weight(doc *ecs.Doc) int {
	return actionBytes + len(doc.Stream) + len(doc.ID) + len(doc.Body)
}

// sizeOf is the size of a request before compression.
func sizeOf(docs []ecs.Doc, part []int) (bytes int) {
	for _, i := range part {
		bytes += weight(&docs[i])
	}
	return bytes
}

// Write implements io.Writer for the compressor.
func (q *request) Write(p []byte) (int, error) {
	q.body = append(q.body, p...)
	return len(p), nil
}

// outgoing reads the body of a request and knows when it is done with.
type outgoing struct {
	bytes.Reader
	of     *request
	closed atomic.Bool
}

func (q *request) reader() *outgoing {
	o := &outgoing{of: q}
	o.Reset(q.body)
	q.users.Add(1)
	return o
}

// Close implements io.Closer.
func (o *outgoing) Close() error {
	if o.closed.CompareAndSwap(false, true) {
		o.of.users.Add(-1)
	}
	return nil
}

// describe tells the transport what it knows of bodies of its own types: the size, and how to begin again on a new connection
// when the old one turns out to be closed before anything was sent.
func (o *outgoing) describe(req *http.Request) {
	req.ContentLength = o.Size()
	req.GetBody = func() (io.ReadCloser, error) { return o.of.reader(), nil }
	if o.of.zip != nil {
		req.Header.Set("Content-Encoding", "gzip")
	}
}
