package parsers

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// oktaWith is a record of Okta's with one member more, or another value for one that it has.
func oktaWith(member string) string {
	return `{"eventType":"user.session.start","published":"2026-09-01T08:15:30.123Z","uuid":"u-1",` + member + `}`
}

func nested(depth int) string {
	return strings.Repeat(`{"a":`, depth-1) + "{}" + strings.Repeat("}", depth-1)
}

// badInput is what can be wrong with one text, and the one line that says so.
var badInput = []struct{ name, source, text, reason string }{
	{"over the limit", Auto, oktaWith(`"x":"` + strings.Repeat("x", record.MaxBytes) + `"`), "record is larger than 1 MiB (at byte 1048576)"},
	{"over the limit, no JSON", Auto, strings.Repeat("x", record.MaxBytes+1), "record is larger than 1 MiB (at byte 1048576)"},
	{"too deep", Auto, nested(65), "record is nested deeper than 64 levels (at byte 320)"},
	{"not JSON", Auto, "Sep  1 08:15:30 host sshd: hello", "record is not a JSON object (at byte 0)"},
	{"cut", Auto, `{"eventType":"user.session.start","publi`, "record ends inside JSON (at byte 40)"},
	{"bad escape", Auto, `{"a":"\x"}`, "string holds an unknown escape (at byte 6)"},
	{"raw control character", Auto, "{\"a\":\"\x00\"}", "string holds a raw control character (at byte 6)"},
	{"bad number", Auto, `{"a":01}`, "number is not JSON (at byte 5)"},
	{"a number", Auto, `42`, "record is not a JSON object (at byte 0)"},
	{"invalid UTF-8 alone", Auto, "\xff\xfe\xfd", "record is not a JSON object (at byte 0)"},
	{"unknown source", Auto, `{"hello":"world"}`, "record has the shape of no known source"},
	{"empty object", Auto, `{}`, "record has the shape of no known source"},
	{"okta without a time", "okta", `{"eventType":"x","uuid":"u"}`, "okta.system: published: is missing"},
	{"okta with a bad time", "okta", `{"eventType":"x","uuid":"u","published":"geheim"}`, "okta.system: published: cannot be read"},
	{"okta with the time of nothing", "okta", `{"eventType":"x","uuid":"u","published":"0001-01-01T00:00:00Z"}`, "okta.system: @timestamp: cannot be read"},
	{"vault without a time", "vault", `{"type":"request","request":{"id":"r"}}`, "hashicorp_vault.audit: time: is missing"},
	{"vault with the time of nothing", Auto, `{"type":"request","time":"0001-01-01T00:00:00Z","request":{"id":"r"}}`, "hashicorp_vault.audit: @timestamp: cannot be read"},
	{"cloudtrail without a time", "cloudtrail", `{"eventVersion":"1.08","eventName":"x","eventSource":"y"}`, "aws.cloudtrail: eventTime: is missing"},
	{"entra with the time of nothing", Auto, `{"category":"SignInLogs","time":"0001-01-01T00:00:00Z","properties":{}}`, "azure.signinlogs: @timestamp: cannot be read"},
	{"gzip cut in its header", Auto, gzipped("x")[:9], "inflate stream: unexpected EOF"},
	{"gzip cut at its start", Auto, gzipped(oktaWith(`"a":1`))[:11], "inflate stream: unexpected EOF"},
	{"no gzip behind its magic", Auto, "\x1f\x8bgarbage and more", "inflate stream: gzip: invalid header"},
	{"no zstd behind its magic", Auto, "\x28\xb5\x2f\xfdgarbage", "inflate stream: "},
}

// TestBadInput: what cannot be read becomes exactly one dead letter, with all its bytes and one line that says why.
func TestBadInput(t *testing.T) {
	for _, c := range badInput {
		t.Run(c.name, func(t *testing.T) {
			events, dead := collect(t, c.source, c.text)
			if len(events) != 0 || len(dead) != 1 {
				t.Fatalf("got %d events and %d dead letters %q, want one dead letter", len(events), len(dead), dead)
			}
			if !strings.Contains(dead[0].reason, c.reason) || strings.ContainsAny(dead[0].reason, "\r\n") || len(dead[0].reason) > 120 {
				t.Errorf("got reason %q, want one line with %q", dead[0].reason, c.reason)
			}
			if dead[0].text != c.text {
				t.Errorf("got %d bytes, want all %d", len(dead[0].text), len(c.text))
			}
			if !gjson.Valid(dead[0].body) || gjson.Get(dead[0].body, "event.kind").Str != "pipeline_error" {
				t.Errorf("got the document %.200s", dead[0].body)
			}
		})
	}
}

// What is broken in part gives one dead letter for that part; what can be read around it is read.
func TestPartlyBadInput(t *testing.T) {
	good := oktaWith(`"a":1`)
	for _, c := range []struct{ name, text, part, reason string }{
		{"text behind a record", good + " x", "x", "record is not a JSON object (at byte 0)"},
		{"cut array", "[" + good + `,{"eventType":`, `{"eventType":`, "record ends inside JSON (at byte 13)"},
		{"odd element", `{"Records":[7,` + good + "]}", "7", "record is not a JSON object (at byte 0)"},
		{"line between", good + "\nSep 1 sshd\n", "Sep 1 sshd", "record is not a JSON object (at byte 0)"},
		{"deep element", `{"records":[` + nested(65) + "," + good + "]}", nested(65), "record is nested deeper than 64 levels (at byte 320)"},
		{"gzip without its end", gzipped(good)[:len(gzipped(good))-4], gzipped(good)[:len(gzipped(good))-4], "inflate stream: unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			events, dead := collect(t, Auto, c.text)
			if len(events) != 1 || len(dead) != 1 {
				t.Fatalf("got %d events and dead letters %q, want one of each", len(events), dead)
			}
			if dead[0].text != c.part || dead[0].reason != c.reason {
				t.Errorf("got %q for %q, want %q for %q", dead[0].reason, dead[0].text, c.reason, c.part)
			}
		})
	}
}

// letter is what becomes of a dead letter.
type letter struct{ reason, text, body string }

// collector is a Taker that keeps all.
type collector struct {
	events []string
	dead   []letter
}

func (c *collector) TakeEvent(ev *ecs.Event) { c.events = append(c.events, string(ev.AppendJSON(nil))) }

func (c *collector) TakeDead(d *Dead) {
	c.dead = append(c.dead, letter{d.Reason.Error(), string(d.Text), string(d.AppendJSON(nil, "default", received))})
}

func collect(t *testing.T, source, text string) (events []string, dead []letter) {
	t.Helper()
	p, err := New(Options{Source: source})
	if err != nil {
		t.Fatal(err)
	}
	var c collector
	p.Parse([]byte(text), &c)
	return c.events, c.dead
}

// TestMendedInput: what JSON allows and Elasticsearch refuses is mended; the document keeps the record as it came.
func TestMendedInput(t *testing.T) {
	for _, c := range []struct{ name, text, path, want string }{
		{"equal keys", oktaWith(`"displayMessage":"a","displayMessage":"b"`), "okta.display_message", "b"},
		{"equal keys, one escaped", oktaWith(`"displayMessage":"a","display\u004dessage":"b"`), "okta.display_message", "b"},
		{"invalid UTF-8", oktaWith("\"displayMessage\":\"a\xffb\""), "okta.display_message", "a\ufffdb"},
		{"half a surrogate pair", oktaWith(`"displayMessage":"a\ud800b"`), "okta.display_message", "a\ufffdb"},
		{"wrong type for an address", oktaWith(`"client":{"ipAddress":["192.0.2.1"]}`), "event.id", "u-1"},
		{"wrong type for an object", oktaWith(`"actor":"bob","client":7,"outcome":[],"target":"x","debugContext":{"debugData":"y"}`), "event.id", "u-1"},
		{"64 levels", oktaWith(`"debugContext":{"debugData":{"x":` + nested(61) + `}}`), "event.id", "u-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			events, dead := collect(t, Auto, c.text)
			if len(events) != 1 || len(dead) != 0 {
				t.Fatalf("got %d events and dead letters %v, want one event", len(events), dead)
			}
			if got := gjson.Get(events[0], c.path).String(); got != c.want {
				t.Errorf("%s: got %q, want %q in %s", c.path, got, c.want, events[0])
			}
			if err := wellFormed([]byte(events[0])); err != nil {
				t.Errorf("%v in %s", err, events[0])
			}
		})
	}
}

// What came before damage in a compressed stream is taken; the whole of it goes to the dead letters too.
func TestDamagedStream(t *testing.T) {
	var text strings.Builder
	for n := range 3000 {
		fmt.Fprintf(&text, `{"eventType":"x","published":"2026-09-01T08:15:30.123Z","uuid":"%d%d"}`+"\n", n*n*7919, n)
	}
	whole := gzipped(text.String())
	events, dead := collect(t, Auto, whole[:len(whole)/2])
	if len(events) < 500 || len(dead) == 0 || len(dead) > 2 || dead[len(dead)-1].text != whole[:len(whole)/2] {
		t.Errorf("got %d events and %d dead letters", len(events), len(dead))
	}
}

// A bomb is stopped while it inflates: what it gives up to the limit is all that is looked at.
func TestBombThroughSplit(t *testing.T) {
	const limit = 4 << 20
	bomb := gzipped(`{"a":"` + strings.Repeat("x", 16*limit))
	var taken int
	s := splitter{emit: func(text []byte, _ int64) error { taken += len(text); return nil }}
	if err := s.read(strings.NewReader(bomb), limit); err != ErrBomb {
		t.Errorf("got %v, want %v", err, ErrBomb)
	}
	if taken > limit {
		t.Errorf("got %d bytes of records from a stream of at most %d", taken, limit)
	}
}

// repeated gives a pattern over and over, up to left bytes.
type repeated struct {
	pattern string
	at      int
	left    int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && n < r.left {
		m := copy(p[n:min(len(p), r.left)], r.pattern[r.at:])
		n, r.at = n+m, (r.at+m)%len(r.pattern)
	}
	r.left -= n
	return n, nil
}

// TestHostileStreamsNeedLittleMemory: streams whose shape would make a naive reader keep all of it, or look at all of it again for
// each record.
func TestHostileStreamsNeedLittleMemory(t *testing.T) {
	const size, allowed = 64 << 20, 96 << 20
	for name, stream := range map[string]io.Reader{
		"array of empty objects": io.MultiReader(strings.NewReader("["), &repeated{pattern: "{},", left: size}),
		"envelope of numbers":    io.MultiReader(strings.NewReader(`{"Records":[`), &repeated{pattern: "1,", left: size / 4}),
		"brackets":               &repeated{pattern: "[", left: size / 4},
		"braces":                 &repeated{pattern: `{"a":`, left: size},
		"one text":               io.MultiReader(strings.NewReader(`{"a":"`), &repeated{pattern: "x", left: size}),
		"empty lines":            &repeated{pattern: "\n", left: size / 4},
	} {
		t.Run(name, func(t *testing.T) {
			peak := peakOf(t, allowed, func() {
				Split(stream, func([]byte, int64) error { return nil })
			})
			if peak > allowed {
				t.Errorf("took %d MiB of memory, want at most %d", peak>>20, allowed>>20)
			}
		})
	}
}

// peakOf runs do under a memory limit, at which the collector works all the time, and returns what had to be taken
// from the system beyond what was there.
func peakOf(t *testing.T, limit int64, do func()) int64 {
	t.Helper()
	var before, after runtime.MemStats
	debug.FreeOSMemory()
	runtime.ReadMemStats(&before)
	inUse := int64(before.Sys - before.HeapReleased)
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(inUse + limit))
	do()
	runtime.ReadMemStats(&after)
	return int64(after.Sys-after.HeapReleased) - inUse
}

// One text of 1 MiB of empty objects, parsed and not only split, gives a dead letter for each and keeps none.
func TestManyEmptyObjects(t *testing.T) {
	p, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var count counter
	p.Parse([]byte("["+strings.Repeat("{},", 100_000)+"{}]"), &count)
	if count.dead != 100_001 || count.events != 0 {
		t.Errorf("got %d dead letters, %d events", count.dead, count.events)
	}
	if !bytes.Equal(count.last, []byte("{}")) {
		t.Errorf("got the last one %q", count.last)
	}
}

type counter struct {
	events, dead int
	last         []byte
}

func (c *counter) TakeEvent(*ecs.Event) { c.events++ }

func (c *counter) TakeDead(d *Dead) { c.dead, c.last = c.dead+1, append(c.last[:0], d.Text...) }
