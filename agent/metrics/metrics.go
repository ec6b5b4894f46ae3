// Package metrics shows a process's status to Prometheus. Nothing is counted here: each scrape reads a status, so that metrics,
// console and command line cannot disagree.
package metrics

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/idwatch/idwatch/agent/status"
)

const scrapesAtATime = 4

// Handler answers scrapes. now is asked once for each.
func Handler(now func() *status.Status, log *slog.Logger) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewBuildInfoCollector(),
		collector{now},
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError), MaxRequestsInFlight: scrapesAtATime, EnableOpenMetrics: true,
	})
}

// collector makes metrics of a status.
type collector struct{ now func() *status.Status }

// Describe implements prometheus.Collector.
func (c collector) Describe(to chan<- *prometheus.Desc) {
	for i := range list {
		to <- list[i].describe()
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(to chan<- prometheus.Metric) {
	s := c.now()
	for i := range list {
		m := &list[i]
		kind := prometheus.GaugeValue
		if m.counter() {
			kind = prometheus.CounterValue
		}
		desc := m.describe()
		m.read(s, func(value float64, labels ...string) {
			one, err := prometheus.NewConstMetric(desc, kind, value, labels...)
			if err != nil {
				one = prometheus.NewInvalidMetric(desc, err)
			}
			to <- one
		})
	}
}

// seconds is a time as metrics have it. One that never was gives no metric.
func seconds(at time.Time, add add, labels ...string) {
	if !at.IsZero() {
		add(float64(at.UnixMilli())/1000, labels...)
	}
}

// Described is a metric in the documentation.
type Described struct {
	Name, Type, Help string
	Labels           []string
}

// Describe lists the metrics that are ours.
func Describe() []Described {
	var all []Described
	for i := range list {
		m := &list[i]
		kind := "gauge"
		if m.counter() {
			kind = "counter"
		}
		all = append(all, Described{m.name, kind, m.help, m.labels})
	}
	return all
}
