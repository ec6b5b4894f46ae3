package sigma

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// value is a value of a record, or one derived from it. It is valid until the matcher goes to the next record.
type value struct {
	kind   record.Kind
	text   string // what rules compare with; of containers once it is asked for
	folded string // the same without regard to case, once it is asked for
	ready  bool   // folded is there
	raw    record.Value
}

func valueOf(v record.Value) value {
	one := value{kind: v.Kind(), raw: v}
	switch one.kind {
	case record.String:
		one.text = v.Str()
	case record.Number, record.True, record.False:
		one.text = str(v.Raw())
	}
	return one
}

func textValue(text string) value { return value{kind: record.String, text: text} }

func (v *value) container() bool { return v.kind == record.Object || v.kind == record.Array }

// textOf is the text of a value: of an object or array its JSON without white space.
func (m *matcher) textOf(v *value) string {
	if v.container() && v.text == "" {
		raw := v.raw.Raw()
		start := len(m.arena)
		m.arena = appendCompact(m.arena, raw)
		v.text = str(m.arena[start:len(m.arena):len(m.arena)])
	}
	return v.text
}

// foldedOf is textOf without regard to case.
func (m *matcher) foldedOf(v *value) string {
	if !v.ready {
		text := m.textOf(v)
		start := len(m.arena)
		m.arena = appendFold(m.arena, text)
		v.folded, v.ready = str(m.arena[start:len(m.arena):len(m.arena)]), true
	}
	return v.folded
}

// number is the value as a number: of a JSON number, or of a text that is one.
func (v *value) number() (float64, bool) {
	if v.kind != record.Number && (v.kind != record.String || !isNumber(v.text)) {
		return 0, false
	}
	f, err := strconv.ParseFloat(v.text, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// isNumber reports whether a text is a number of digits, with a sign, a fraction and an exponent of up to two digits, if any.
func isNumber(text string) bool {
	text = strings.TrimPrefix(text, "-")
	text, ok := digits(text, 300)
	if !ok {
		return false
	}
	if rest, dot := strings.CutPrefix(text, "."); dot {
		if text, ok = digits(rest, 300); !ok {
			return false
		}
	}
	if text == "" {
		return true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return false
	}
	text = text[1:]
	if text != "" && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	rest, ok := digits(text, 2)
	return ok && rest == ""
}

// digits cuts up to most digits off, at least one.
func digits(text string, most int) (rest string, ok bool) {
	n := 0
	for n < len(text) && n < most && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return text[n:], n > 0
}

// time is the value as a point in time: of a text in ISO 8601, or of a number of seconds or milliseconds since 1970.
func (v *value) time() (time.Time, bool) {
	if v.kind == record.String {
		if t, ok := ecs.ParseTime(v.text); ok {
			return t, true
		}
	}
	f, ok := v.number()
	switch {
	case !ok || f < 0 || f >= 1e15:
		return time.Time{}, false
	case f >= 1e11:
		return time.UnixMilli(int64(f)).UTC(), true
	}
	return time.Unix(int64(f), 0).UTC(), true
}

// canonical is how numbers are written where equal ones must have equal texts: without fraction and exponent if they can be.
func canonical(text string) string {
	if !strings.ContainsAny(text, ".eE") {
		return text
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
