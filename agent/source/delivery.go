package source

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// Put hands a batch of records over, as Taker.Put does.
type Put func(ctx context.Context, records [][]byte, safe func()) error

// Patient returns a Put that tries again and again until the batch is taken or ctx ends, for inputs that fetch records themselves.
func Patient(taker Taker, log *slog.Logger) Put {
	return func(ctx context.Context, records [][]byte, safe func()) error {
		return handOver(ctx, taker, log, records, safe)
	}
}

// Delivery hands over the records of one message of a counterpart, in batches, and tells when all of them are safe, so that the
// message can be acknowledged. One that is given up half-way does no harm: the records that were taken are known again by their ids.
type Delivery struct {
	put     Put
	records [][]byte
	block   []byte // where the records of the batch lie
	count   int
	open    atomic.Int64 // batches that are not safe yet, and one more until End
	safe    chan struct{}
}

// NewDelivery begins the delivery of a message.
func NewDelivery(put Put) *Delivery {
	d := &Delivery{put: put, safe: make(chan struct{})}
	d.open.Store(1)
	return d
}

// Add copies a record.
func (d *Delivery) Add(ctx context.Context, record []byte) error {
	if len(d.block)+len(record) > batchBytes || len(d.records) >= batchRecords {
		if err := d.flush(ctx); err != nil {
			return err
		}
	}
	at := len(d.block)
	d.block = append(d.block, record...)
	d.records = append(d.records, d.block[at:len(d.block):len(d.block)])
	d.count++
	return nil
}

// Records is how many records were added.
func (d *Delivery) Records() int { return d.count }

// End hands over what is left. The channel it returns is closed when all records are safe.
func (d *Delivery) End(ctx context.Context) (<-chan struct{}, error) {
	if err := d.flush(ctx); err != nil {
		return nil, err
	}
	d.done()
	return d.safe, nil
}

func (d *Delivery) flush(ctx context.Context) error {
	if len(d.records) == 0 {
		return nil
	}
	d.open.Add(1)
	if err := d.put(ctx, d.records, d.done); err != nil {
		return err
	}
	d.records, d.block = nil, nil
	return nil
}

func (d *Delivery) done() {
	if d.open.Add(-1) == 0 {
		close(d.safe)
	}
}
