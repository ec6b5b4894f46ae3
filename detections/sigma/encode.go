package sigma

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf16"
)

// encoded returns the texts that a value becomes by the encodings named: one, or three with base64offset.
func encoded(text string, names []string) []string {
	bytes := []byte(text)
	for _, name := range names {
		switch name {
		case "base64":
			return []string{base64.StdEncoding.EncodeToString(bytes)}
		case "base64offset":
			return offsets(bytes)
		case "utf16le", "wide":
			bytes = wide(text, false)
		case "utf16be":
			bytes = wide(text, true)
		case "utf16":
			bytes = append([]byte{0xFF, 0xFE}, wide(text, false)...)
		}
	}
	return nil
}

func wide(text string, big bool) []byte {
	var bytes []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		one, two := byte(unit), byte(unit>>8)
		if big {
			one, two = two, one
		}
		bytes = append(bytes, one, two)
	}
	return bytes
}

// offsets are the parts of base64 that stay the same whatever stands around the bytes, for the three places at which they can stand
// in a group of three.
func offsets(bytes []byte) []string {
	first := []int{0, 2, 3}
	last := []int{0, 3, 2}
	var all []string
	for i := range 3 {
		padded := append(make([]byte, i), bytes...)
		text := base64.StdEncoding.EncodeToString(padded)
		end := len(text) - last[len(padded)%3]
		if first[i] < end {
			all = append(all, text[first[i]:end])
		}
	}
	return all
}

// dashed puts the place of any dash where a parameter begins: a dash or slash before a word's first character and not behind one.
func dashed(p []rune) []rune {
	isWord := func(i int) bool {
		return i >= 0 && i < len(p) && (p[i] == '_' || p[i] >= 0 && (unicode.IsLetter(p[i]) || unicode.IsDigit(p[i])))
	}
	q := append([]rune{}, p...)
	for i, r := range p {
		if isDash(r) && !isWord(i-1) && isWord(i+1) {
			q[i] = anyDash
		}
	}
	return q
}

// maxExpanded bounds how many values one value becomes by its placeholders.
const maxExpanded = 100_000

// expanded puts the values of placeholders into a text. A per cent sign behind a backslash is a plain one.
func expanded(text string, lists map[string][]*Node) (all []string, problem string) {
	all = []string{""}
	add := func(one string) {
		for i := range all {
			all[i] += one
		}
	}
	for text != "" {
		i := strings.IndexByte(text, '%')
		if i < 0 {
			add(text)
			break
		}
		if i > 0 && text[i-1] == '\\' {
			add(text[:i-1] + "%")
			text = text[i+1:]
			continue
		}
		name, rest, closed := strings.Cut(text[i+1:], "%")
		if !closed {
			add(text)
			break
		}
		values := lists[name]
		if values == nil {
			return nil, "placeholder %" + name + "% has no values in lists.yml"
		}
		add(text[:i])
		var more []string
		for _, before := range all {
			for _, v := range values {
				more = append(more, before+v.Text)
			}
		}
		if all = more; len(all) > maxExpanded {
			return nil, "placeholder %" + name + "% makes too many values"
		}
		text = rest
	}
	return all, ""
}
