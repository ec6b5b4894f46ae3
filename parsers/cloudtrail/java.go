package cloudtrail

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/idwatch/idwatch/parsers/record"
)

// Elastic's pipeline keeps payloads as the text that Java's toString makes of nested hash maps, and rules of many
// people search that text. So the order of its members is that in which a Java HashMap iterates.

// appendJava appends a value's text without hollow members and without the omitted one, for the inside of a JSON string:
// texts of strings are copied with the escapes that they have in the record.
func appendJava(dst []byte, v, omitted record.Value) []byte {
	switch v.Kind() {
	case record.Object:
		return appendJavaMap(dst, v, omitted)
	case record.Array:
		dst = append(dst, '[')
		for m := v.First(); m.Found(); m = m.NextIn(v) {
			if !m.Hollow() {
				dst = append(appendJava(dst, m, omitted), ", "...)
			}
		}
		return closed(dst, ']')
	case record.String:
		raw := v.Raw()
		return append(dst, raw[1:len(raw)-1]...)
	case record.Number:
		return appendJavaNumber(dst, v.Raw())
	}
	return append(dst, v.Raw()...)
}

func appendJavaMap(dst []byte, v, omitted record.Value) []byte {
	var fewMembers [16]record.Value // most maps need no more memory than this
	var fewSlots [16]uint64
	members, slots := fewMembers[:0], fewSlots[:0]
	for m := v.First(); m.Found(); m = m.NextIn(v) {
		slots = append(slots, slot(hashOf(m), len(slots)))
		members = append(members, m)
	}
	dst = append(dst, '{')
	for _, i := range iterated(slots) {
		m := members[uint32(i)]
		if m.Hollow() || m == omitted {
			continue
		}
		dst = append(append(dst, m.RawKey()...), '=')
		dst = append(appendJava(dst, m, omitted), ", "...)
	}
	return closed(dst, '}')
}

// closed ends a list of which each element was followed by a comma and a space.
func closed(dst []byte, end byte) []byte {
	if last := len(dst) - 2; dst[last] == ',' {
		dst[last] = end
		return dst[:last+1]
	}
	return append(dst, end)
}

// slot is a hash together with the place of its key in the order of insertion.
func slot(hash uint32, place int) uint64 { return uint64(hash)<<32 | uint64(uint32(place)) }

// iterated sorts slots as a HashMap iterates over them: by bucket, within a bucket by insertion. Hollow members count
// for the table's size because they are taken out of the map only later.
func iterated(slots []uint64) []uint64 {
	buckets := uint64(16)
	for uint64(len(slots)) > buckets/4*3 {
		buckets *= 2
	}
	mask := (buckets-1)<<32 | 0xffffffff
	for i := range slots {
		slots[i] &= mask
	}
	if len(slots) > 1 {
		slices.Sort(slots)
	}
	return slots
}

// hashOf is the HashMap's hash of a member's key.
func hashOf(m record.Value) uint32 {
	if m.KeyEscaped() {
		return hashString(m.Key())
	}
	return hashBytes(m.RawKey())
}

// hashBytes is hashString for text that most often is ASCII, four characters at a time.
func hashBytes(text []byte) uint32 {
	h, seen, i := uint32(0), byte(0), 0
	for ; i+4 <= len(text); i += 4 {
		c := text[i : i+4 : i+4]
		seen |= c[0] | c[1] | c[2] | c[3]
		h = h*(31*31*31*31) + uint32(c[0])*(31*31*31) + uint32(c[1])*(31*31) + uint32(c[2])*31 + uint32(c[3])
	}
	for ; i < len(text); i++ {
		seen |= text[i]
		h = h*31 + uint32(text[i])
	}
	if seen >= utf8.RuneSelf {
		return hashString(string(text))
	}
	return h ^ h>>16
}

// hashString is the HashMap's hash of a string: over its UTF-16 units, with the upper half mixed into the lower.
func hashString(s string) uint32 {
	h := uint32(0)
	for _, r := range s {
		if r >= 0x10000 {
			r -= 0x10000
			h = h*31 + uint32(0xD800+r>>10)
			r = 0xDC00 + r&0x3ff
		}
		h = h*31 + uint32(r)
	}
	return h ^ h>>16
}

// appendJavaNumber appends a JSON number as Java prints it: whole numbers by their digits, others as doubles.
func appendJavaNumber(dst, raw []byte) []byte {
	for _, c := range raw {
		if c == '.' || c == 'e' || c == 'E' {
			f, _ := strconv.ParseFloat(string(raw), 64) // infinite beyond the range, as in Java
			return appendJavaDouble(dst, f)
		}
	}
	if string(raw) == "-0" {
		return append(dst, '0')
	}
	return append(dst, raw...)
}

// appendJavaDouble appends f as Double.toString does: at least one decimal, an exponent outside of 0.001 to 10,000,000.
func appendJavaDouble(dst []byte, f float64) []byte {
	magnitude := f
	if f < 0 {
		magnitude = -f
	}
	switch {
	case magnitude > 1.7976931348623157e308:
		return append(dst, onlyIf(f < 0, "-")+"Infinity"...)
	case magnitude == 0 || magnitude >= 1e-3 && magnitude < 1e7:
		text := strconv.FormatFloat(f, 'f', -1, 64)
		return append(append(dst, text...), onlyIf(!strings.Contains(text, "."), ".0")...)
	}
	text := strconv.FormatFloat(f, 'e', -1, 64)
	digits, exponent, _ := strings.Cut(text, "e")
	if !strings.Contains(digits, ".") {
		// Java wants two digits and takes the pair that is nearest: 4.9E-324, where one digit would say 5e-324.
		digits, exponent, _ = strings.Cut(strconv.FormatFloat(f, 'e', 1, 64), "e")
	}
	power, _ := strconv.Atoi(exponent)
	return strconv.AppendInt(append(append(dst, digits...), 'E'), int64(power), 10)
}
