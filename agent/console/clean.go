package console

import (
	"unicode"
	"unicode/utf8"
)

// clean replaces what is not for eyes in a finished page: control characters and terminal escapes, and what turns the direction of text or
// hides in it, so that a name cannot pose as another one. It works on the whole page, so that no template can forget it.
func clean(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if visible(r) && !(r == utf8.RuneError && size == 1) { // a byte that is no text
			out = append(out, text[:size]...)
		} else {
			out = utf8.AppendRune(out, utf8.RuneError)
		}
		text = text[size:]
	}
	return out
}

func visible(r rune) bool {
	return r == '\n' || r == '\t' || r == ' ' || unicode.IsPrint(r)
}
