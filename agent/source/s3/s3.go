// Package s3 is the input that reads objects of Amazon S3, such as CloudTrail's files, which a queue of Amazon SQS announces. A message is
// deleted from the queue when the records of all its objects are safe.
package s3

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/idwatch/idwatch/agent/source"
)

// Settings says which queue to ask, which objects it may announce, and where records go.
type Settings struct {
	QueueURL        string
	Region          string // that of the environment when empty
	Endpoint        string // of both services, where they are not Amazon's own
	CredentialsFile string // as the command line of AWS writes it; the environment's or the machine's role when empty
	Profile         string // section of the file
	Buckets         []string
	Visibility      time.Duration // how long a message belongs to who received it; kept up while it is in work
	MaxReceives     int           // after which what cannot be read becomes a dead letter
	Parallel        int           // messages in work, in tens
	Taker           source.Taker
	Split           source.Split
	Log             *slog.Logger
}

// Reader is the input.
type Reader struct {
	Settings
	objects *s3.Client
	queue   *sqs.Client
	put     source.Put
	pause   time.Duration // after a failure
	trouble trouble
	inWork  inWork

	records, bytes, errors atomic.Int64
}

const (
	// receiveWait is how long the queue waits for a message, the most it does.
	receiveWait = 20 * time.Second
	// receiveMost is how many messages come at once, the most there can be.
	receiveMost = 10
	firstPause  = time.Second
	longPause   = time.Minute
)

// Open finds the credentials. It makes no request.
func Open(ctx context.Context, s Settings) (*Reader, error) {
	options := []func(*awsconfig.LoadOptions) error{}
	if s.Region != "" {
		options = append(options, awsconfig.WithRegion(s.Region))
	}
	if s.CredentialsFile != "" {
		file, err := openCredentials(s.CredentialsFile, s.Profile)
		if err != nil {
			return nil, err
		}
		options = append(options, awsconfig.WithCredentialsProvider(file))
	}
	config, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("AWS: %w", err)
	}
	if config.Region == "" {
		return nil, fmt.Errorf("AWS: no region is named, here or in the environment")
	}
	if s.Endpoint != "" {
		config.BaseEndpoint = aws.String(s.Endpoint)
	}
	r := &Reader{Settings: s, put: source.Patient(s.Taker, s.Log), pause: firstPause, trouble: trouble{log: s.Log}}
	r.objects = s3.NewFromConfig(config, func(o *s3.Options) {
		o.UsePathStyle = s.Endpoint != ""
		o.DisableLogOutputChecksumValidationSkipped = true
	})
	r.queue = sqs.NewFromConfig(config)
	return r, nil
}

// Stats returns the input's counters. It may be called at any time.
func (r *Reader) Stats() source.Stats {
	open, since := r.inWork.describe()
	return source.Stats{Files: open, Waiting: int64(open), Since: since, Records: r.records.Load(), Bytes: r.bytes.Load(), Errors: r.errors.Load()}
}

// Run takes messages until ctx ends. What is in work then comes again.
func (r *Reader) Run(ctx context.Context) error {
	var workers sync.WaitGroup
	for range r.Parallel {
		workers.Go(func() { r.work(ctx) })
	}
	workers.Wait()
	return nil
}

// work receives messages and works on those of one answer at the same time.
func (r *Reader) work(ctx context.Context) {
	for pause := r.pause; ctx.Err() == nil; {
		answer, err := r.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(r.QueueURL), MaxNumberOfMessages: receiveMost, WaitTimeSeconds: int32(receiveWait.Seconds()),
			VisibilityTimeout: int32(r.Visibility.Seconds()),
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{
				types.MessageSystemAttributeNameApproximateReceiveCount, types.MessageSystemAttributeNameSentTimestamp,
			},
		})
		if err != nil {
			r.fault(ctx, "messages not received", err)
			source.Wait(ctx, pause)
			pause = min(2*pause, longPause)
			continue
		}
		pause = r.pause
		r.trouble.over("messages not received")
		var messages sync.WaitGroup
		for i := range answer.Messages {
			messages.Go(func() { r.take(ctx, &answer.Messages[i]) })
		}
		messages.Wait()
	}
}

// fault counts and logs what went wrong, once until it is over.
func (r *Reader) fault(ctx context.Context, what string, err error, keys ...any) {
	if ctx.Err() != nil {
		return
	}
	r.errors.Add(1)
	r.trouble.begin(what, append([]any{"err", reason(err)}, keys...)...)
}

// trouble logs the first of many failures, and their number when they are over.
type trouble struct {
	log *slog.Logger

	mu     sync.Mutex
	counts map[string]int
}

func (t *trouble) begin(what string, keys ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[string]int{}
	}
	if t.counts[what]++; t.counts[what] == 1 {
		t.log.Error("s3: "+what, keys...)
	}
}

func (t *trouble) over(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.counts[what]; n > 0 {
		t.log.Info("s3: works again", "after", what, "failures", n)
		delete(t.counts, what)
	}
}
