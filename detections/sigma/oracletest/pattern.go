package oracletest

import (
	"strings"
	"unicode"
)

// pattern is a text with wildcards, sign by sign.
type pattern []sign

type sign struct {
	kind signKind
	char rune
}

type signKind int

const (
	plain signKind = iota
	one            // ?
	run            // *
	dash           // any of the dashes that windash takes for one another
)

// parsePattern reads wildcards and escapes: \*, \? and \\ stand for the second sign, any other backslash for itself.
func parsePattern(text string) pattern {
	var p pattern
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		switch c := runes[i]; {
		case c == '\\' && i+1 < len(runes) && strings.ContainsRune(`\*?`, runes[i+1]):
			i++
			p = append(p, sign{plain, runes[i]})
		case c == '*':
			p = append(p, sign{kind: run})
		case c == '?':
			p = append(p, sign{kind: one})
		default:
			p = append(p, sign{plain, c})
		}
	}
	return p
}

func literal(text string) pattern {
	var p pattern
	for _, c := range text {
		p = append(p, sign{plain, c})
	}
	return p
}

const dashes = "-/–—―"

// windash lets each dash that begins a parameter stand for all of them, as the tools that write Sigma take it: before a word, not in one.
func (p pattern) windash() pattern {
	isWord := func(i int) bool {
		return i >= 0 && i < len(p) && p[i].kind == plain && (unicode.IsLetter(p[i].char) || unicode.IsDigit(p[i].char) || p[i].char == '_')
	}
	var q pattern
	for i, s := range p {
		if s.kind == plain && strings.ContainsRune(dashes, s.char) && !isWord(i-1) && isWord(i+1) {
			s = sign{kind: dash}
		}
		q = append(q, s)
	}
	return q
}

// match compares a whole text with the pattern, trying every way.
func (p pattern) match(text string, cased bool) bool { return p.matchRunes([]rune(text), cased) }

func (p pattern) matchRunes(text []rune, cased bool) bool {
	// reach[j]: the pattern so far can end before text[j]
	reach := make([]bool, len(text)+1)
	reach[0] = true
	for _, s := range p {
		next := make([]bool, len(text)+1)
		for j := range reach {
			switch {
			case s.kind == run:
				next[j] = reach[j] || j > 0 && next[j-1]
			case j > 0 && reach[j-1]:
				next[j] = s.is(text[j-1], cased)
			}
		}
		reach = next
	}
	return reach[len(text)]
}

func (s sign) is(c rune, cased bool) bool {
	switch {
	case s.kind == one:
		return true
	case s.kind == dash:
		return strings.ContainsRune(dashes, c)
	case cased:
		return s.char == c
	}
	return sameFolded(s.char, c)
}

// sameFolded compares without letter case, over Unicode's simple folding.
func sameFolded(a, b rune) bool {
	if a == b {
		return true
	}
	for c := unicode.SimpleFold(a); c != a; c = unicode.SimpleFold(c) {
		if c == b {
			return true
		}
	}
	return false
}
