package inputtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/idwatch/idwatch/agent/source/kafka/kafkatest"
)

// TestKafka: every record of a topic is there once, though the agent and the broker are killed again and again. One record of Kafka has
// several of the vendor's, as Event Hubs send them.
func TestKafka(t *testing.T) {
	broker := kafkatest.Start(t)
	r := newRig(t, "- {type: kafka, brokers: '"+broker.Secure+"', topics: audit, ca_file: '"+broker.CAFile+
		"', username: $ConnectionString, password_file: DIR/password, session_timeout: 2s, source: okta}\n")
	r.write("password", kafkatest.Password)
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Plain), kgo.DefaultProduceTopic("audit"), kgo.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var records []*kgo.Record
	for i := 0; i < r.records; i += 10 {
		var lines []string
		for j := i; j < min(i+10, r.records); j++ {
			lines = append(lines, record(j))
		}
		records = append(records, &kgo.Record{Key: fmt.Append(nil, i), Value: []byte(`{"records":[` + strings.Join(lines, ",") + `]}`)})
	}
	half := len(records) / 2
	if err := client.ProduceSync(t.Context(), records[:half]...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.crash(func(n int) {
		if n == 2 {
			broker.Stop()
			broker.Up()
			if err := client.ProduceSync(t.Context(), records[half:]...).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	})
	r.exactlyOnce()
}
