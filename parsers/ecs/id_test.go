package ecs

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/record"
)

// eventOf makes an event of a record's text, without an id of the vendor's own.
func eventOf(t *testing.T, text string) *Event {
	t.Helper()
	r := &record.Record{}
	if err := r.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return &Event{Module: "okta", Time: time.Date(2026, 9, 1, 8, 15, 30, 123_456_789, time.UTC), Record: r, Original: []byte(text)}
}

func id(e *Event) string { return string(e.AppendID(nil)) }

func TestIDIsOfTheVendorsOwn(t *testing.T) {
	first := eventOf(t, `{"a":1}`)
	first.ID = "uuid-1"
	other := eventOf(t, `{"a":2}`)
	other.ID = "uuid-1"
	if id(first) != id(other) {
		t.Error("the same native id at the same time gave two ids: the rest of the record may not count")
	}
	if other.NativeID = "uuid-1/response"; id(first) == id(other) {
		t.Error("the native id did not go before event.id")
	}
	for what, change := range map[string]func(*Event){
		"tenant": func(e *Event) { e.Tenant = "t" },
		"module": func(e *Event) { e.Module = "aws" },
		"time":   func(e *Event) { e.Time = e.Time.Add(time.Millisecond) },
		"id":     func(e *Event) { e.ID = "uuid-2" },
	} {
		changed := *first
		if change(&changed); id(&changed) == id(first) {
			t.Errorf("another %s gave the same id", what)
		}
	}
	apart := *first
	if apart.Tenant, apart.ID = "tuuid", "-1"; id(&apart) == id(&Event{Module: "okta", Time: first.Time, Tenant: "t", ID: "uuid-1"}) {
		t.Error("tenant and id run into each other")
	}
}

// Without a native id the whole record counts, however it is written.
func TestIDOfTheWholeRecord(t *testing.T) {
	want := id(eventOf(t, `{"a":1,"b":{"c":"x","d":[1,2]}}`))
	for _, same := range []string{`{"a":1,"b":{"c":"x","d":[1,2]}}`, ` { "a" : 1,` + "\n" + `"b":{"\u0063":"\u0078","d":[1, 2]}}`} {
		if got := id(eventOf(t, same)); got != want {
			t.Errorf("%s: got %s, want %s", same, got, want)
		}
	}
	for _, other := range []string{`{"a":1,"b":{"c":"x","d":[2,1]}}`, `{"a":"1","b":{"c":"x","d":[1,2]}}`, `{"a":1,"b":{"c":"x"}}`} {
		if got := id(eventOf(t, other)); got == want {
			t.Errorf("%s: got the id of another record", other)
		}
	}
	bare := &Event{Module: "okta", Original: []byte("x")}
	if id(bare) == id(&Event{Module: "okta", Original: []byte("y")}) {
		t.Error("without a record the original does not count")
	}
}

func TestIDsSortByTime(t *testing.T) {
	var ids []string
	for _, at := range []string{"1971-01-01T00:00:00Z", "2026-09-01T08:15:30.122Z", "2026-09-01T08:15:30.123Z", "2026-09-01T08:15:31Z", "2027-01-01T00:00:00Z", "9999-12-31T23:59:59Z"} {
		when, ok := ParseTime(at)
		if !ok {
			t.Fatal(at)
		}
		ids = append(ids, id(&Event{Module: "okta", ID: "x" + at, Time: when}))
	}
	if !slices.IsSorted(ids) {
		t.Errorf("got %q, want them in the order of their times", ids)
	}
	for _, got := range ids {
		if len(got) != 32 || strings.Trim(got, "0123456789ABCDEFGHIJKLMNOPQRSTUV") != "" {
			t.Errorf("got %q, want 32 characters of base32", got)
		}
	}
	sameMilli := &Event{Module: "okta", ID: "y", Time: time.Date(2026, 9, 1, 8, 15, 30, 123_999_999, time.UTC)}
	if cut := (&Event{Module: "okta", ID: "y", Time: time.Date(2026, 9, 1, 8, 15, 30, 123_000_000, time.UTC)}); id(cut) != id(sameMilli) {
		t.Error("digits beyond milliseconds changed the id")
	}
}

func TestAppendIDKeepsWhatIsThere(t *testing.T) {
	e := &Event{Module: "okta", ID: "x"}
	if got := string(e.AppendID([]byte("before "))); got != "before "+id(e) {
		t.Errorf("got %q", got)
	}
}
