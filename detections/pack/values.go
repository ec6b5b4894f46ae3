package pack

import (
	"encoding/binary"
	"math"
	"net/netip"
	"time"
)

// Uint is a number without sign.
func (c *Coder) Uint(v *uint64) {
	if !c.Reading() {
		c.room = binary.AppendUvarint(c.room, *v)
		c.put(nil)
		return
	}
	*v = 0
	for shift := uint(0); shift < 64; shift += 7 {
		b := c.take(1)
		if b == nil {
			return
		}
		*v |= uint64(b[0]&0x7f) << shift
		if b[0] < 0x80 {
			return
		}
	}
	c.Damaged()
}

// Int is a number.
func (c *Coder) Int(v *int64) {
	u := uint64(*v)<<1 ^ uint64(*v>>63)
	c.Uint(&u)
	*v = int64(u>>1) ^ -int64(u&1)
}

// Fixed is a number that is as long as it is, such as a hash.
func (c *Coder) Fixed(v *uint64) {
	if !c.Reading() {
		c.room = binary.LittleEndian.AppendUint64(c.room, *v)
		c.put(nil)
		return
	}
	if b := c.take(8); b != nil {
		*v = binary.LittleEndian.Uint64(b)
	}
}

// Number is a whole number of any type.
func Number[T ~int | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32](c *Coder, v *T) {
	n := int64(*v)
	c.Int(&n)
	*v = T(n)
	if int64(*v) != n {
		c.Damaged()
	}
}

// Bool is true or false.
func (c *Coder) Bool(v *bool) {
	var u uint64
	if *v {
		u = 1
	}
	c.Uint(&u)
	*v = u == 1
}

// Float is a floating-point number.
func (c *Coder) Float(v *float64) {
	u := math.Float64bits(*v)
	c.Fixed(&u)
	*v = math.Float64frombits(u)
}

// yearOne lets the zero time be short.
const yearOne = -62135596800

// Time is a time, with its nanoseconds; it is read in UTC.
func (c *Coder) Time(v *time.Time) {
	seconds, nanoseconds := v.Unix()-yearOne, uint64(v.Nanosecond())
	c.Int(&seconds)
	c.Uint(&nanoseconds)
	if !c.Reading() {
		return
	}
	if nanoseconds >= uint64(time.Second) {
		c.Damaged()
		return
	}
	*v = time.Unix(seconds+yearOne, int64(nanoseconds)).UTC()
}

// Duration is a length of time.
func (c *Coder) Duration(v *time.Duration) { Number(c, v) }

// Addr is an IP address, invalid when there is none.
func (c *Coder) Addr(v *netip.Addr) {
	var text []byte
	if !c.Reading() {
		text, _ = v.MarshalBinary() // has no error
	}
	c.Bytes(&text)
	if !c.Reading() {
		return
	}
	if v.UnmarshalBinary(text) != nil {
		c.Damaged()
	}
}

// Bytes are raw; none are read as nil.
func (c *Coder) Bytes(v *[]byte) {
	n := c.Len(len(*v), textMost)
	if !c.Reading() {
		c.put(*v)
		return
	}
	*v = append([]byte(nil), c.take(n)...)
}

// Text is a text that stands alone, such as a document id.
func (c *Coder) Text(v *string) {
	n := c.Len(len(*v), textMost)
	if !c.Reading() {
		c.room = append(c.room, *v...)
		c.put(nil)
		return
	}
	*v = string(c.take(n))
}

// Word is a text that comes often: it is written once, and afterwards by its number.
func Word[T ~string](c *Coder, v *T) {
	if !c.Reading() {
		if *v == "" {
			c.put([]byte{0})
			return
		}
		n, known := c.numbers[string(*v)]
		if known {
			n++
			c.Uint(&n)
			return
		}
		c.numbers[string(*v)] = uint64(len(c.numbers)) + 1
		c.put([]byte{1})
		s := string(*v)
		c.Text(&s)
		return
	}
	var n uint64
	c.Uint(&n)
	switch {
	case n == 0:
		*v = ""
	case n == 1:
		var s string
		c.Text(&s)
		c.words = append(c.words, s)
		*v = T(s)
	case n-2 < uint64(len(c.words)):
		*v = T(c.words[n-2])
	default:
		c.Damaged()
	}
}

// Len is how many of something follow, at most so many.
func (c *Coder) Len(n, most int) int {
	u := uint64(n)
	c.Uint(&u)
	if c.err != nil || u > uint64(most) {
		c.Damaged()
		return 0
	}
	return int(u)
}
