package parsers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

func FuzzOkta(f *testing.F)       { fuzzSource(f, "okta") }
func FuzzVault(f *testing.F)      { fuzzSource(f, "vault") }
func FuzzEntra(f *testing.F)      { fuzzSource(f, "entra") }
func FuzzCloudTrail(f *testing.F) { fuzzSource(f, "cloudtrail") }
func FuzzECS(f *testing.F)        { fuzzSource(f, "ecs") }
func FuzzAuto(f *testing.F)       { fuzzSource(f, Auto) }

// fuzzSource feeds texts to a parser and holds what comes out against what every document must be.
func fuzzSource(f *testing.F, source string) {
	pattern := source
	if source == Auto {
		pattern = "*"
	}
	files, err := filepath.Glob("../testdata/" + pattern + "/*.log")
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
	p, err := New(Options{Source: source})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		o := oracle{t: t, text: text}
		p.Parse(text, &o)
		if o.count == 0 && len(bytes.Trim(text, " \t\r\n,[]")) > 0 && !json.Valid(text) {
			t.Fatalf("a text that is no JSON left no trace: %q", text)
		}
		var again oracle
		again.t, again.text = t, text
		p.Parse(text, &again)
		if o.ids.String() != again.ids.String() {
			t.Fatal("the same text gave other documents the second time")
		}
	})
}

// oracle is what every document must be, whatever the text.
type oracle struct {
	t     *testing.T
	text  []byte
	count int
	ids   strings.Builder
}

func (o *oracle) TakeEvent(ev *ecs.Event) {
	o.count++
	id, body := string(ev.AppendID(nil)), ev.AppendJSON(nil)
	o.document(id, body)
	if year := ev.Time.Year(); ev.Time.IsZero() || year < 0 || year > 9999 {
		o.t.Fatalf("event time %v", ev.Time)
	}
	if ev.Dataset == "" || ev.Kind == "" || ev.ECSVersion == "" {
		o.t.Fatalf("no dataset, kind or version in %s", body)
	}
	if !ecs.IsIP(ev.Source.IP) && ev.Source.IP != "" {
		o.t.Fatalf("source.ip %q is no address", ev.Source.IP)
	}
}

func (o *oracle) TakeDead(d *Dead) {
	o.count++
	o.document(string(d.AppendID(nil)), d.AppendJSON(nil, "default", received))
	reason := d.Reason.Error()
	var whole any
	if json.Unmarshal(d.Text, &whole) == nil {
		eachString(whole, func(value string) {
			if len(value) > 12 && strings.Contains(reason, value) {
				o.t.Fatalf("the reason %q quotes a value", reason)
			}
		})
	}
	if !bytes.Contains(o.text, d.Text) && !isCompressed(o.text) && !bytes.Contains(o.text, []byte("detail")) {
		o.t.Fatalf("dead letter %q is no part of the text", d.Text)
	}
}

// document checks what Elasticsearch would refuse.
func (o *oracle) document(id string, body []byte) {
	if len(id) == 0 || len(id) > 64 || strings.Trim(id, "0123456789ABCDEFGHIJKLMNOPQRSTUV") != "" {
		o.t.Fatalf("id %q", id)
	}
	if bytes.ContainsAny(body, "\n\r") || !utf8.Valid(body) {
		o.t.Fatalf("body has line breaks or is not UTF-8: %q", body)
	}
	if err := wellFormed(body); err != nil {
		o.t.Fatalf("%v in %s", err, body)
	}
	fmt.Fprintln(&o.ids, id, string(body))
}

// wellFormed reports whether a body is one JSON object without equal keys in any object, no deeper than Elasticsearch takes.
func wellFormed(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := value(d, 0); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("text follows the document: %v", err)
	}
	return nil
}

func value(d *json.Decoder, depth int) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	if depth > record.TextDepth+5 {
		return fmt.Errorf("depth %d", depth)
	}
	keys := map[string]bool{}
	for d.More() {
		if delim == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			if keys[key.(string)] {
				return fmt.Errorf("key %q twice", key)
			}
			keys[key.(string)] = true
		}
		if err := value(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

func eachString(v any, do func(string)) {
	switch v := v.(type) {
	case string:
		do(v)
	case []any:
		for _, m := range v {
			eachString(m, do)
		}
	case map[string]any:
		for _, m := range v {
			eachString(m, do)
		}
	}
}
