package pipeline

import (
	"strings"
	"time"
	"unsafe"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// parcelBytes is how large a parcel grows before it is sent: Elasticsearch likes requests of 5 to 10 MB.
const parcelBytes = 5 << 20

// parcel is what is sent at once: documents in one buffer, and whom to tell.
type parcel struct {
	docs       []ecs.Doc
	records    int // documents that stand for records, which is all of them but for letters about refused ones
	safe       []func()
	buffer     []byte
	streams    map[string]string // data stream by dataset
	deadStream string
}

func newParcel() *parcel {
	return &parcel{streams: map[string]string{}}
}

func (c *parcel) full() bool { return len(c.buffer) >= parcelBytes }

// reset empties the parcel and keeps its memory, unless a giant has blown it up.
func (c *parcel) reset() {
	clear(c.docs)
	clear(c.safe)
	c.docs, c.safe, c.records, c.buffer, c.deadStream = c.docs[:0], c.safe[:0], 0, c.buffer[:0], ""
	if cap(c.buffer) > 4*parcelBytes {
		c.buffer = nil
	}
}

func (c *parcel) addEvent(ev *ecs.Event) {
	start := len(c.buffer)
	c.buffer = ev.AppendID(c.buffer)
	middle := len(c.buffer)
	c.buffer = ev.AppendJSON(c.buffer)
	if ev.Whole { // it names its namespace itself
		c.add("logs-"+strings.Clone(ev.Dataset)+"-"+ev.Namespace, start, middle)
		return
	}
	c.add(c.stream(ev.Dataset, ev.Namespace), start, middle)
}

func (c *parcel) addDead(d *parsers.Dead, namespace string, received time.Time) {
	if namespace == "" {
		namespace = "default"
	}
	start := len(c.buffer)
	c.buffer = d.AppendID(c.buffer)
	middle := len(c.buffer)
	c.buffer = d.AppendJSON(c.buffer, namespace, received)
	c.deadStream = c.stream(parsers.DeadDataset, namespace)
	c.add(c.deadStream, start, middle)
}

// add notes the document whose id and body stand in the buffer from start and middle on. When the buffer grows later, the
// views stay with the memory that they were made of.
func (c *parcel) add(stream string, start, middle int) {
	id := c.buffer[start:middle]
	c.docs = append(c.docs, ecs.Doc{
		Stream: stream,
		ID:     unsafe.String(unsafe.SliceData(id), len(id)),
		Body:   c.buffer[middle:len(c.buffer):len(c.buffer)],
	})
	c.records++
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
