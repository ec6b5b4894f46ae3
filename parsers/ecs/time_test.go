package ecs

import (
	"testing"
	"time"
)

// TestParseTime: what is read is what time.Parse reads; what is refused is what Elasticsearch's date fields refuse too.
func TestParseTime(t *testing.T) {
	for _, text := range []string{
		"2026-09-01T08:15:30Z", "2026-09-01T08:15:30.1Z", "2026-09-01T08:15:30.123Z", "2026-09-01T08:15:30.123456789Z",
		"2026-09-01T10:15:30+02:00", "2026-09-01T10:15:30.5-11:30", "2026-09-01T08:15:30.000000001Z",
		"2024-02-29T23:59:59.999Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.9Z",
	} {
		want, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := ParseTime(text); !ok || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: got %v, %v, want %v", text, got, ok, want.UTC())
		}
	}
	for text, want := range map[string]string{
		"2026-09-01T08:15:30":       "2026-09-01T08:15:30Z", // without a zone it is UTC
		"2026-09-01T08:15:30.25":    "2026-09-01T08:15:30.25Z",
		"2026-09-01T10:15:30+0200":  "2026-09-01T08:15:30Z",
		"2026-09-01T08:15Z":         "2026-09-01T08:15:00Z",
		"2026-09-01T08:15:30+18:00": "2026-08-31T14:15:30Z",
	} {
		if got, ok := ParseTime(text); !ok || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: got %v, %v, want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"", "yesterday", "1756714530", "2026-09-01", "2026-09-01 08:15:30Z", "2026-09-01T08:15:30z", "2026-09-01t08:15:30Z", "T",
		"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-09-00T00:00:00Z", "2026-09-31T00:00:00Z",
		"2026-09-01T24:00:00Z", "2026-09-01T23:60:00Z", "2026-09-01T23:59:60Z", "2026-09-01T8:15:30Z", "2026-9-1T08:15:30Z",
		"2026-09-01T08:15:30.Z", "2026-09-01T08:15:30,5Z", "2026-09-01T08:15:30.1234567890Z", "2026-09-01T08:15:30.12a456Z", "2026-09-01T08:15:30.1234567890+02:00",
		"+2026-09-01T08:15:30Z", "-001-09-01T08:15:30Z", "12026-09-01T08:15:30Z", "2026-09-01T08:15:30ZZ", "2026-09-01T08:15:30+19:00",
		"0000-01-01T00:00:00+02:00", "9999-12-31T23:59:59-02:00", "２026-09-01T08:15:30Z", "2026-09-01T08:15:30+2:00",
	} {
		if got, ok := ParseTime(text); ok {
			t.Errorf("%q: got %v, want no time", text, got)
		}
	}
}

func TestAppendTime(t *testing.T) {
	zone := time.FixedZone("", 2*60*60)
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 9, 1, 8, 15, 30, 123_999_999, time.UTC), "2026-09-01T08:15:30.123Z"}, // cut, not rounded
		{time.Date(2026, 9, 1, 8, 5, 3, 7_000_000, time.UTC), "2026-09-01T08:05:03.007Z"},
		{time.Date(2026, 1, 1, 1, 0, 0, 0, zone), "2025-12-31T23:00:00.000Z"},
		{time.Date(1969, 12, 31, 23, 59, 59, 999_000_000, time.UTC), "1969-12-31T23:59:59.999Z"},
		{time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), "0000-01-01T00:00:00.000Z"},
		{time.Date(12026, 3, 4, 0, 0, 0, 0, time.UTC), "9999-03-04T00:00:00.000Z"},
	} {
		if got := string(AppendTime([]byte("at "), c.at)); got != "at "+c.want {
			t.Errorf("%v: got %s, want %s", c.at, got, c.want)
		}
	}
}

// FuzzParseTime: the fast way and time.Parse agree, and what was written is read again.
func FuzzParseTime(f *testing.F) {
	for _, text := range []string{"2026-09-01T08:15:30.123Z", "2026-09-01T08:15:30+02:00", "2026-02-30T00:00:00Z", "2026-09-01T8:15:30Z", "0000-01-01T00:00:00+02:00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := ParseTime(text)
		if !ok {
			return
		}
		if want, err := time.Parse(time.RFC3339Nano, text); err == nil && !want.Equal(got) {
			t.Errorf("%q: got %v, time.Parse reads %v", text, got, want)
		}
		written := string(AppendTime(nil, got))
		if again, ok := ParseTime(written); !ok || !again.Equal(got.Truncate(time.Millisecond)) {
			t.Errorf("%q: written as %s, read again as %v, %v", text, written, again, ok)
		}
	})
}
