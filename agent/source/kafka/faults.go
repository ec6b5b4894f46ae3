package kafka

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// faults tells of what goes wrong, once until it is over or something else does. The client itself tries again and says nothing.
type faults struct {
	log   *slog.Logger
	count atomic.Int64

	mu   sync.Mutex
	told string
}

func (f *faults) begin(ctx context.Context, err error) {
	if ctx.Err() != nil || errors.Is(err, context.Canceled) || errors.Is(err, kgo.ErrClientClosed) {
		return
	}
	f.count.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if text := err.Error(); text != f.told {
		f.told = text
		f.log.Error("kafka: no records", "err", err)
	}
}

func (f *faults) over() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.told != "" {
		f.told = ""
		f.log.Info("kafka: records again")
	}
}

// OnBrokerConnect implements kgo.HookBrokerConnect.
func (f *faults) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err != nil {
		f.begin(context.Background(), err)
	}
}

// OnGroupManageError implements kgo.HookGroupManageError.
func (f *faults) OnGroupManageError(err error) { f.begin(context.Background(), err) }
