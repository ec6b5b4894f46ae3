package entra

import (
	"testing"

	"github.com/idwatch/idwatch/parsers/record"
)

func TestParseTime(t *testing.T) {
	tests := map[string]string{
		"2026-09-01T08:15:02.4711839Z":       "2026-09-01T08:15:02.471Z",
		"2026-09-01T08:15:02":                "2026-09-01T08:15:02.000Z",
		"2026-09-01T10:15:02.5+02:00":        "2026-09-01T08:15:02.500Z",
		"1/9/2026 10:41:00 AM +01:00":        "2026-01-09T09:41:00.000Z",
		"1/9/2026 12:41:00 AM Z":             "2026-01-09T00:41:00.000Z",
		"12/12/2025 3:03:58 PM":              "2025-12-12T15:03:58.000Z",
		"01/09/2026 09:41:00":                "2026-01-09T09:41:00.000Z",
		"1/9/2026 9:41:00":                   "2026-01-09T09:41:00.000Z",
		"2026-09-09T8:48:50.361Z":            "2026-09-09T08:48:50.361Z",
		"":                                   "",
		"13/1/2026 9:41:00 AM":               "",
		"2026-02-30T08:15:02Z":               "",
		"0000-01-01T00:00:00Z":               "",
		"0001-01-01T00:00:00+01:00":          "",
		"9999-12-31T23:59:59-01:00":          "",
		"1/9/2026 10:41:00 AM +01:00 or so…": "",
	}
	for text, want := range tests {
		var k walk
		if parsed, ok := parseTime(text); ok {
			k.Time("", parsed)
		}
		if want != "" {
			want = `"":"` + want + `",`
		}
		if got := string(k.B); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// TestDate: a date field gets its time as it came only when Elasticsearch can read that.
func TestDate(t *testing.T) {
	tests := map[string]string{
		`"2026-09-01T08:15:02.4711839Z"`:      `"t":"2026-09-01T08:15:02.4711839Z",`,
		`"2026-09-01T08:15:02.4711839+00:00"`: `"t":"2026-09-01T08:15:02.4711839+00:00",`,
		`"2026-09-01T08:15:02,471Z"`:          `"t":"2026-09-01T08:15:02.471Z",`,
		`"2026-09-01T8:15:02.471Z"`:           `"t":"2026-09-01T08:15:02.471Z",`,
		`"9/1/2026 8:15:02 AM"`:               `"t":"2026-09-01T08:15:02.000Z",`,
		`"soon"`:                              ``,
		`""`:                                  ``,
		`{}`:                                  ``,
	}
	for text, want := range tests {
		var r record.Record
		if err := r.Parse([]byte(`{"t":` + text + `}`)); err != nil {
			t.Fatal(err)
		}
		var k walk
		k.date("t", r.Root().Get("t"))
		if got := string(k.B); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
		if k.Cleaned != (text == `"soon"`) {
			t.Errorf("%s: cleaned is %v", text, k.Cleaned)
		}
	}
}

func TestDuration(t *testing.T) {
	tests := map[string]int64{
		`0`: 0, `2148`: 2148e6, `1100725`: 1100725e6, `"1100725"`: 1100725e6, `1.5`: 1.5e6, `-3`: -3e6,
		`"1.5"`: -1, `""`: -1, `null`: -1, `9300000000000000`: -1, `1e300`: -1, `true`: -1,
	}
	for text, want := range tests {
		var r record.Record
		if err := r.Parse([]byte(`{"d":` + text + `}`)); err != nil {
			t.Fatal(err)
		}
		got, ok := duration(r.Root().Get("d"))
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
	}
}
