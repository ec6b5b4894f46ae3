package okta

import (
	"reflect"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

func TestJavaMap(t *testing.T) {
	for text, want := range map[string][]pair{
		"{New City=NEGATIVE, New Device=POSITIVE}": {{"New City", "NEGATIVE"}, {"New Device", "POSITIVE"}},
		"{a=b}":           {{"a", "b"}},
		"a=b, c=d":        {{"a", "b"}, {"c", "d"}},
		"{a=, b=c}":       {{"a", ""}, {"b", "c"}},
		"{a=b=c}":         {{"a", "b=c"}},
		"{a={b=c}}":       {{"a", "{b=c}"}},
		"{a=1, b=2, a=3}": {{"a", "3"}, {"b", "2"}}, // as in a Java map: the first place, the last value
		"{a=b,c=d}":       {{"a", "b,c=d"}},
		"{=x}":            {{"", "x"}},
	} {
		if got, ok := javaMap(nil, text); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q, %v, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "{}", "{a}", "{a=b, c}", "{a=b, }", "LOW"} {
		if got, ok := javaMap(nil, text); ok {
			t.Errorf("%q: got %q, want no map", text, got)
		}
	}
}

// debugOf renders debug data and returns what stands below okta.debug_context.debug_data, and the errors.
func debugOf(t *testing.T, data string) (gjson.Result, *ecs.Event, *ecs.Writer) {
	t.Helper()
	r := &record.Record{}
	if err := r.Parse([]byte(data)); err != nil {
		t.Fatal(err)
	}
	ev, w := &ecs.Event{Record: r}, &ecs.Writer{}
	debug(ev, w, r.Root())
	text := "{" + strings.TrimSuffix(string(w.B), ",") + "}"
	if !gjson.Valid(text) {
		t.Fatalf("no JSON: %s", text)
	}
	return gjson.Get(text, "debug_context.debug_data"), ev, w
}

func TestRisk(t *testing.T) {
	for _, c := range []struct {
		name, text             string
		level, reasons, object string // object: kept whole, since it could not be taken apart
		flat                   string
		failed                 bool
	}{
		{"pairs", "{level=LOW, reasons=Anomalous Location}", "LOW", `["Anomalous Location"]`, "",
			`{"level":"LOW","reasons":"Anomalous Location"}`, false},
		{"level alone", "{level=HIGH}", "HIGH", "", "", `{"level":"HIGH"}`, false},
		{"reasons with commas", "{level=HIGH, reasons=Anomalous Device, Anomalous Location}", "HIGH,", `["Anomalous Device","Anomalous Location"]`,
			"{level=HIGH, reasons=Anomalous Device, Anomalous Location}", `{"level":"HIGH,","reasons":"Anomalous Device, Anomalous Location"}`, false},
		{"a key behind the reasons", "{reasons=New Device, New City, detectionName=x, level=MEDIUM}", "MEDIUM", `["New Device","New City"]`,
			"{reasons=New Device, New City, detectionName=x, level=MEDIUM}", `{"level":"MEDIUM","reasons":"New Device, New City"}`, false},
		{"neither level nor reasons", "{score=3, odd}", "", "", "{score=3, odd}", `"score=3, odd"`, false},
		{"no pairs", "LOW", "", "", "", `"LOW"`, true},
		{"empty map", "{}", "", "", "", `"{}"`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ev, _ := debugOf(t, `{"risk":"`+c.text+`"}`)
			if got.Get("risk_level").Str != c.level || got.Get("risk_reasons").Raw != c.reasons ||
				got.Get("flattened.risk_object").Str != c.object || got.Get("flattened.risk").Raw != c.flat {
				t.Errorf("got %s", got.Raw)
			}
			if (len(ev.Errors) > 0) != c.failed {
				t.Errorf("got errors %q, want some: %v", ev.Errors, c.failed)
			}
		})
	}
}

func TestBehaviors(t *testing.T) {
	got, ev, _ := debugOf(t, `{"behaviors":"{New Geo-Location=NEGATIVE, New Device=POSITIVE, New IP=POSITIVE}"}`)
	if got.Get("risk_behaviors").Raw != `["New Device","New IP"]` || got.Get("flattened.behaviors.New Geo-Location").Str != "NEGATIVE" || len(ev.Errors) != 0 {
		t.Errorf("got %s, errors %q", got.Raw, ev.Errors)
	}
	got, ev, _ = debugOf(t, `{"behaviors":"odd"}`)
	if got.Get("risk_behaviors").Exists() || got.Get("flattened.behaviors").Str != "odd" || len(ev.Errors) != 1 {
		t.Errorf("no map: got %s, errors %q", got.Raw, ev.Errors)
	}
}

// The risk of the security data goes before the other one; what is no JSON stays a text.
func TestLogOnlySecurityData(t *testing.T) {
	got, _, _ := debugOf(t, `{"logOnlySecurityData":"{\"risk\":{\"level\":\"HIGH\",\"reasons\":\"Anomalous Device,  New City\"},\"n\":1}","risk":"{level=LOW, reasons=none}"}`)
	if got.Get("risk_level").Str != "HIGH" || got.Get("risk_reasons").Raw != `["Anomalous Device","New City"]` ||
		got.Get("flattened.logOnlySecurityData.n").Int() != 1 || got.Get("flattened.risk.level").Str != "LOW" {
		t.Errorf("got %s", got.Raw)
	}
	got, _, _ = debugOf(t, `{"logOnlySecurityData":"{cut"}`)
	if got.Get("flattened.logOnlySecurityData").Str != "{cut" || got.Get("risk_level").Exists() {
		t.Errorf("no JSON: got %s", got.Raw)
	}
}

func TestDebugDataKept(t *testing.T) {
	got, _, w := debugOf(t, `{"requestId":"r1","dtHash":"d1","empty":"","null":null,"odd\"key":"x","risk_object":"forged","nested":{"a":null,"b":[]}}`)
	if got.Get("request_id").Str != "r1" || got.Get("dt_hash").Str != "d1" || got.Get(`flattened.odd"key`).Str != "x" {
		t.Errorf("got %s", got.Raw)
	}
	for _, gone := range []string{"flattened.empty", "flattened.null", "flattened.risk_object", "flattened.nested"} {
		if got.Get(gone).Exists() {
			t.Errorf("%s is there: %s", gone, got.Raw)
		}
	}
	if !w.Cleaned {
		t.Error("the member that has our own name was dropped without keeping the original")
	}
}
