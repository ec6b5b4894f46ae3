package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/idwatch/idwatch/agent/source/kafka/kafkatest"
	"github.com/idwatch/idwatch/agent/source/sourcetest"
	"github.com/idwatch/idwatch/agent/waittest"
)

// count is how many different records came, and how many of them again.
func count(to *sourcetest.Taker) (different, repeated int) {
	all := to.Records()
	different = len(slices.Compact(slices.Sorted(slices.Values(all))))
	return different, len(all) - different
}

// rig is a topic and what reads it.
type rig struct {
	t      *testing.T
	broker *kafkatest.Broker
	topic  string
	log    waittest.Log
}

func (r *rig) run(to *sourcetest.Taker, change func(s *Settings)) (stop func()) {
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

// untilCame waits for so many different records.
func (r *rig) untilCame(what string, to *sourcetest.Taker, n int) {
	r.t.Helper()
	waittest.Until(r.t, what, func() bool { different, _ := count(to); return different == n }, r.log.String)
}

func TestIntegrationBroker(t *testing.T) {
	broker := kafkatest.Start(t)
	t.Run("commits what is safe", func(t *testing.T) {
		r := &rig{t: t, broker: broker, topic: "safe"}
		r.produce(0, 100)
		held, to := &sourcetest.Taker{}, &sourcetest.Taker{}
		held.Hold(true)
		stop := r.run(held, nil)
		r.untilCame("all records", held, 100)
		stop()
		stop = r.run(to, nil)
		r.untilCame("all records again, none of which was safe", to, 100)
		stop()
		r.produce(100, 150)
		r.run(to, nil)
		r.untilCame("the new records", to, 150)
		if _, repeated := count(to); repeated > 0 {
			t.Errorf("%d records that were safe came again", repeated)
		}
	})
	t.Run("two share a topic", func(t *testing.T) {
		r := &rig{t: t, broker: broker, topic: "shared"}
		group := func(s *Settings) { s.Group = "shared" }
		to := &sourcetest.Taker{}
		r.produce(0, 300)
		r.run(to, group)
		r.untilCame("the first records", to, 300)
		stop := r.run(to, group)
		r.produce(300, 600)
		r.untilCame("records of both", to, 600)
		stop()
		r.produce(600, 900)
		r.untilCame("records of the one that is left", to, 900)
	})
	t.Run("wrong password", func(t *testing.T) {
		r := &rig{t: t, broker: broker, topic: "safe"}
		r.run(&sourcetest.Taker{}, func(s *Settings) { s.Username = "geheim" })
		waittest.Until(t, "an error", func() bool { return strings.Contains(r.log.String(), "kafka: no records") })
		if text := r.log.String(); strings.Contains(text, "SharedAccessKey") {
			t.Errorf("log: got %s", text)
		}
	})
}
