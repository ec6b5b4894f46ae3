package cloudtrail

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/parsers/record"
)

func FuzzParse(f *testing.F) {
	cases, _ := filepath.Glob(filepath.Join(testdata, "*.log"))
	for _, name := range cases {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			f.Add(line)
		}
	}
	var r record.Record
	f.Fuzz(func(t *testing.T, text []byte) {
		if r.Parse(text) != nil {
			return
		}
		ev := event(&r, text)
		if err := Parse(ev); err != nil {
			quotesNothing(t, r.Root(), err.Error())
			return
		}
		for _, problem := range ev.Errors {
			quotesNothing(t, r.Root(), problem)
		}
		if id := string(ev.AppendID(nil)); id == "" || strings.Trim(id, "0123456789ABCDEFGHIJKLMNOPQRSTUV") != "" {
			t.Fatalf("got id %q, want letters and digits", id)
		}
		if year := ev.Time.Year(); year < 0 || year > 9999 {
			t.Fatalf("got year %d, want four digits", year)
		}
		body := ev.AppendJSON(nil)
		if bytes.ContainsAny(body, "\n\r") || !json.Valid(body) {
			t.Fatalf("got %q, want JSON on one line", body)
		}
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		noRepeats(t, d)
		if _, err := d.Token(); err != io.EOF {
			t.Fatalf("got %v, want the end", err)
		}
	})
}

// noRepeats reads one value and fails on an object that has a name twice.
func noRepeats(t *testing.T, d *json.Decoder) {
	t.Helper()
	token, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	if token != json.Delim('{') && token != json.Delim('[') {
		return
	}
	names := map[any]bool{}
	for d.More() {
		if token == json.Delim('{') {
			name, _ := d.Token()
			if names[name] {
				t.Fatalf("member %v is there twice", name)
			}
			names[name] = true
		}
		noRepeats(t, d)
	}
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
}

// quotesNothing fails when a message has a text of the record in it.
func quotesNothing(t *testing.T, v record.Value, message string) {
	t.Helper()
	if s := v.Str(); len(s) > 12 && strings.Contains(message, s) {
		t.Fatalf("message %q quotes the record", message)
	}
	for m := v.First(); m.Found(); m = m.NextIn(v) {
		quotesNothing(t, m, message)
	}
}
