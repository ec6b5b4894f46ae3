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
	one("idwatch_healthy", "1 when nothing is wrong, else 0.", func(s *status.Status) float64 { return truth(s.Healthy) }),
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

	input("idwatch_input_records_total", "Texts that an input has handed over; an envelope of records is one.", func(in *status.Input) float64 { return count(in.Records) }),
	input("idwatch_input_bytes_total", "Bytes that an input has handed over.", func(in *status.Input) float64 { return count(in.Bytes) }),
	input("idwatch_input_lag_bytes", "Bytes that are there and not taken.", func(in *status.Input) float64 { return count(in.LagBytes) }),
	input("idwatch_input_waiting", "Records (kafka) or messages (s3) that are there and not safe yet.", func(in *status.Input) float64 { return count(in.Waiting) }),
	input("idwatch_input_lag_seconds", "How far an okta, s3 or kafka input is behind: the age of what it has not read to safety.", func(in *status.Input) float64 { return in.Lag }),
	{"idwatch_input_newest_event_timestamp_seconds", "The youngest event time of an input's records.", inputLabels, func(s *status.Status, add add) {
		for i := range s.Inputs {
			seconds(s.Inputs[i].NewestEvent, add, s.Inputs[i].Name, s.Inputs[i].Type)
		}
	}},
	{"idwatch_input_lacking_records", "Records in a row, of those looked at, without something that detections go by.", []string{"input", "type", "dataset", "field"},
		func(s *status.Status, add add) {
			for i := range s.Inputs {
				for _, l := range s.Inputs[i].Lacks {
					add(count(l.Records), s.Inputs[i].Name, s.Inputs[i].Type, l.Dataset, l.Field)
				}
			}
		}},
	input("idwatch_input_errors_total", "Files, requests or messages that could not be read.", func(in *status.Input) float64 { return count(in.Errors) }),
	input("idwatch_input_open", "Files or connections that are open.", func(in *status.Input) float64 { return count(in.Open) }),
	input("idwatch_input_failed", "1 when an input has ended with an error.", func(in *status.Input) float64 { return truth(in.State == status.Failed) }),

	source("idwatch_source_records_total", "Records of a dataset.", func(o *status.Source) float64 { return count(o.Records) }),
	{"idwatch_source_heard_timestamp_seconds", "When a dataset was last heard, by this machine's clock.", sourceLabels, func(s *status.Status, add add) {
		for i := range s.Sources {
			seconds(s.Sources[i].LastHeard, add, s.Sources[i].Dataset)
		}
	}},
	{"idwatch_source_newest_event_timestamp_seconds", "The youngest event time of a dataset.", sourceLabels, func(s *status.Status, add add) {
		for i := range s.Sources {
			seconds(s.Sources[i].NewestEvent, add, s.Sources[i].Dataset)
		}
	}},
	source("idwatch_source_usual_records_per_second", "How much a dataset usually sends, over about a day.", func(o *status.Source) float64 { return o.UsualRate }),
	source("idwatch_source_lag_seconds", "From event time to arrival, as of the last records.", func(o *status.Source) float64 { return o.Lag }),
	source("idwatch_source_silent", "1 when a dataset has been silent for longer than is usual for it.", func(o *status.Source) float64 { return truth(o.Silent) }),
	{"idwatch_source_lacking_records", "Records in a row without something that detections go by.", []string{"dataset", "field"}, func(s *status.Status, add add) {
		for i := range s.Sources {
			for _, l := range s.Sources[i].Lacks {
				add(count(l.Records), s.Sources[i].Dataset, l.Field)
			}
		}
	}},

	one("idwatch_spool_bytes", "Bytes that the spool takes on disk.", func(s *status.Status) float64 { return count(s.Spool.Bytes) }),
	one("idwatch_spool_max_bytes", "Bytes that the spool may take on disk.", func(s *status.Status) float64 { return count(s.Spool.MaxBytes) }),

	output("idwatch_output_documents_total", "Documents that an output has, alerts and dead letters included.", func(o *status.Output) float64 { return count(o.Delivered) }),
	output("idwatch_output_refused_total", "Documents that an output will never take.", func(o *status.Output) float64 { return count(o.Refused) }),
	output("idwatch_output_retried_total", "Times that a document was put off to be sent again.", func(o *status.Output) float64 { return count(o.Retried) }),
	output("idwatch_output_requests_total", "Requests made.", func(o *status.Output) float64 { return count(o.Requests) }),
	output("idwatch_output_failed_total", "Requests or writes without a proper answer.", func(o *status.Output) float64 { return count(o.Failed) }),
	output("idwatch_output_bytes_total", "Bytes sent or written, compressed where they are.", func(o *status.Output) float64 { return count(o.Bytes) }),
	output("idwatch_output_trouble", "1 while an output takes nothing.", func(o *status.Output) float64 { return truth(!o.TroubleSince.IsZero()) }),

	one("idwatch_deadletter_entries", "Dead letters on disk.", func(s *status.Status) float64 { return count(s.DeadLetters.Entries) }),
	one("idwatch_deadletter_bytes", "Bytes of dead letters on disk.", func(s *status.Status) float64 { return count(s.DeadLetters.Bytes) }),
	one("idwatch_deadletter_max_bytes", "Bytes that dead letters may take on disk.", func(s *status.Status) float64 { return count(s.DeadLetters.MaxBytes) }),
	one("idwatch_deadletter_refused_total", "Dead letters not kept on disk because there was no room.", func(s *status.Status) float64 { return count(s.DeadLetters.Refused) }),

	one("idwatch_cache_identities", "Identities that detections remember.", func(s *status.Status) float64 { return count(s.Cache.Identities) }),
	one("idwatch_cache_max_identities", "Identities that detections may remember.", func(s *status.Status) float64 { return count(s.Cache.MaxIdentities) }),
	one("idwatch_cache_bytes", "Bytes that this takes, estimated.", func(s *status.Status) float64 { return count(s.Cache.Bytes) }),
	one("idwatch_cache_max_bytes", "Bytes that this may take.", func(s *status.Status) float64 { return count(s.Cache.MaxBytes) }),
	one("idwatch_cache_forgotten_total", "Identities forgotten for want of room.", func(s *status.Status) float64 { return count(s.Cache.Forgotten) }),
	one("idwatch_cold_records", "Identities and credentials on disk that had to be forgotten.", func(s *status.Status) float64 { return count(s.Cold.Records) }),
	one("idwatch_cold_bytes", "Bytes that these take on disk.", func(s *status.Status) float64 { return count(s.Cold.Bytes) }),
	one("idwatch_cold_max_bytes", "Bytes that they may take on disk.", func(s *status.Status) float64 { return count(s.Cold.MaxBytes) }),
	one("idwatch_cold_hits_total", "Times that somebody forgotten was found there.", func(s *status.Status) float64 { return count(s.Cold.Hits) }),
	one("idwatch_cold_misses_total", "Times that nobody was: most names are new.", func(s *status.Status) float64 { return count(s.Cold.Misses) }),
	one("idwatch_cold_dropped_total", "Records there given up for want of room.", func(s *status.Status) float64 { return count(s.Cold.Dropped) }),
	one("idwatch_cold_failed_total", "Records there not written or not read.", func(s *status.Status) float64 { return count(s.Cold.Failed) }),
	one("idwatch_correlation_groups", "Open groups of users' correlations.", func(s *status.Status) float64 { return count(s.Correlations.Groups) }),
	one("idwatch_correlation_records", "Records in the windows of these groups.", func(s *status.Status) float64 { return count(s.Correlations.Records) }),
	one("idwatch_correlation_dropped_groups_total", "Open groups that had to make room: what they would have found is missed.", func(s *status.Status) float64 { return count(s.Correlations.DroppedGroups) }),
	one("idwatch_correlation_dropped_records_total", "Records that had to make room in a window.", func(s *status.Status) float64 { return count(s.Correlations.DroppedRecords) }),
	one("idwatch_correlation_ungrouped_records_total", "Records that lack what a correlation groups or counts by.", func(s *status.Status) float64 { return count(s.Correlations.Ungrouped) }),
	one("idwatch_detection_open_records", "Records that may still change their place in time.", func(s *status.Status) float64 { return count(s.Cache.Open) }),
	one("idwatch_detection_late_records_total", "Records that came after the lateness limit.", func(s *status.Status) float64 { return count(s.Cache.Late) }),
	one("idwatch_detection_settled_early_total", "Times that the lateness limit was cut short for want of room.", func(s *status.Status) float64 { return count(s.Cache.Early) }),
	one("idwatch_detections_off", "Detections that panicked and are switched off.", func(s *status.Status) float64 { return float64(len(s.DetectionsOff)) }),
	one("idwatch_escalation_waiting", "Alerts that wait for somebody to acknowledge them.", func(s *status.Status) float64 { return count(s.Escalation.Waiting) }),
	one("idwatch_escalation_failing", "1 while a target of escalation cannot be told.", func(s *status.Status) float64 { return truth(s.Escalation.Failing != "") }),
	{"idwatch_state_saved_timestamp_seconds", "When what detections remember was last saved.", nil, func(s *status.Status, add add) { seconds(s.State.Saved, add) }},
}

var (
	inputLabels  = []string{"input", "type"}
	sourceLabels = []string{"dataset"}
	outputLabels = []string{"output"}
)

// input is a metric with one value for each input.
func input(name, help string, value func(*status.Input) float64) metric {
	return metric{name, help, inputLabels, func(s *status.Status, add add) {
		for i := range s.Inputs {
			add(value(&s.Inputs[i]), s.Inputs[i].Name, s.Inputs[i].Type)
		}
	}}
}

// source is a metric with one value for each source.
func source(name, help string, value func(*status.Source) float64) metric {
	return metric{name, help, sourceLabels, func(s *status.Status, add add) {
		for i := range s.Sources {
			add(value(&s.Sources[i]), s.Sources[i].Dataset)
		}
	}}
}

// output is a metric with one value for each output.
func output(name, help string, value func(*status.Output) float64) metric {
	return metric{name, help, outputLabels, func(s *status.Status, add add) {
		for i := range s.Outputs {
			add(value(&s.Outputs[i]), s.Outputs[i].Name)
		}
	}}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
