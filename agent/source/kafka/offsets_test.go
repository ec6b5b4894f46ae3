package kafka

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What is marked never stands behind a batch that is not safe, in whatever order batches become so.
func TestOffsets(t *testing.T) {
	var marked []int64
	o := newOffsets(func(last *kgo.Record) { marked = append(marked, last.Offset) })
	record := func(offset int64) *kgo.Record { return &kgo.Record{Topic: "t", Offset: offset} }
	first, second, third := o.begin(record(9)), o.begin(record(19)), o.begin(record(29))
	second()
	if len(marked) != 0 {
		t.Errorf("marked %v while the first batch is not safe", marked)
	}
	first()
	if len(marked) != 1 || marked[0] != 19 {
		t.Errorf("marked %v, want 19", marked)
	}
	o.high(record(0), 100)
	if got := o.behind(); got != 70 {
		t.Errorf("behind: got %d, want 70", got)
	}
	o.forget(map[string][]int32{"t": {0}})
	third()
	again := o.begin(record(9))
	again()
	if len(marked) != 2 || marked[1] != 9 {
		t.Errorf("marked %v, want nothing of a partition that was given away, and 9 when it came back", marked)
	}
}
