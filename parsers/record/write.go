package record

import (
	"encoding/binary"
	"unicode/utf8"
	"unsafe"
)

// AppendKept appends the value's JSON text without its vacant members and elements, nothing when it is vacant itself.
func (v Value) AppendKept(dst []byte) []byte { return v.appendWithout(dst, vacant, holed) }

// AppendFilled is AppendKept for hollow members.
func (v Value) AppendFilled(dst []byte) []byte { return v.appendWithout(dst, hollow, hollowed) }

func (v Value) appendWithout(dst []byte, empty, holes uint8) []byte {
	if v.r == nil || v.r.nodes[v.i].flags&empty != 0 {
		return dst
	}
	n := &v.r.nodes[v.i]
	if n.flags&holes == 0 {
		return append(dst, v.r.text[n.at:n.end]...)
	}
	closing := byte('}')
	if n.kind == Array {
		closing = ']'
	}
	dst = append(dst, v.r.text[n.at])
	for m := v.First(); m.r != nil; m = m.NextIn(v) {
		child := &v.r.nodes[m.i]
		if child.flags&empty != 0 {
			continue
		}
		if n.kind == Object {
			dst = append(append(append(dst, '"'), m.RawKey()...), '"', ':')
		}
		dst = append(m.appendWithout(dst, empty, holes), ',')
	}
	dst[len(dst)-1] = closing // there is a member, or the container were empty itself
	return dst
}

// appendClean writes a value again as JSON that Elasticsearch takes.
func appendClean(dst []byte, v Value, depth int) []byte {
	switch v.Kind() {
	case String:
		return AppendString(dst, v.Str())
	case Object, Array:
	default:
		return append(dst, v.Raw()...)
	}
	if depth <= TextDepth {
		return appendCleanContainer(dst, v, depth)
	}
	return AppendString(dst, view(appendCleanContainer(nil, v, -MaxDepth)))
}

func appendCleanContainer(dst []byte, v Value, depth int) []byte {
	opening, closing := byte('{'), byte('}')
	if v.Kind() == Array {
		opening, closing = '[', ']'
	}
	dst = append(dst, opening)
	start := len(dst)
	last := lastOfKeys(v)
	for m := v.First(); m.r != nil; m = m.NextIn(v) {
		kept := m
		if last != nil {
			at, first := last[m.Key()]
			if !first {
				continue
			}
			delete(last, m.Key())
			kept = Value{v.r, at}
		}
		if v.Kind() == Object {
			dst = append(AppendString(dst, m.Key()), ':')
		}
		dst = append(appendClean(dst, kept, depth+1), ',')
	}
	if len(dst) > start {
		dst[len(dst)-1] = closing
		return dst
	}
	return append(dst, closing)
}

// lastOfKeys maps each key of an object to the last value that has it; nil for arrays.
// As in a Java map, a repeated key keeps its first place and takes the last value.
func lastOfKeys(v Value) map[string]int32 {
	if v.Kind() != Object {
		return nil
	}
	last := map[string]int32{}
	for m := v.First(); m.r != nil; m = m.NextIn(v) {
		last[m.Key()] = m.i
	}
	return last
}

const hexDigits = "0123456789abcdef"

// plainByte tells which bytes stand in a JSON string as they are.
var plainByte = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// AppendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := plainWords(s); i < len(s); {
		c := s[i]
		if plainByte[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		dst = appendEscape(append(dst, s[start:i]...), c)
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

// plainWords counts the bytes at the beginning of s that stand in a JSON string as they are, eight at a time.
func plainWords(s string) int {
	i := 0
	for b := unsafe.Slice(unsafe.StringData(s), len(s)); i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, slash := w^ones*'"', w^ones*'\\'
		if ((quote-ones)|(slash-ones)|(w-ones*0x20)|w)&highs != 0 {
			break
		}
	}
	return i
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// AppendCanonical appends the value so that equal values give equal bytes: no white space, one way to escape.
func AppendCanonical(dst []byte, v Value) []byte { return appendClean(dst, v, -MaxDepth) }
