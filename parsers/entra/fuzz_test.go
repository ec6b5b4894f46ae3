package entra

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// FuzzParse: whatever a record holds, its document is one that Elasticsearch takes: names are unique and not empty, and
// the members whose fields have a type fit it.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("../../testdata/entra/*.log")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			f.Add(bytes.TrimSpace(line))
		}
	}
	var r, again record.Record
	var ev ecs.Event
	f.Fuzz(func(t *testing.T, text []byte) {
		if r.Parse(text) != nil {
			return
		}
		ev.Reset()
		ev.Record, ev.Original, ev.Namespace = &r, text, "default"
		if Parse(&ev) != nil {
			return
		}
		if year := ev.Time.Year(); year < 1 || year > 9999 {
			t.Fatalf("event time %v", ev.Time)
		}
		body := ev.AppendJSON(nil)
		if err := again.Parse(body); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		if again.Mended() && !bytes.Contains(body, []byte(`"original":`)) {
			t.Fatalf("equal names, too deep or bad text in %s", body)
		}
		checkNames(t, again.Root(), "")
		checkTypes(t, again.Root())
	})
}

// loose are the parts of a document whose names are no fields.
var loose = []string{
	".event.original", ".azure.signinlogs.properties.authentication_processing_details", ".azure.identityprotection.properties.additional_info",
}

func checkNames(t *testing.T, v record.Value, path string) {
	for _, part := range loose {
		if path == part {
			return
		}
	}
	for m := v.First(); m.Kind() != record.Absent; m = m.NextIn(v) {
		name := m.Key()
		if v.Kind() == record.Object && (strings.TrimSpace(name) == "" || strings.ContainsAny(name, ".\x00") || len(name) > maxName) {
			t.Fatalf("name %q in %q", name, path)
		}
		checkNames(t, m, path+"."+name)
	}
}

func checkTypes(t *testing.T, root record.Value) {
	properties := root.Path("azure", "signinlogs", "properties")
	for name, fits := range map[string]func(record.Value) bool{
		"created_at":               isDate,
		"autonomous_system_number": isNumber,
		"processing_time_ms":       isNumber,
		"is_interactive":           isBoolean,
		"status":                   isObject,
		"device_detail":            isObject,
	} {
		if v := properties.Get(name); v.Kind() != record.Absent && !fits(v) {
			t.Fatalf("%s is %s", name, v.Raw())
		}
	}
	for _, v := range []record.Value{root.Path("source", "ip"), root.Path("azure", "signinlogs", "caller_ip_address")} {
		if text := v.Str(); text != "" {
			if _, err := netip.ParseAddr(text); err != nil {
				t.Fatalf("address %q", text)
			}
		}
	}
}

func isDate(v record.Value) bool   { return isStrict(v.Str()) }
func isObject(v record.Value) bool { return v.Kind() == record.Object }
func isNumber(v record.Value) bool {
	return v.Kind() == record.Number || strings.Trim(v.Str(), "0123456789+-.eE") == ""
}
func isBoolean(v record.Value) bool {
	return v.Scalar() == "true" || v.Scalar() == "false"
}
