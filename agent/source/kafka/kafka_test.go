package kafka

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/idwatch/idwatch/agent/source/kafka/kafkatest"
)

// taker counts what it gets.
type taker struct {
	mu   sync.Mutex
	seen map[string]int
	hold bool
}

// Put implements source.Taker.
func (t *taker) Put(_ context.Context, records [][]byte, safe func()) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range records {
		t.seen[string(r)]++
	}
	if !t.hold {
		safe()
	}
	return nil
}

func (t *taker) count() (different, repeated int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range t.seen {
		repeated += n - 1
	}
	return len(t.seen), repeated
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// rig is a topic and what reads it.
type rig struct {
	t      *testing.T
	broker *kafkatest.Broker
	topic  string
	log    lockedBuffer
}

func (r *rig) run(to *taker, change func(s *Settings)) (stop func()) {
	r.t.Helper()
	password := filepath.Join(r.t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(kafkatest.Password+"\n"), 0o600); err != nil {
		r.t.Fatal(err)
	}
	s := Settings{
		Brokers: []string{r.broker.Secure}, Topics: []string{r.topic}, Group: "idwatch", TLS: true, CAFile: r.broker.CAFile,
		Username: "$ConnectionString", PasswordFile: password, Taker: to, Log: slog.New(slog.NewTextHandler(&r.log, nil)),
	}
	if change != nil {
		change(&s)
	}
	reader, err := Open(s)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(r.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- reader.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Errorf("Run: %v", err)
		}
	})
	r.t.Cleanup(stop)
	return stop
}

// produce writes numbered records from one number up to another.
func (r *rig) produce(from, to int) {
	r.t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(r.broker.Plain), kgo.DefaultProduceTopic(r.topic), kgo.AllowAutoTopicCreation())
	if err != nil {
		r.t.Fatal(err)
	}
	defer client.Close()
	var records []*kgo.Record
	for i := from; i < to; i++ {
		records = append(records, &kgo.Record{Key: fmt.Append(nil, i), Value: fmt.Appendf(nil, `{"n":%d}`, i)})
	}
	records = append(records, &kgo.Record{Key: []byte("no value")})
	if err := client.ProduceSync(r.t.Context(), records...).FirstErr(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) until(what string, holds func() bool) {
	r.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			r.t.Fatalf("waited in vain for %s; log: %s", what, r.log.String())
		}
	}
}

func TestIntegrationBroker(t *testing.T) {
	broker := kafkatest.Start(t)
	t.Run("commits what is safe", func(t *testing.T) {
		r := &rig{t: t, broker: broker, topic: "safe"}
		r.produce(0, 100)
		held, to := &taker{seen: map[string]int{}, hold: true}, &taker{seen: map[string]int{}}
		stop := r.run(held, nil)
		r.until("all records", func() bool { n, _ := held.count(); return n == 100 })
		stop()
		stop = r.run(to, nil)
		r.until("all records again, none of which was safe", func() bool { n, _ := to.count(); return n == 100 })
		stop()
		r.produce(100, 150)
		r.run(to, nil)
		r.until("the new records", func() bool { n, _ := to.count(); return n == 150 })
		if _, repeated := to.count(); repeated > 0 {
			t.Errorf("%d records that were safe came again", repeated)
		}
	})
	t.Run("two share a topic", func(t *testing.T) {
		r := &rig{t: t, broker: broker, topic: "shared"}
		group := func(s *Settings) { s.Group = "shared" }
		to := &taker{seen: map[string]int{}}
		r.produce(0, 300)
		r.run(to, group)
		r.until("the first records", func() bool { n, _ := to.count(); return n == 300 })
		stop := r.run(to, group)
		r.produce(300, 600)
		r.until("records of both", func() bool { n, _ := to.count(); return n == 600 })
		stop()
		r.produce(600, 900)
		r.until("records of the one that is left", func() bool { n, _ := to.count(); return n == 900 })
	})
	t.Run("wrong password", func(t *testing.T) {
		r := &rig{t: t, broker: broker, topic: "safe"}
		r.run(&taker{seen: map[string]int{}}, func(s *Settings) { s.Username = "geheim" })
		r.until("an error", func() bool { return strings.Contains(r.log.String(), "kafka: no records") })
		if text := r.log.String(); strings.Contains(text, "SharedAccessKey") {
			t.Errorf("log: got %s", text)
		}
	})
}
