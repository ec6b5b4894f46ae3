package metrics

import (
	"flag"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/idwatch/idwatch/agent/status"
)

var update = flag.Bool("update", false, "write docs/metrics.md again")

// full is a status in which every field has a value of its own.
func full() *status.Status {
	s := &status.Status{}
	n := int64(0)
	fill(reflect.ValueOf(s).Elem(), &n)
	return s
}

func fill(v reflect.Value, n *int64) {
	*n++
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(1_700_000_000+*n, 0)))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		one := reflect.New(v.Type().Elem()).Elem()
		fill(one, n)
		v.SetMapIndex(reflect.ValueOf(fmt.Sprint("key", *n)), one)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case v.Kind() == reflect.String:
		v.SetString(fmt.Sprint("text", *n))
	case v.CanInt():
		v.SetInt(*n)
	case v.CanFloat():
		v.SetFloat(float64(*n))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	}
}

func scrape(t *testing.T, s *status.Status) string {
	t.Helper()
	w := httptest.NewRecorder()
	Handler(func() *status.Status { return s }, slog.New(slog.NewTextHandler(t.Output(), nil))).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("scrape: got %d, %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestEveryMetricIsThere(t *testing.T) {
	text := scrape(t, full())
	for _, m := range append(Describe(), Described{Name: "go_goroutines"}, Described{Name: "process_open_fds"}, Described{Name: "go_build_info"}) {
		if !strings.Contains(text, "\n"+m.Name+" ") && !strings.Contains(text, "\n"+m.Name+"{") {
			t.Errorf("%s: not in the answer", m.Name)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "idwatch_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

func TestValues(t *testing.T) {
	s := &status.Status{Healthy: true, Records: status.Records{In: 15, Delivered: 1, Duplicate: 2, Dead: 3, Spooled: 4, Lost: 5}}
	text := scrape(t, s)
	for _, want := range []string{"idwatch_healthy 1", "idwatch_records_in_total 15", "idwatch_records_delivered_total 1", "idwatch_records_duplicate_total 2",
		"idwatch_records_dead_total 3", "idwatch_records_spooled 4", "idwatch_records_lost_total 5"} {
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("not in the answer: %s", want)
		}
	}
	s.Report(status.ListenerDown, "here", "text")
	s.Report(status.ListenerDown, "here", "said twice, which must not break the scrape")
	if text := scrape(t, s); !strings.Contains(text, `idwatch_problem{problem="listener_down",what="here"} 1`) || !strings.Contains(text, "idwatch_healthy 0") {
		t.Errorf("problem not in the answer")
	}
}

const page = "../../docs/metrics.md"

// The page is made from the code: go test ./agent/metrics -update writes it.
func TestDocumentation(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Metrics

Served at /metrics by the address of ` + "`console.listen`" + ` (127.0.0.1:8642; in the plugin off unless the file names it), in
Prometheus' text format and OpenMetrics. Beside these there are the usual metrics of Go (` + "`go_*`" + `) and of the process
(` + "`process_*`" + `). All of them are read from the status that ` + "`idwatch status --json`" + ` prints. With ` + "`console.token_file`" + ` the
scraper shows the token (` + "`authorization: {credentials_file: …}`" + ` in Prometheus' configuration).

| metric | type | labels | meaning |
|---|---|---|---|
`)
	for _, m := range Describe() {
		labels := "-"
		if len(m.Labels) > 0 {
			labels = "`" + strings.Join(m.Labels, "` `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.Name, m.Type, labels, m.Help)
	}
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != b.String() {
		t.Errorf("%s is not what the code says (%v): run go test ./agent/metrics -update", page, err)
	}
}
