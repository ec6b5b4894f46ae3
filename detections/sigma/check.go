package sigma

import (
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/record"
)

// check holds one value of a record against a value of a rule. Null is never held against anything.
type check interface {
	holds(m *matcher, v *value) bool
}

// side is the text that a check compares with.
func (m *matcher) side(v *value, cased bool) string {
	if cased {
		return m.textOf(v)
	}
	return m.foldedOf(v)
}

// equalCheck wants a text, without regard to case unless cased.
type equalCheck struct {
	text  string
	cased bool
}

func (c *equalCheck) holds(m *matcher, v *value) bool { return m.side(v, c.cased) == c.text }

// setCheck wants one of many texts, without regard to case.
type setCheck map[string]struct{}

func (c setCheck) holds(m *matcher, v *value) bool {
	_, ok := c[m.foldedOf(v)]
	return ok
}

// partCheck wants a text at the beginning, at the end or anywhere.
type partCheck struct {
	text  string
	where byte // '^', '$' or '*'
	cased bool
}

func (c *partCheck) holds(m *matcher, v *value) bool {
	text := m.side(v, c.cased)
	switch c.where {
	case '^':
		return strings.HasPrefix(text, c.text)
	case '$':
		return strings.HasSuffix(text, c.text)
	}
	return strings.Contains(text, c.text)
}

// globCheck wants a pattern.
type globCheck struct {
	glob
	cased bool
}

func (c *globCheck) holds(m *matcher, v *value) bool { return c.matches(m.side(v, c.cased)) }

// newTextCheck makes the simplest check of a pattern.
func newTextCheck(p []rune, cased bool) check {
	if !cased {
		p = foldPattern(p)
	}
	g := newGlob(p)
	switch {
	case len(p) == 0:
		return &equalCheck{"", cased}
	case len(g.pieces) != 1 || g.pieces[0].runes != nil:
		return &globCheck{g, cased}
	case g.head && g.tail:
		return &equalCheck{g.pieces[0].text, cased}
	case g.head:
		return &partCheck{g.pieces[0].text, '^', cased}
	case g.tail:
		return &partCheck{g.pieces[0].text, '$', cased}
	}
	return &partCheck{g.pieces[0].text, '*', cased}
}

// numberCheck wants a number, or its decimal text.
type numberCheck struct{ text string }

func (c numberCheck) holds(m *matcher, v *value) bool {
	switch v.kind {
	case record.String:
		return v.text == c.text
	case record.Number:
		return v.text == c.text || canonicalEqual(v.text, c.text)
	}
	return false
}

// canonicalEqual reports whether a record's number equals one that is written without an exponent.
func canonicalEqual(text, want string) bool {
	if !strings.ContainsAny(text, ".eE") {
		return false
	}
	return canonical(text) == want
}

// regexCheck wants a match anywhere.
type regexCheck struct{ *regexp.Regexp }

func (c regexCheck) holds(m *matcher, v *value) bool { return c.MatchString(m.textOf(v)) }

// cidrCheck wants an address in a network.
type cidrCheck struct{ netip.Prefix }

func (c cidrCheck) holds(m *matcher, v *value) bool {
	if v.kind != record.String || len(v.text) > 45 || !strings.ContainsAny(v.text, ".:") || strings.Trim(v.text, "0123456789abcdefABCDEF.:") != "" {
		return false
	}
	addr, err := netip.ParseAddr(v.text)
	return err == nil && c.Contains(addr.Unmap())
}

// orderCheck compares numbers.
type orderCheck struct {
	op string // lt, lte, gt, gte
	n  float64
}

func (c orderCheck) holds(m *matcher, v *value) bool {
	f, ok := v.number()
	return ok && c.compare(f)
}

func (c orderCheck) compare(f float64) bool {
	switch c.op {
	case "lt":
		return f < c.n
	case "lte":
		return f <= c.n
	case "gt":
		return f > c.n
	case "gte":
		return f >= c.n
	}
	return f == c.n
}

// timeCheck compares a part of a time, in UTC.
type timeCheck struct {
	part string
	orderCheck
}

func (c timeCheck) holds(m *matcher, v *value) bool {
	t, ok := v.time()
	return ok && c.compare(float64(partOf(t, c.part)))
}

func partOf(t time.Time, part string) int {
	t = t.UTC()
	switch part {
	case "minute":
		return t.Minute()
	case "hour":
		return t.Hour()
	case "day":
		return t.Day()
	case "week":
		_, week := t.ISOWeek()
		return week
	case "month":
		return int(t.Month())
	}
	return t.Year()
}

// refCheck compares with the values of another field of the record.
type refCheck struct {
	field int
	place string // contains, startswith, endswith or ""
	cased bool
}

func (c *refCheck) holds(m *matcher, v *value) bool {
	text := m.side(v, c.cased)
	others := m.get(c.field)
	for i := range others {
		if others[i].kind == record.Null {
			continue
		}
		other := m.side(&others[i], c.cased)
		switch c.place {
		case "contains":
			if strings.Contains(text, other) {
				return true
			}
		case "startswith":
			if strings.HasPrefix(text, other) {
				return true
			}
		case "endswith":
			if strings.HasSuffix(text, other) {
				return true
			}
		default:
			if text == other {
				return true
			}
		}
	}
	return false
}
