package entra

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/idwatch/idwatch/parsers/record"
)

// maxName is the length from which names of dynamic fields are cut, in bytes.
const maxName = 256

// appendName appends the name that a member gets in the document: its key, converted to snake case where the stream does
// so, and mended where Elasticsearch would refuse a field of that name. With alike, another key may end up with the same name.
//
// The conversion puts an underscore between an ASCII lower-case letter and the upper-case one after it, then lowers
// everything: userPrincipalName, IPAddress and isCAEToken give user_principal_name, ipaddress and is_caetoken.
// Dots become underscores because they would open an object; a name of blanks alone becomes one underscore.
func appendName(dst []byte, m record.Value, snake bool) (name []byte, alike bool) {
	raw := m.RawKey()
	start := len(dst)
	if len(raw) > maxName {
		return appendOddName(dst, m.Key(), snake), true
	}
	solid := false
	var before class
	for _, c := range raw {
		now := classes[c]
		switch now {
		case upper:
			solid = true
			if !snake {
				break
			}
			if before == lower {
				dst = append(dst, '_')
			} else {
				alike = true
			}
			c |= 0x20
		case odd:
			return appendOddName(dst[:start], m.Key(), snake), true
		case dot:
			c, alike = '_', true
		case underscore:
			solid, alike = true, alike || snake
		case blank:
		default:
			solid = true
		}
		before = now
		dst = append(dst, c)
	}
	if !solid {
		return append(dst[:start], '_'), true
	}
	return dst, alike
}

// class is what a byte of a key means for its name.
type class uint8

const (
	other class = iota
	lower
	upper
	underscore
	dot
	blank
	odd // needs a look at the whole key
)

var classes = func() (t [256]class) {
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z':
			t[c] = lower
		case c >= 'A' && c <= 'Z':
			t[c] = upper
		case c < ' ' || c >= 0x7f || c == '\\':
			t[c] = odd
		}
	}
	t['_'], t['.'], t[' '] = underscore, dot, blank
	return t
}()

// appendOddName is appendName for keys with escapes, letters beyond ASCII or too great a length.
func appendOddName(dst []byte, key string, snake bool) []byte {
	var name strings.Builder
	solid, before := false, rune(0)
	for _, r := range key {
		switch {
		case unicode.IsControl(r) || r == '"' || r == '\\' || r == '.' || r == utf8.RuneError:
			solid = solid || r != '.' && !unicode.IsSpace(r)
			r = '_'
		case unicode.IsSpace(r):
		default:
			solid = true
		}
		if snake && before >= 'a' && before <= 'z' && r >= 'A' && r <= 'Z' {
			name.WriteByte('_')
		}
		if before = r; snake {
			r = unicode.ToLower(r)
		}
		if name.Len()+utf8.RuneLen(r) > maxName {
			break
		}
		name.WriteRune(r)
	}
	if !solid {
		return append(dst, '_')
	}
	return append(dst, name.String()...)
}

// twin reports whether a member has to go because another one of its object has the same name. Of those, the one whose
// key can give no other name stays, else the first.
func twin(object, m record.Value, name []byte, snake bool) bool {
	var buffer [maxName + 64]byte
	first := true
	for other := object.First(); other.Kind() != record.Absent; other = other.NextIn(object) {
		if other == m {
			first = false
			continue
		}
		key := other.RawKey()
		if len(key) > 0 && classes[key[0]] <= upper && classes[key[0]] != 0 && key[0]|0x20 != name[0]|0x20 {
			continue
		}
		if otherName, alike := appendName(buffer[:0], other, snake); string(otherName) == string(name) && (first || !alike) {
			return true
		}
	}
	return false
}
