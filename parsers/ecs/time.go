package ecs

import (
	"strings"
	"time"
)

// AppendTime appends t in UTC as YYYY-MM-DDThh:mm:ss.sssZ. More digits are cut, not rounded.
func AppendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		year = 9999 // no vendor means such a year, and Elasticsearch takes four digits
	}
	hour, minute, second := t.Clock()
	dst = appendTwo(appendTwo(dst, year/100), year%100)
	dst = appendTwo(append(dst, '-'), int(month))
	dst = appendTwo(append(dst, '-'), day)
	dst = appendTwo(append(dst, 'T'), hour)
	dst = appendTwo(append(dst, ':'), minute)
	dst = appendTwo(append(dst, ':'), second)
	millis := t.Nanosecond() / 1e6
	dst = append(dst, '.', byte('0'+millis/100))
	return append(appendTwo(dst, millis%100), 'Z')
}

func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// ParseTime reads an ISO 8601 time: date, T, time, up to nine decimals, Z or an offset; without one it is UTC.
func ParseTime(text string) (time.Time, bool) {
	if t, ok := parseUTC(text); ok {
		return t, true
	}
	if !isStrict(text) {
		return time.Time{}, false
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			_, offset := t.Zone()
			t = t.UTC()
			return t, t.Year() >= 0 && t.Year() <= 9999 && max(offset, -offset) <= maxOffset
		}
	}
	return time.Time{}, false
}

var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00"}

const (
	maxOffset   = 18 * 60 * 60 // seconds; Java knows no other zones
	maxDecimals = 9
)

// isStrict reports whether a text has two digits for the hour, and a dot before its decimals, if any. time.Parse is more generous
// than Elasticsearch, which refuses a whole document for a date that it cannot read.
func isStrict(text string) bool {
	if len(text) < 16 || text[13] != ':' || strings.IndexByte(text, ',') >= 0 {
		return false
	}
	_, fraction, _ := strings.Cut(text, ".")
	return len(fraction)-len(strings.TrimLeft(fraction, "0123456789")) <= maxDecimals
}

// parseUTC is the fast way for YYYY-MM-DDThh:mm:ss[.fraction]Z, which nearly every record has.
func parseUTC(s string) (time.Time, bool) {
	if len(s) < 20 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[len(s)-1] != 'Z' {
		return time.Time{}, false
	}
	year, month, day := number(s[0:4]), number(s[5:7]), number(s[8:10])
	hour, minute, second := number(s[11:13]), number(s[14:16]), number(s[17:19])
	if year < 0 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return time.Time{}, false
	}
	nanos := 0
	if fraction := s[19 : len(s)-1]; fraction != "" {
		if fraction[0] != '.' || len(fraction) < 2 || len(fraction) > 10 {
			return time.Time{}, false
		}
		if nanos = number(fraction[1:]); nanos < 0 {
			return time.Time{}, false
		}
		for range 10 - len(fraction) {
			nanos *= 10
		}
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC)
	return t, t.Day() == day // 30 February would have become a day of March
}

// number reads decimal digits, -1 when there is anything else.
func number(s string) int {
	n := 0
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}
