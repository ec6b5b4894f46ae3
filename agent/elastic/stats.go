package elastic

import "sync/atomic"

// Stats counts what a Sender did since it was opened.
type Stats struct {
	Delivered  int64 // documents that were created, and Duplicates
	Duplicates int64 // documents that were there already
	Refused    int64 // documents that will never be taken
	Retried    int64 // times that a document was put off to be sent again
	Requests   int64 // requests made
	Failed     int64 // requests that got no proper answer
	Bytes      int64 // bytes of bodies sent, compressed where they are
}

type counters struct {
	delivered, duplicates, refused, retried, requests, failed, bytes atomic.Int64
}

// Stats returns the sender's counters.
func (s *Sender) Stats() Stats {
	c := &s.counters
	return Stats{
		Delivered:  c.delivered.Load(),
		Duplicates: c.duplicates.Load(),
		Refused:    c.refused.Load(),
		Retried:    c.retried.Load(),
		Requests:   c.requests.Load(),
		Failed:     c.failed.Load(),
		Bytes:      c.bytes.Load(),
	}
}
