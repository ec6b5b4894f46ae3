package hosttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/record"
)

// The same record arrives whether tail read it as a line, Fluent Bit parsed it to a map, or OpenTelemetry wrapped it as
// text or as a map, with marks around its group.
func TestFluentBitShapes(t *testing.T) {
	http, otlp := freePort(t), freePort(t)
	f := newFluentBit(t, "fluent-bit.yaml", libraries(t).faulty, "  inputs:\n", fmt.Sprintf(`  inputs:
    - {name: http, tag: audit, listen: 127.0.0.1, port: %s}
    - {name: opentelemetry, tag: audit, tag_from_uri: off, listen: 127.0.0.1, port: %s}
`, http, otlp))
	line := strings.Replace(vendorLines(t)[3], `,"data":null`, "", 1) // OpenTelemetry has no null
	f.write("logs/a.log", line+"\n")
	f.start()
	f.arrived(1)
	f.post("http://127.0.0.1:"+http+"/", line)
	f.arrived(2)
	quoted, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	f.post("http://127.0.0.1:"+otlp+"/v1/logs", otlpRequest(`{"stringValue":`+string(quoted)+`}`))
	f.arrived(3)
	f.post("http://127.0.0.1:"+otlp+"/v1/logs", otlpRequest(otlpValue(t, line)))
	got := f.arrived(4)
	f.stop(20 * time.Second)
	for i, text := range got {
		if canonical(t, text) != canonical(t, line) {
			t.Errorf("record %d: got %s, want %s", i, text, line)
		}
	}
	if len(got) != 4 {
		t.Errorf("got %d records, want 4", len(got))
	}
}

// post sends JSON as soon as Fluent Bit listens.
func (f *fluentBit) post(url, body string) {
	f.t.Helper()
	f.eventually("post to "+url, func() bool {
		answer, err := http.Post(url, "application/json", strings.NewReader(body))
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		if answer.StatusCode >= 300 {
			f.signal(syscall.SIGTERM)
			f.t.Fatalf("post to %s: got %s", url, answer.Status)
		}
		return true
	})
}

func otlpRequest(body string) string {
	return `{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"vault"}}]},` +
		`"scopeLogs":[{"logRecords":[{"timeUnixNano":"1772439245000000000","severityText":"INFO","body":` + body + `}]}]}]}`
}

// otlpValue writes a JSON text in the way of OpenTelemetry.
func otlpValue(t *testing.T, text string) string {
	t.Helper()
	var r record.Record
	if err := r.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return otlpOf(r.Root())
}

func otlpOf(v record.Value) string {
	switch v.Kind() {
	case record.Object:
		var members []string
		for m := v.First(); m.Exists(); m = m.NextIn(v) {
			members = append(members, `{"key":"`+string(m.RawKey())+`","value":`+otlpOf(m)+`}`)
		}
		return `{"kvlistValue":{"values":[` + strings.Join(members, ",") + `]}}`
	case record.Array:
		var elements []string
		for m := v.First(); m.Exists(); m = m.NextIn(v) {
			elements = append(elements, otlpOf(m))
		}
		return `{"arrayValue":{"values":[` + strings.Join(elements, ",") + `]}}`
	case record.String:
		return `{"stringValue":` + string(v.Raw()) + `}`
	}
	return `{}`
}

func canonical(t *testing.T, text string) string {
	t.Helper()
	var r record.Record
	if err := r.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return string(record.AppendCanonical(nil, r.Root()))
}
