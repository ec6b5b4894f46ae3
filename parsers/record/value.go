package record

import (
	"strconv"
	"unicode/utf8"
)

// Value is one value of a record, or the absence of one: every method answers for a member that is not there.
type Value struct {
	r *Record
	i int32
}

// Kind tells what the value is.
func (v Value) Kind() Kind {
	if v.r == nil {
		return Absent
	}
	return v.r.nodes[v.i].kind
}

// Found reports whether there is a value, if only null.
func (v Value) Found() bool { return v.r != nil }

// Exists reports whether the value is there and not null.
func (v Value) Exists() bool { return v.Kind() > Null }

// Vacant reports whether the value is absent, null, "", {} or [], or holds nothing else.
func (v Value) Vacant() bool { return v.r == nil || v.r.nodes[v.i].flags&vacant != 0 }

// Hollow is Vacant with "-" and "none" as further empty texts.
func (v Value) Hollow() bool { return v.r == nil || v.r.nodes[v.i].flags&hollow != 0 }

// Key is the name under which the value stands in its object, without escapes.
func (v Value) Key() string {
	if v.r == nil {
		return ""
	}
	n := &v.r.nodes[v.i]
	return v.r.plain(n.keyAt, n.keyEnd, n.flags&keyEscaped != 0)
}

// RawKey is the key's JSON text without its quotes.
func (v Value) RawKey() []byte {
	n := &v.r.nodes[v.i]
	return v.r.text[n.keyAt:n.keyEnd]
}

// KeyEscaped reports whether the key has escapes, so that its raw text differs from its name.
func (v Value) KeyEscaped() bool { return v.r != nil && v.r.nodes[v.i].flags&keyEscaped != 0 }

// Raw is the value's JSON text, nil when it is absent.
func (v Value) Raw() []byte {
	if v.r == nil {
		return nil
	}
	n := &v.r.nodes[v.i]
	return v.r.text[n.at:n.end]
}

// Str is the text of a string without escapes, "" for anything else.
func (v Value) Str() string {
	if v.Kind() != String {
		return ""
	}
	n := &v.r.nodes[v.i]
	return v.r.plain(n.at+1, n.end-1, n.flags&valueEscaped != 0)
}

// Escaped reports whether a string has escapes, so that its raw text differs from its value.
func (v Value) Escaped() bool { return v.r != nil && v.r.nodes[v.i].flags&valueEscaped != 0 }

// Scalar is the text of a string, a number or a boolean, "" for anything else.
func (v Value) Scalar() string {
	switch v.Kind() {
	case String:
		return v.Str()
	case Number, True, False:
		return view(v.Raw())
	}
	return ""
}

// Bool is the value of a boolean; ok is false for anything else.
func (v Value) Bool() (value, ok bool) {
	k := v.Kind()
	return k == True, k == True || k == False
}

// Int is the value of a number that is a whole one and fits 64 bits.
func (v Value) Int() (int64, bool) {
	if v.Kind() != Number {
		return 0, false
	}
	n, err := strconv.ParseInt(view(v.Raw()), 10, 64)
	return n, err == nil
}

// Float is the value of a number that a 64-bit float can hold.
func (v Value) Float() (float64, bool) {
	if v.Kind() != Number {
		return 0, false
	}
	f, err := strconv.ParseFloat(view(v.Raw()), 64)
	return f, err == nil
}

// Get returns the member of an object with the given name.
func (v Value) Get(name string) Value {
	if v.Kind() != Object {
		return Value{}
	}
	nodes, text := v.r.nodes, v.r.text
	end := nodes[v.i].skip
	for j := v.i + 1; j < end; j = nodes[j].skip {
		n := &nodes[j]
		if int(n.keyEnd-n.keyAt) == len(name) && string(text[n.keyAt:n.keyEnd]) == name {
			return Value{v.r, j}
		}
		if n.flags&keyEscaped != 0 && (Value{v.r, j}).Key() == name {
			return Value{v.r, j}
		}
	}
	return Value{}
}

// Path follows names through nested objects.
func (v Value) Path(names ...string) Value {
	for _, name := range names {
		v = v.Get(name)
	}
	return v
}

// First is the first element or member of a container.
func (v Value) First() Value {
	if k := v.Kind(); k != Object && k != Array {
		return Value{}
	}
	if v.i+1 >= v.r.nodes[v.i].skip {
		return Value{}
	}
	return Value{v.r, v.i + 1}
}

// NextIn is the element or member that follows v in its container.
func (v Value) NextIn(container Value) Value {
	next := v.r.nodes[v.i].skip
	if next >= container.r.nodes[container.i].skip {
		return Value{}
	}
	return Value{v.r, next}
}

// Each calls do for every element or member until it returns false.
func (v Value) Each(do func(Value) bool) {
	for m := v.First(); m.r != nil; m = m.NextIn(v) {
		if !do(m) {
			return
		}
	}
}

// Len counts the elements or members of a container.
func (v Value) Len() int {
	n := 0
	for m := v.First(); m.r != nil; m = m.NextIn(v) {
		n++
	}
	return n
}

// At is the element of an array at position i, from 0.
func (v Value) At(i int) Value {
	m := v.First()
	for ; m.r != nil && i > 0; i-- {
		m = m.NextIn(v)
	}
	return m
}

// plain is the text from at to end, without escapes.
func (r *Record) plain(at, end uint32, escaped bool) string {
	raw := r.text[at:end]
	if !escaped {
		return view(raw)
	}
	start := len(r.arena)
	r.arena = appendUnescaped(r.arena, raw)
	return view(r.arena[start:len(r.arena):len(r.arena)])
}

// appendUnescaped appends the value of a string's text, whose escapes the scanner has checked.
func appendUnescaped(dst, raw []byte) []byte {
	for i := 0; i < len(raw); {
		c := raw[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		switch c = raw[i+1]; c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			unit, _ := hex4(raw[i+2 : i+6])
			i += 6
			if unit >= 0xD800 && unit <= 0xDBFF {
				if low, ok := lowSurrogate(raw[i:]); ok {
					unit = (unit-0xD800)<<10 + (low - 0xDC00) + 0x10000
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, unit) // half a pair becomes U+FFFD
			continue
		}
		dst = append(dst, c)
		i += 2
	}
	return dst
}

// IsContainer reports whether the value is an object or an array.
func (v Value) IsContainer() bool { k := v.Kind(); return k == Object || k == Array }

// AppendReplaced appends the value's JSON text with null in the place of the given parts of it, which stand in text order.
func (v Value) AppendReplaced(dst []byte, parts []Value) []byte {
	n := &v.r.nodes[v.i]
	at := n.at
	for _, part := range parts {
		p := &part.r.nodes[part.i]
		if p.at < at || p.end > n.end {
			continue // inside of a part already replaced, or of another value
		}
		dst = append(append(dst, v.r.text[at:p.at]...), "null"...)
		at = p.end
	}
	return append(dst, v.r.text[at:n.end]...)
}
