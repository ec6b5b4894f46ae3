package sigma

import (
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// foldRune maps all letters that differ in case alone to one of them, as strings.EqualFold understands it.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if least < utf8.RuneSelf {
		return foldRune(least) // the Kelvin sign and the long s
	}
	return least
}

// appendFold appends text so that two texts which differ in case alone give the same bytes.
func appendFold(dst []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= utf8.RuneSelf {
			return appendFoldRunes(dst, text[i:])
		}
		dst = append(dst, lower[c])
	}
	return dst
}

func appendFoldRunes(dst []byte, text string) []byte {
	for _, r := range text {
		dst = utf8.AppendRune(dst, foldRune(r))
	}
	return dst
}

func fold(text string) string { return string(appendFold(nil, text)) }

// lower are the lower-case letters of ASCII at the place of the upper-case ones.
var lower = func() (t [utf8.RuneSelf]byte) {
	for c := range t {
		t[c] = byte(foldRune(rune(c)))
	}
	return t
}()

// str makes a string of bytes that will not change as long as the string is used.
func str(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
