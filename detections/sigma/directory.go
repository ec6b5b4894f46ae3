package sigma

import (
	"strings"
	"unicode/utf8"

	"github.com/idwatch/idwatch/parsers/record"
)

// entry is a member at the top of a record, with a signature that tells most names apart without reading them.
type entry struct {
	signature uint32 // unlike when its key must be read to know
	value     record.Value
}

// unlike is the signature of names that are not plain ASCII.
const unlike = 0

// signatureOf is made of length, first and last letter, without regard to case.
func signatureOf(name string) uint32 {
	if name == "" || !isASCII(name) {
		return unlike
	}
	return uint32(len(name))<<16 | uint32(lower[name[0]])<<8 | uint32(lower[name[len(name)-1]])
}

func isASCII(text string) bool {
	var bits byte
	for i := 0; i < len(text); i++ {
		bits |= text[i]
	}
	return bits < utf8.RuneSelf
}

// list writes down the members at the top of the record.
func (m *matcher) list() {
	m.entries = m.entries[:0]
	for e := m.root.First(); e.Found(); e = e.NextIn(m.root) {
		one := entry{value: e}
		if !e.KeyEscaped() {
			one.signature = signatureOf(str(e.RawKey()))
		}
		m.entries = append(m.entries, one)
	}
}

// isNamed reports whether a member has a name, or one that differs in case alone.
func isNamed(member record.Value, name string, folded bool) bool {
	key := str(member.RawKey())
	if member.KeyEscaped() {
		key = member.Key()
	}
	if !folded {
		return key == name
	}
	return maybeEqual(key, name) && strings.EqualFold(key, name)
}

// maybeEqual reports whether two names may differ in case alone, by their first letters.
func maybeEqual(key, name string) bool {
	if key == "" || name == "" {
		return key == name
	}
	a, b := key[0], name[0]
	return a|0x20 == b|0x20 || a >= utf8.RuneSelf || b >= utf8.RuneSelf
}
