package oracletest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// item is one line of a selection: a field with modifiers, and values.
type item struct {
	field string // "" for keywords
	mods  []string
	tests []test
	rule  *Rule
}

// test compares what a record holds at a field with one value of the rule. The second result is the record itself.
type test func(found []any, record any) bool

func (i *item) has(mod string) bool { return slices.Contains(i.mods, mod) }

// match joins the tests: any of them, all of them with "all", none of them with "neq".
func (i *item) match(record any) bool {
	var found []any
	if i.field == "" {
		for _, text := range leaves(record) {
			found = append(found, text)
		}
	} else {
		found = i.rule.find(record, i.field)
	}
	met := func(t test) bool { return t(found, record) }
	result := slices.ContainsFunc(i.tests, met)
	if i.has("all") {
		result = !slices.ContainsFunc(i.tests, func(t test) bool { return !met(t) })
	}
	return result != i.has("neq")
}

func (r *Rule) parseItem(key string, value any) (*item, error) {
	words := strings.Split(key, "|")
	i := &item{field: words[0], mods: words[1:], rule: r}
	values, isList := value.([]any)
	if !isList {
		values = []any{value}
	}
	for _, v := range values {
		expanded := []any{v}
		if text, ok := v.(string); ok && i.has("expand") {
			var err error
			if expanded, err = r.expand(text); err != nil {
				return nil, err
			}
		}
		var alternatives []test
		for _, e := range expanded {
			t, err := i.test(e)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			alternatives = append(alternatives, t)
		}
		i.tests = append(i.tests, func(found []any, record any) bool {
			return slices.ContainsFunc(alternatives, func(t test) bool { return t(found, record) })
		})
	}
	return i, nil
}

var placeholder = regexp.MustCompile(`\\%|%[^%]*%`)

// expand replaces placeholders by each of their values. \% is a plain per cent sign.
func (r *Rule) expand(text string) ([]any, error) {
	texts := []string{""}
	at := 0
	for _, m := range placeholder.FindAllStringIndex(text, -1) {
		word := text[m[0]:m[1]]
		values := []string{"%"}
		if word != `\%` {
			values = r.Placeholders[strings.Trim(word, "%")]
		}
		if len(values) == 0 {
			return nil, fmt.Errorf("placeholder %s has no value", word)
		}
		var longer []string
		for _, t := range texts {
			for _, v := range values {
				longer = append(longer, t+text[at:m[0]]+v)
			}
		}
		texts, at = longer, m[1]
	}
	var all []any
	for _, t := range texts {
		all = append(all, t+text[at:])
	}
	return all, nil
}

var (
	compares = map[string]func(a, b float64) bool{
		"lt": func(a, b float64) bool { return a < b }, "lte": func(a, b float64) bool { return a <= b },
		"gt": func(a, b float64) bool { return a > b }, "gte": func(a, b float64) bool { return a >= b },
	}
	units = map[string]func(time.Time) int{
		"minute": time.Time.Minute, "hour": time.Time.Hour, "day": time.Time.Day, "year": time.Time.Year,
		"month": func(t time.Time) int { return int(t.Month()) },
		"week":  func(t time.Time) int { _, week := t.ISOWeek(); return week },
	}
)

// test makes the test of one value.
func (i *item) test(value any) (test, error) {
	for _, mod := range i.mods {
		switch {
		case mod == "exists":
			want := value == true || value == "true"
			return func(found []any, _ any) bool { return len(found) > 0 == want }, nil
		case mod == "cidr":
			return cidr(value)
		case mod == "re":
			return i.expression(value)
		case mod == "fieldref":
			return i.reference(value)
		case units[mod] != nil:
			return i.moment(value, units[mod])
		case compares[mod] != nil:
			limit, ok := numberOf(value)
			if !ok {
				return nil, fmt.Errorf("%v is no number", value)
			}
			return func(found []any, _ any) bool {
				return isAny(found, func(v any) bool {
					return isAny(scalars(v), func(s any) bool { n, ok := numberOf(s); return ok && compares[mod](n, limit) })
				})
			}, nil
		}
	}
	return i.text(value)
}

func cidr(value any) (test, error) {
	network, err := netip.ParsePrefix(fmt.Sprint(value))
	if err != nil {
		return nil, err
	}
	return texts(func(text string) bool {
		a, err := netip.ParseAddr(text)
		return err == nil && network.Contains(a.Unmap().WithZone(""))
	}), nil
}

// texts makes a test of what a text has to be.
func texts(is func(text string) bool) test {
	return func(found []any, _ any) bool {
		return isAny(found, func(v any) bool {
			return isAny(scalars(v), func(s any) bool { return s != nil && is(textOf(s)) })
		})
	}
}

func (i *item) expression(value any) (test, error) {
	text := fmt.Sprint(value)
	for _, flag := range []string{"i", "m", "s"} {
		if i.has(flag) {
			text = "(?" + flag + ")" + text
		}
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	return texts(re.MatchString), nil
}

// reference compares with another field of the same record.
func (i *item) reference(value any) (test, error) {
	other, ok := value.(string)
	if !ok {
		return nil, fmt.Errorf("want the name of a field")
	}
	return func(found []any, record any) bool {
		others := i.rule.find(record, other)
		return isAny(others, func(o any) bool {
			return isAny(scalars(o), func(b any) bool {
				return b != nil && texts(func(text string) bool { return i.around(literal(textOf(b))).match(text, i.has("cased")) })(found, record)
			})
		})
	}, nil
}

// moment takes a number out of a date and compares it.
func (i *item) moment(value any, unit func(time.Time) int) (test, error) {
	want, ok := numberOf(value)
	if !ok {
		return nil, fmt.Errorf("%v is no number", value)
	}
	compare := func(a, b float64) bool { return a == b }
	for mod, c := range compares {
		if i.has(mod) {
			compare = c
		}
	}
	return texts(func(text string) bool {
		t, ok := momentIn(text)
		return ok && compare(float64(unit(t.UTC())), want)
	}), nil
}

// momentIn reads a date in ISO 8601, in UTC where it names no zone, or a number of seconds or milliseconds since 1970.
func momentIn(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	n, ok := numberOf(text)
	if n >= 1e11 {
		return time.UnixMilli(int64(n)), ok && n < 1e15
	}
	return time.Unix(int64(n), 0), ok && n >= 0
}

// decimal is how a number stands in a text: as JSON writes it, leading zeros allowed.
var decimal = regexp.MustCompile(`^-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,2})?$`)

func numberOf(v any) (float64, bool) {
	switch v := v.(type) {
	case json.Number:
		n, err := v.Float64()
		return n, err == nil
	case string:
		if !decimal.MatchString(v) {
			return 0, false
		}
		n, err := strconv.ParseFloat(v, 64)
		return n, err == nil
	case uint64:
		return float64(v), true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// ruleText is how a rule's number or truth is written in a record.
func ruleText(v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return textOf(v)
	}
	return fmt.Sprint(v)
}

// text compares text, numbers, truth and null.
func (i *item) text(value any) (test, error) {
	if value == nil {
		return func(found []any, _ any) bool {
			return len(found) == 0 || isAny(found, func(v any) bool { return slices.Contains(scalars(v), nil) })
		}, nil
	}
	number, isNumber := numberOf(value)
	if _, isText := value.(string); isText {
		isNumber = false
	}
	var patterns []pattern
	for _, p := range i.encoded(ruleText(value)) {
		patterns = append(patterns, i.around(p))
	}
	something := value == "*" && i.has("contains")
	asText := texts(func(text string) bool {
		if something {
			return text != ""
		}
		return slices.ContainsFunc(patterns, func(p pattern) bool { return p.match(text, i.has("cased")) })
	})
	if !isNumber {
		return asText, nil
	}
	return func(found []any, record any) bool {
		return asText(found, record) || len(i.mods) == 0 && isAny(found, func(v any) bool {
			return isAny(scalars(v), func(s any) bool {
				n, ok := s.(json.Number)
				got, err := n.Float64()
				return ok && err == nil && got == number
			})
		})
	}, nil
}

// around puts wildcards where contains and its kin, and keywords, have them.
func (i *item) around(p pattern) pattern {
	before, after := i.field == "" || i.has("contains") || i.has("endswith"), i.field == "" || i.has("contains") || i.has("startswith")
	if before {
		p = append(pattern{{kind: run}}, p...)
	}
	if after {
		p = append(slices.Clone(p), sign{kind: run})
	}
	return p
}

// encoded applies the modifiers that change a text.
func (i *item) encoded(text string) []pattern {
	data := text
	for _, mod := range i.mods {
		switch mod {
		case "wide", "utf16le":
			data = utf16Text(text, 0, 1)
		case "utf16be":
			data = utf16Text(text, 1, 0)
		case "utf16":
			data = "\xff\xfe" + utf16Text(text, 0, 1)
		case "base64":
			return []pattern{literal(base64.StdEncoding.EncodeToString([]byte(data)))}
		case "base64offset":
			return offsets(data)
		}
	}
	if data != text {
		return []pattern{literal(data)}
	}
	p := parsePattern(text)
	if i.has("windash") {
		p = p.windash()
	}
	return []pattern{p}
}

// utf16Text writes each unit as two bytes, the low one and the high one at these places.
func utf16Text(text string, low, high int) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		var two [2]byte
		two[low], two[high] = byte(u), byte(u>>8)
		b = append(b, two[:]...)
	}
	return string(b)
}

// offsets are the three ways in which bytes stand in a longer base64 text, without the signs that depend on what is around.
func offsets(data string) []pattern {
	var all []pattern
	for before := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", before) + data))
		from := []int{0, 2, 3}[before]
		until := len(text) - []int{0, 3, 2}[(before+len(data))%3]
		if from < until { // one byte leaves nothing that is sure when it stands in the middle
			all = append(all, literal(text[from:until]))
		}
	}
	return all
}
