package sigma

import (
	"slices"
	"strings"
)

// modifiers are what stands behind a field's name.
type modifiers struct {
	place   string // contains, startswith, endswith, or ""
	compare string // lt, lte, gt, gte, or ""
	part    string // of a time: minute, hour … or ""
	typ     string // re, cidr, exists, fieldref, or ""
	flags   string // of re: i, m, s
	encode  []string
	all     bool
	cased   bool
	negated bool
	expand  bool
	windash bool
}

var (
	placing   = []string{"contains", "startswith", "endswith"}
	comparing = []string{"lt", "lte", "gt", "gte"}
	timeParts = []string{"minute", "hour", "day", "week", "month", "year"}
	types     = []string{"re", "cidr", "exists", "fieldref"}
	encodings = []string{"base64", "base64offset", "utf16le", "utf16be", "utf16", "wide"}
)

// readModifiers takes a key apart into the field's name and its modifiers.
func readModifiers(p Pair) (name string, m modifiers, err *lineError) {
	parts := strings.Split(p.Key, "|")
	for _, word := range parts[1:] {
		if err := m.add(strings.ToLower(word)); err != "" {
			return parts[0], m, faultAt(p.Line, "%s: %s", p.Key, err)
		}
	}
	if err := m.check(); err != "" {
		return parts[0], m, faultAt(p.Line, "%s: %s", p.Key, err)
	}
	return parts[0], m, nil
}

// add takes the next modifier and says what is wrong with it.
func (m *modifiers) add(word string) string {
	set := func(into *string) string {
		if *into != "" {
			return "modifiers " + *into + " and " + word + " exclude each other"
		}
		*into = word
		return ""
	}
	switch {
	case slices.Contains(placing, word):
		return set(&m.place)
	case slices.Contains(comparing, word):
		return set(&m.compare)
	case slices.Contains(timeParts, word):
		return set(&m.part)
	case slices.Contains(types, word):
		return set(&m.typ)
	case slices.Contains(encodings, word):
		m.encode = append(m.encode, word)
		return ""
	}
	flags := map[string]*bool{"all": &m.all, "cased": &m.cased, "neq": &m.negated, "expand": &m.expand, "windash": &m.windash}
	if flag := flags[word]; flag != nil {
		*flag = true
		return ""
	}
	if m.typ == "re" && (word == "i" || word == "m" || word == "s") {
		m.flags += word
		return ""
	}
	return "modifier " + word + " is not supported"
}

// check says what does not go together.
func (m *modifiers) check() string {
	text := m.place != "" || m.cased || m.windash || len(m.encode) > 0
	switch {
	case m.typ == "re" && text, m.typ == "cidr" && text:
		return "modifier " + m.typ + " goes with no other that is about text"
	case m.typ == "exists" && (text || m.all || m.negated || m.expand):
		return "modifier exists goes with no other"
	case m.typ == "fieldref" && (m.windash || len(m.encode) > 0 || m.expand):
		return "modifier fieldref goes with contains, startswith, endswith, cased, all and neq only"
	case (m.compare != "" || m.part != "") && (text || m.typ != ""):
		return "modifier " + m.compare + m.part + " goes with numbers only"
	case len(m.encode) > 0 && !strings.HasPrefix(m.encode[len(m.encode)-1], "base64"):
		return "modifier " + m.encode[len(m.encode)-1] + " needs base64 or base64offset behind it: records are text"
	}
	for _, e := range m.encode[:max(len(m.encode)-1, 0)] {
		if strings.HasPrefix(e, "base64") {
			return "modifier " + e + " can only be the last of the encodings"
		}
	}
	if len(m.encode) > 2 {
		return "modifiers " + strings.Join(m.encode, ", ") + " are too many encodings"
	}
	return ""
}
