package sigma

import (
	"strings"
	"unicode/utf8"
)

// A value with wildcards is read into runes, of which these have a meaning of their own.
const (
	anyRun  rune = -1 - iota // *
	anyRune                  // ?
	anyDash                  // any of the dashes that windash takes for one
)

// readPattern reads a value: * and ? are wildcards unless a backslash stands before them, two backslashes are one, and a
// backslash before anything else is itself.
func readPattern(value string) []rune {
	var p []rune
	runes := []rune(value)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case r == '\\' && i+1 < len(runes) && strings.ContainsRune(`*?\`, runes[i+1]):
			i++
			p = append(p, runes[i])
		case r == '*':
			p = append(p, anyRun)
		case r == '?':
			p = append(p, anyRune)
		default:
			p = append(p, r)
		}
	}
	return p
}

// plain returns the text of a pattern without wildcards.
func plain(p []rune) (string, bool) {
	for _, r := range p {
		if r < 0 {
			return "", false
		}
	}
	return string(p), true
}

func foldPattern(p []rune) []rune {
	folded := make([]rune, len(p))
	for i, r := range p {
		folded[i] = r
		if r >= 0 {
			folded[i] = foldRune(r)
		}
	}
	return folded
}

// glob is a compiled pattern: pieces that follow each other with anything between them.
type glob struct {
	pieces     []piece
	head, tail bool // the first piece stands at the beginning, the last one at the end
	some       bool // the text must not be empty
}

// piece is a run of characters without a star.
type piece struct {
	text  string // when it is plain
	runes []rune // when it is not
}

func newGlob(p []rune) glob {
	g := glob{head: true, tail: true}
	start := 0
	for i := 0; i <= len(p); i++ {
		if i < len(p) && p[i] != anyRun {
			continue
		}
		if i > start {
			g.pieces = append(g.pieces, newPiece(p[start:i]))
		}
		if i < len(p) {
			g.head = g.head && i > 0
			g.tail = i != len(p)-1
		}
		start = i + 1
	}
	if len(g.pieces) == 0 && len(p) > 0 {
		g.head, g.tail = false, false
	}
	return g
}

func newPiece(p []rune) piece {
	if text, ok := plain(p); ok {
		return piece{text: text}
	}
	return piece{runes: p}
}

// at matches the piece at the beginning of text and returns what is behind it.
func (p *piece) at(text string) (rest string, ok bool) {
	if p.runes == nil {
		return strings.CutPrefix(text, p.text)
	}
	for _, want := range p.runes {
		r, size := utf8.DecodeRuneInString(text)
		if size == 0 || !fits(want, r) {
			return "", false
		}
		text = text[size:]
	}
	return text, true
}

func fits(want, r rune) bool {
	switch want {
	case anyRune:
		return true
	case anyDash:
		return isDash(r)
	}
	return want == r
}

func isDash(r rune) bool { return r == '-' || r == '/' || r == '–' || r == '—' || r == '―' }

// in finds the piece in text and returns what is behind it.
func (p *piece) in(text string) (rest string, ok bool) {
	if p.runes == nil {
		_, rest, ok = strings.Cut(text, p.text)
		return rest, ok
	}
	for {
		if rest, ok := p.at(text); ok {
			return rest, true
		}
		_, size := utf8.DecodeRuneInString(text)
		if size == 0 {
			return "", false
		}
		text = text[size:]
	}
}

// end reports whether text ends with the piece.
func (p *piece) end(text string) bool {
	if p.runes == nil {
		return strings.HasSuffix(text, p.text)
	}
	from := len(text)
	for range p.runes {
		_, size := utf8.DecodeLastRuneInString(text[:from])
		if size == 0 {
			return false
		}
		from -= size
	}
	_, ok := p.at(text[from:])
	return ok
}

// matches reports whether the pattern covers all of text.
func (g *glob) matches(text string) bool {
	if g.some && text == "" {
		return false
	}
	n := len(g.pieces)
	if n == 0 {
		return !g.head || text == ""
	}
	if n == 1 && g.head && g.tail {
		rest, ok := g.pieces[0].at(text)
		return ok && rest == ""
	}
	for i := range g.pieces {
		p := &g.pieces[i]
		var ok bool
		switch {
		case i == 0 && g.head:
			text, ok = p.at(text)
		case i == n-1 && g.tail:
			return p.end(text)
		default:
			text, ok = p.in(text)
		}
		if !ok {
			return false
		}
	}
	return true
}
