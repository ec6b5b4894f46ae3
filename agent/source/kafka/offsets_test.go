package kafka

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What is marked never stands behind a batch that is not safe, in whatever order batches become so.
func TestOffsets(t *testing.T) {
	var marked []int64
	o := newOffsets(func(last *kgo.Record) { marked = append(marked, last.Offset) })
	record := func(offset int64) *kgo.Record {
		return &kgo.Record{Topic: "t", Offset: offset, Timestamp: time.Unix(offset, 0)}
	}
	first, second, third := o.begin(record(0), record(9)), o.begin(record(10), record(19)), o.begin(record(20), record(29))
	o.high(record(0), 100)
	if n, since := o.behind(); n != 100 || since.Unix() != 0 {
		t.Errorf("behind: got %d since %v, want all 100 since the first one's time", n, since.Unix())
	}
	second()
	if len(marked) != 0 {
		t.Errorf("marked %v while the first batch is not safe", marked)
	}
	first()
	if len(marked) != 1 || marked[0] != 19 {
		t.Errorf("marked %v, want 19", marked)
	}
	if n, since := o.behind(); n != 80 || since.Unix() != 19 {
		t.Errorf("behind: got %d since %v, want the 80 that are not safe, since the last safe one's time, 19", n, since.Unix())
	}
	o.forget(map[string][]int32{"t": {0}})
	third()
	again := o.begin(record(0), record(9))
	again()
	if len(marked) != 2 || marked[1] != 9 {
		t.Errorf("marked %v, want nothing of a partition that was given away, and 9 when it came back", marked)
	}
	o.high(record(0), 10)
	if n, since := o.behind(); n != 0 || !since.IsZero() {
		t.Errorf("behind: got %d since %v, want nothing", n, since)
	}
}
