package config

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Size is a number of bytes, written 4096, 256MiB or 4GiB.
type Size int64

// units of a size, the largest power of two first, as String wants them.
var units = []struct {
	name  string
	bytes Size
}{
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1},
}

// String returns the shortest exact form.
func (s Size) String() string {
	for _, u := range units[:4] {
		if s != 0 && s%u.bytes == 0 {
			return strconv.FormatInt(int64(s/u.bytes), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// parseSize reads whole numbers with a unit or, for bytes, without.
func parseSize(text string) (Size, bool) {
	unit := Size(1)
	for _, u := range units {
		if number, ok := strings.CutSuffix(text, u.name); ok {
			text, unit = strings.TrimSpace(number), u.bytes
			break
		}
	}
	n, ok := digits(text)
	if !ok || n > math.MaxInt64/int64(unit) {
		return 0, false
	}
	return Size(n) * unit, true
}

// maxDays keeps a duration in days within an int64 of nanoseconds.
const maxDays = 36500

// ParseDuration reads what time.ParseDuration reads, with whole days in front and never below zero: 7d, 1d12h.
func ParseDuration(text string) (time.Duration, bool) {
	days, rest, ok := strings.Cut(text, "d")
	if !ok {
		return parseHours(text)
	}
	n, ok := digits(days)
	if !ok || n > maxDays {
		return 0, false
	}
	whole := time.Duration(n) * 24 * time.Hour
	if rest == "" {
		return whole, true
	}
	part, ok := parseHours(rest)
	return whole + part, ok && part < maxDays*24*time.Hour
}

func parseHours(text string) (time.Duration, bool) {
	if text == "" || text[0] == '+' || text[0] == '-' {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	return d, err == nil
}

// digits reads a number without sign, underscore or fraction.
func digits(text string) (int64, bool) {
	n, err := strconv.ParseUint(text, 10, 63)
	return int64(n), err == nil
}

// Rounded is a number of bytes for a person, with one digit behind the point.
func Rounded(n int64) string {
	for _, u := range units[:4] {
		if n >= int64(u.bytes) {
			return strconv.FormatFloat(float64(n)/float64(u.bytes), 'f', 1, 64) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + "B"
}
