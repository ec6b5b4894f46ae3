package metrics

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/idwatch/idwatch/agent/status"
)

// add takes a value with the values of the labels.
type add func(value float64, labels ...string)

// metric is one metric of ours. A name that ends with _total is a counter's, as Prometheus has it.
type metric struct {
	name, help string
	labels     []string
	read       func(s *status.Status, add add)
}

func (m *metric) counter() bool { return strings.HasSuffix(m.name, "_total") }

func (m *metric) describe() *prometheus.Desc {
	return prometheus.NewDesc(m.name, m.help, m.labels, nil)
}

// one is a metric without labels.
func one(name, help string, value func(s *status.Status) float64) metric {
	return metric{name, help, nil, func(s *status.Status, add add) { add(value(s)) }}
}

func count[N int | int64](n N) float64 { return float64(n) }

var list = []metric{
	one("idwatch_healthy", "1 when nothing is wrong, else 0.", func(s *status.Status) float64 {
		if s.Healthy {
			return 1
		}
		return 0
	}),
	{"idwatch_problem", "1 for each problem that keeps the process from being healthy.", []string{"problem", "what"},
		func(s *status.Status, add add) {
			seen := map[[2]string]bool{}
			for _, p := range s.Problems {
				if at := [2]string{p.ID, p.What}; !seen[at] {
					seen[at] = true
					add(1, p.ID, p.What)
				}
			}
		}},
	{"idwatch_start_timestamp_seconds", "When the pipeline was started.", nil, func(s *status.Status, add add) { seconds(s.Started, add) }},

	one("idwatch_records_in_total", "Records accepted; the sum of the five that follow.", func(s *status.Status) float64 { return count(s.Records.In) }),
	one("idwatch_records_delivered_total", "Records that the output has.", func(s *status.Status) float64 { return count(s.Records.Delivered) }),
	one("idwatch_records_duplicate_total", "Records of an id that was seen before sending.", func(s *status.Status) float64 { return count(s.Records.Duplicate) }),
	one("idwatch_records_dead_total", "Records in the dead letters: unreadable, or refused by the output.", func(s *status.Status) float64 { return count(s.Records.Dead) }),
	one("idwatch_records_spooled", "Records not answered by the output yet.", func(s *status.Status) float64 { return count(s.Records.Spooled) }),
	one("idwatch_records_lost_total", "Records lost to damage found on disk.", func(s *status.Status) float64 { return count(s.Records.Lost) }),

	one("idwatch_alerts_total", "Alerts published, revisions included.", func(s *status.Status) float64 { return count(s.Alerts.Alerts) }),
	one("idwatch_signals_total", "Signals published (findings below the threshold), revisions included.", func(s *status.Status) float64 { return count(s.Alerts.Signals) }),

	one("idwatch_deadletter_entries", "Dead letters on disk.", func(s *status.Status) float64 { return count(s.DeadLetters.Entries) }),
	one("idwatch_deadletter_bytes", "Bytes of dead letters on disk.", func(s *status.Status) float64 { return count(s.DeadLetters.Bytes) }),
	one("idwatch_deadletter_max_bytes", "Bytes that dead letters may take on disk.", func(s *status.Status) float64 { return count(s.DeadLetters.MaxBytes) }),
	one("idwatch_deadletter_refused_total", "Dead letters not kept on disk because there was no room.", func(s *status.Status) float64 { return count(s.DeadLetters.Refused) }),
}
