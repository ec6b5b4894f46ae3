// Package kafka is the input that reads topics of Kafka, and of Azure Event Hubs, which speak Kafka's protocol. It takes part in a group of
// consumers, and commits an offset when all records in front of it are safe.
package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/idwatch/idwatch/agent/secret"
	"github.com/idwatch/idwatch/agent/source"
)

// Settings says what to read, how to show who reads, and where records go.
type Settings struct {
	Brokers      []string // host and port
	Topics       []string
	Group        string
	FromEnd      bool // begin with what comes from now on, where the group has no offset yet
	TLS          bool
	CAFile       string
	Username     string // "" shows nothing
	PasswordFile string
	Session      time.Duration // after which a member that is not heard of loses its partitions; the client's default when 0
	Taker        source.Taker
	Log          *slog.Logger
}

// Reader is the input.
type Reader struct {
	Settings
	client   *kgo.Client
	password *secret.File[secret.Text] // nil without
	put      source.Put
	offsets  *offsets
	faults   *faults

	records, bytes atomic.Int64
}

const (
	commitEvery = time.Second
	// One answer of a broker has no more than fetchMost bytes, unless a single record is larger; answerMost is what is refused even then.
	fetchMost     = 16 << 20
	partitionMost = 2 << 20
	answerMost    = 64 << 20
	// pollMost is how many records are handed over at once.
	pollMost  = 4096
	closeWait = 5 * time.Second
	pause     = time.Second
)

// Open reads the credentials. It makes no connection.
func Open(s Settings) (*Reader, error) {
	r := &Reader{Settings: s, put: source.Patient(s.Taker, s.Log), faults: &faults{log: s.Log}}
	options := []kgo.Opt{
		kgo.SeedBrokers(s.Brokers...), kgo.ConsumeTopics(s.Topics...), kgo.ConsumerGroup(s.Group), kgo.ClientID("idwatch"),
		kgo.AutoCommitMarks(), kgo.AutoCommitInterval(commitEvery), kgo.OnPartitionsRevoked(r.revoked), kgo.OnPartitionsLost(r.lost),
		kgo.FetchMaxBytes(fetchMost), kgo.FetchMaxPartitionBytes(partitionMost), kgo.BrokerMaxReadBytes(answerMost),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.AutoCommitCallback(r.committed), kgo.WithHooks(r.faults),
	}
	start := kgo.NewOffset().AtStart()
	if s.FromEnd {
		start = kgo.NewOffset().AtEnd()
	}
	options = append(options, kgo.ConsumeResetOffset(start))
	if s.Session > 0 {
		options = append(options, kgo.SessionTimeout(s.Session), kgo.HeartbeatInterval(s.Session/5))
	}
	if s.Username != "" {
		r.password = &secret.File[secret.Text]{Key: "password_file", Path: s.PasswordFile, Parse: parsePassword}
		if err := r.password.Open(); err != nil {
			return nil, err
		}
		options = append(options, kgo.SASL(plain.Plain(r.credentials)))
	}
	if s.TLS {
		dial, err := dialer(s.CAFile, s.Log)
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.Dialer(dial))
	}
	var err error
	if r.client, err = kgo.NewClient(options...); err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	r.offsets = newOffsets(func(last *kgo.Record) { r.client.MarkCommitRecords(last) })
	return r, nil
}

// Stats returns the input's counters. It may be called at any time.
func (r *Reader) Stats() source.Stats {
	waiting, since := r.offsets.behind()
	return source.Stats{Records: r.records.Load(), Bytes: r.bytes.Load(), Errors: r.faults.count.Load(), Waiting: waiting, Since: since}
}

// Run reads until ctx ends. Offsets of what is safe by then are committed; what is not comes again.
func (r *Reader) Run(ctx context.Context) error {
	defer r.close()
	for ctx.Err() == nil {
		fetches := r.client.PollRecords(ctx, pollMost)
		if fetches.IsClientClosed() {
			return errors.New("kafka: client is closed")
		}
		r.trouble(ctx, fetches)
		var failed error
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			if failed == nil {
				failed = r.take(ctx, p)
			}
		})
		if failed != nil && ctx.Err() == nil {
			return failed // not before ctx ends: a Put that is patient gives up for no other reason
		}
	}
	return nil
}

// take hands over what a partition has. Records without a value say that a key is to be forgotten, which is nothing to read.
func (r *Reader) take(ctx context.Context, p kgo.FetchTopicPartition) error {
	if len(p.Records) == 0 {
		return nil
	}
	last := p.Records[len(p.Records)-1]
	texts := make([][]byte, 0, len(p.Records))
	for _, record := range p.Records {
		if len(record.Value) > 0 {
			texts = append(texts, record.Value)
			r.bytes.Add(int64(len(record.Value)))
		}
	}
	r.offsets.high(last, p.HighWatermark)
	safe := r.offsets.begin(p.Records[0], last)
	if len(texts) == 0 {
		safe()
		return nil
	}
	r.records.Add(int64(len(texts)))
	return r.put(ctx, texts, safe)
}

// trouble waits a moment when there is nothing but errors, which the client has tried to get over by itself.
func (r *Reader) trouble(ctx context.Context, fetches kgo.Fetches) {
	failed := false
	fetches.EachError(func(_ string, _ int32, err error) {
		failed = true
		r.faults.begin(ctx, err)
	})
	switch {
	case fetches.NumRecords() > 0:
		r.faults.over()
	case failed:
		source.Wait(ctx, pause)
	}
}

// committed logs offsets that could not be committed; they are with the next ones.
func (r *Reader) committed(_ *kgo.Client, _ *kmsgCommit, _ *kmsgCommitted, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		r.faults.count.Add(1)
		r.Log.Warn("kafka: offsets not committed", "err", err)
	}
}

// revoked gives partitions to another member of the group, with the offsets of what is safe.
func (r *Reader) revoked(ctx context.Context, client *kgo.Client, partitions map[string][]int32) {
	if err := client.CommitMarkedOffsets(ctx); err != nil && ctx.Err() == nil {
		r.Log.Warn("kafka: offsets not committed", "err", err)
	}
	r.offsets.forget(partitions)
}

// lost is for partitions that another member has already.
func (r *Reader) lost(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
	r.offsets.forget(partitions)
}

func (r *Reader) close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	_ = r.client.CommitMarkedOffsets(ctx)
	r.client.CloseAllowingRebalance()
}
