package pipeline

import (
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// parcelBytes is how large a parcel grows before it is sent: Elasticsearch likes requests of 5 to 10 MB.
const parcelBytes = 5 << 20

// parcel is what is sent at once: documents in one buffer, and the batches that they are of.
type parcel struct {
	cuts       []cut
	docs       []ecs.Doc // made of the cuts when all are there
	spans      []span
	again      bool // some of it may have been sent before a restart
	buffer     []byte
	streams    map[string]string // data stream by dataset
	deadStream string
}

// cut is where a document stands in the buffer: its id from start on, its body from middle to end. Views of a buffer that still grows would
// keep each smaller buffer before it alive.
type cut struct {
	stream             string
	start, middle, end int
}

// span is a batch's part of a parcel.
type span struct {
	at, next                         uint64 // numbers of the batch and the next one
	docs                             int    // where its documents end
	records                          uint32 // records so far, duplicates and unreadable texts among them
	delivered, dead, duplicate, lost int64
}

func newParcel() *parcel {
	return &parcel{streams: map[string]string{}}
}

func (c *parcel) full() bool { return len(c.buffer) >= parcelBytes }

// reset empties the parcel and keeps its memory, unless a giant has blown it up.
func (c *parcel) reset() {
	clear(c.docs)
	clear(c.cuts)
	c.docs, c.cuts, c.spans, c.again, c.buffer, c.deadStream = c.docs[:0], c.cuts[:0], c.spans[:0], false, c.buffer[:0], ""
	if cap(c.buffer) > 2*parcelBytes {
		c.buffer = nil
	}
}

// begin begins a batch.
func (c *parcel) begin(b *batch) *span {
	c.again = c.again || b.again
	c.spans = append(c.spans, span{at: b.at.Number, next: b.next.Number, docs: len(c.cuts)})
	s := &c.spans[len(c.spans)-1]
	if b.lost {
		s.lost = b.weight()
	}
	return s
}

// addEvent adds an event's document, unless another record made it lately.
func (c *parcel) addEvent(ev *ecs.Event, made *seen) {
	s := &c.spans[len(c.spans)-1]
	start := len(c.buffer)
	c.buffer = ev.AppendID(c.buffer)
	middle := len(c.buffer)
	by := maker{s.at, s.records}
	s.records++
	if !made.first(c.buffer[start:middle], by) {
		c.buffer = c.buffer[:start]
		s.duplicate++
		return
	}
	s.delivered++
	c.buffer = ev.AppendJSON(c.buffer)
	if ev.Whole { // it names its namespace itself
		c.add("logs-"+strings.Clone(ev.Dataset)+"-"+ev.Namespace, start, middle)
		return
	}
	c.add(c.stream(ev.Dataset, ev.Namespace), start, middle)
}

// addDead adds the letter about a text that is no record.
func (c *parcel) addDead(d *parsers.Dead, namespace string, received time.Time) {
	if namespace == "" {
		namespace = "default"
	}
	if len(c.spans) > 0 {
		s := &c.spans[len(c.spans)-1]
		s.dead++
		s.records++
	}
	start := len(c.buffer)
	c.buffer = d.AppendID(c.buffer)
	middle := len(c.buffer)
	c.buffer = d.AppendJSON(c.buffer, namespace, received)
	c.deadStream = c.stream(parsers.DeadDataset, namespace)
	c.add(c.deadStream, start, middle)
}

// add notes the document whose id and body stand in the buffer from start and middle on.
func (c *parcel) add(stream string, start, middle int) {
	c.cuts = append(c.cuts, cut{stream, start, middle, len(c.buffer)})
	if len(c.spans) > 0 {
		c.spans[len(c.spans)-1].docs = len(c.cuts)
	}
}

// documents are views of the buffer, which does not grow any more.
func (c *parcel) documents() []ecs.Doc {
	for _, at := range c.cuts[len(c.docs):] {
		id := c.buffer[at.start:at.middle]
		c.docs = append(c.docs, ecs.Doc{
			Stream: at.stream,
			ID:     unsafe.String(unsafe.SliceData(id), len(id)),
			Body:   c.buffer[at.middle:at.end:at.end],
		})
	}
	return c.docs
}

// refused notes that a record's document will never be taken.
func (c *parcel) refused(index int) {
	i, _ := slices.BinarySearchFunc(c.spans, index, func(s span, index int) int { return s.docs - index - 1 })
	for i < len(c.spans) && c.spans[i].docs <= index {
		i++
	}
	c.spans[i].delivered--
	c.spans[i].dead++
}

// stream is the data stream of a dataset. A parcel's pipeline has one namespace.
func (c *parcel) stream(dataset, namespace string) string {
	name, known := c.streams[dataset]
	if !known {
		name = "logs-" + dataset + "-" + namespace
		c.streams[dataset] = name
	}
	return name
}
