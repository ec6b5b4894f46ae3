package entra

import (
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// parseTime reads a time in any of the five shapes that diagnostic settings have written over the years.
func parseTime(text string) (time.Time, bool) {
	var t time.Time
	ok := false
	if strings.IndexByte(text, '/') < 0 {
		t, ok = ecs.ParseTime(text)
	}
	if layout := layoutOf(text); !ok && layout != "" {
		parsed, err := time.Parse(layout, text)
		t, ok = parsed.UTC(), err == nil
	}
	return t, ok && t.Year() >= 1 && t.Year() <= 9999
}

// layoutOf is how a time that is not ISO 8601 may be written: month before day, twelve or twenty-four hours, with an
// offset or without, or ISO 8601 but for an hour of one digit.
func layoutOf(text string) string {
	switch {
	case len(text) < 16 || len(text) > 40:
		return ""
	case strings.IndexByte(text, '/') < 0:
		return "2006-01-02T15:04:05.000Z07:00"
	case strings.HasSuffix(text, "M"):
		return "1/2/2006 3:04:05 PM"
	case strings.Contains(text, "M "):
		return "1/2/2006 3:04:05 PM Z07:00"
	}
	return "1/2/2006 15:04:05"
}

// firstTime is the first of some values that is a time.
func firstTime(values ...record.Value) (time.Time, bool) {
	for _, v := range values {
		if v.Kind() == record.String {
			if t, ok := parseTime(v.Str()); ok {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// date writes a time as it came where Elasticsearch reads it, else in UTC; what is no time is left out.
func (k *walk) date(name string, v record.Value) {
	text := v.Scalar()
	t, ok := parseTime(text)
	switch {
	case v.Vacant():
	case !ok:
		k.Cleaned = true
	case isStrict(text):
		k.Raw(name, v.Raw())
	default:
		k.Time(name, t)
	}
}

// utcDate writes a time in UTC with milliseconds; what is no time is left out.
func (k *walk) utcDate(name string, v record.Value) {
	if t, ok := parseTime(v.Str()); ok {
		k.Time(name, t)
	} else if !v.Vacant() {
		k.Cleaned = true
	}
}

// isStrict reports whether a time has the one shape that Elasticsearch's date fields take: two digits everywhere and a
// dot before the fraction. time.Parse is more generous.
func isStrict(text string) bool {
	if len(text) < 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':' {
		return false
	}
	rest := text[19:]
	if rest[0] == '.' {
		digits := 1
		for digits < len(rest) && rest[digits]-'0' < 10 {
			digits++
		}
		rest = rest[digits:]
	}
	return rest == "Z" || len(rest) == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':'
}

// duration reads milliseconds, a number or digits, as nanoseconds.
func duration(v record.Value) (nanos int64, ok bool) {
	const million = 1e6
	millis, whole := v.Int()
	if v.Kind() == record.String {
		millis, whole = wholeNumber(v.Str())
	}
	if whole {
		nanos = millis * million
		return nanos, nanos/million == millis
	}
	f, ok := v.Float()
	return int64(f * million), ok && f > -9e12 && f < 9e12
}
