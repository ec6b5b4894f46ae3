package sigma

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// appendCompact appends JSON text, which has to be valid, without the white space between its tokens and with nothing escaped that need
// not be: a slash or letter that one vendor escapes and another does not is the same text.
func appendCompact(dst, text []byte) []byte {
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\':
			var n int
			dst, n = appendUnescaped(dst, text[i:])
			i += n - 1
			continue
		case c == '"':
			quoted = !quoted
		case !quoted && c <= ' ':
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// appendUnescaped appends what an escape at the beginning of text stands for, escaped only if it has to be, and returns the escape's
// length.
func appendUnescaped(dst, text []byte) ([]byte, int) {
	switch text[1] {
	case '/':
		return append(dst, '/'), 2
	case 'u':
	default:
		return append(dst, text[:2]...), 2
	}
	r, n := unit(text[2:]), 6
	if utf16.IsSurrogate(r) {
		r, n = utf16.DecodeRune(r, unit(text[8:])), 12
	}
	return appendPlain(dst, r), n
}

// unit is the number that four hexadecimal digits write.
func unit(text []byte) rune {
	n, _ := strconv.ParseUint(str(text[:4]), 16, 32)
	return rune(n)
}

func appendPlain(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	if r < ' ' {
		return append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
	}
	return utf8.AppendRune(dst, r)
}

const hex = "0123456789abcdef"
