package s3

import (
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// inWork is which messages are in work, and since when each is in the queue.
type inWork struct {
	mu   sync.Mutex
	sent map[*types.Message]time.Time
}

// begin enters a message. The function it returns takes it out.
func (w *inWork) begin(m *types.Message) (end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sent == nil {
		w.sent = map[*types.Message]time.Time{}
	}
	millis, _ := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64)
	w.sent[m] = time.UnixMilli(millis)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.sent, m)
	}
}

// describe tells how many messages there are, and when the oldest was sent.
func (w *inWork) describe() (n int, oldest time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, sent := range w.sent {
		if sent.UnixMilli() > 0 && (oldest.IsZero() || sent.Before(oldest)) {
			oldest = sent
		}
	}
	return len(w.sent), oldest
}
