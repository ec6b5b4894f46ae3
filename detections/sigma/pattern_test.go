package sigma

import (
	"regexp"
	"strings"
	"testing"
)

func TestGlob(t *testing.T) {
	tests := []struct {
		value, text string
		want        bool
	}{
		{"abc", "abc", true},
		{"abc", "abcd", false},
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "anything", true},
		{"a*", "a", true},
		{"a*", "ba", false},
		{"*a", "ba", true},
		{"*a", "ab", false},
		{"a*b", "ab", true},
		{"a*b", "aXXb", true},
		{"a*b", "a", false},
		{"aba*ba", "aba", false},
		{"*b*", "abc", true},
		{"a*b*c", "aXbYc", true},
		{"a*b*c", "aXcYb", false},
		{"prog?.exe", "progA.exe", true},
		{"prog?.exe", "prog.exe", false},
		{"?", "é", true},
		{"?", "", false},
		{"*??", "a", false},
		{"*??", "éa", true},
		{"a**b", "aXb", true},
		{`a\*b`, "a*b", true},
		{`a\*b`, "aXb", false},
		{`a\?`, "a?", true},
		{`a\\*`, `a\tail`, true},
		{`a\\*`, `a*`, false},
		{`a\\\*`, `a\*`, true},
		{`a\b`, `a\b`, true},
		{`a\\b`, `a\b`, true},
		{`a\\\b`, `a\\b`, true},
		{`a\\\\b`, `a\\b`, true},
		{`a\`, `a\`, true},
	}
	for _, test := range tests {
		g := newGlob(readPattern(test.value))
		if got := g.matches(test.text); got != test.want {
			t.Errorf("%q over %q: got %v, want %v", test.value, test.text, got, test.want)
		}
	}
}

func TestFold(t *testing.T) {
	for _, pair := range [][2]string{{"ÄRGER", "ärger"}, {"K", "k"}, {"ſ", "S"}, {"ΣΑΣ", "σας"}, {"abcÉ", "ABCé"}} {
		if fold(pair[0]) != fold(pair[1]) {
			t.Errorf("got %q and %q, want them equal", fold(pair[0]), fold(pair[1]))
		}
	}
	if fold("ß") == fold("ss") {
		t.Error("got ß and ss equal, want letters compared one by one")
	}
}

// FuzzGlob: a glob is what the regular expression that one would write for it is.
func FuzzGlob(f *testing.F) {
	for _, seed := range [][2]string{{"a*b?c", "aXbYc"}, {"*aa*aa", "aaa"}, {`\**`, "*x"}, {"é?*", "éa"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, value, text string) {
		value, text = strings.ToValidUTF8(value, ""), strings.ToValidUTF8(text, "")
		var b strings.Builder
		for _, r := range readPattern(value) {
			switch r {
			case anyRun:
				b.WriteString(".*")
			case anyRune:
				b.WriteString(".")
			default:
				b.WriteString(regexp.QuoteMeta(string(r)))
			}
		}
		re, err := regexp.Compile(`(?s)\A` + b.String() + `\z`)
		if err != nil {
			return // regexp has limits that globs have not
		}
		g := newGlob(readPattern(value))
		if got, want := g.matches(text), re.MatchString(text); got != want {
			t.Errorf("%q over %q: got %v, want %v", value, text, got, want)
		}
	})
}
