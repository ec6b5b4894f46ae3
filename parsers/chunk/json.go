package chunk

import (
	"math"
	"strconv"

	"github.com/tinylib/msgp/msgp"

	"github.com/idwatch/idwatch/parsers/record"
)

// AppendRecord appends the text of a record: the JSON text that its body holds, as it is, or else JSON made of the
// body or of the map inside it that is the vendor's record. Key names the member that holds the record; with an empty
// key it is found by shape. The error is a Reason.
func (p *Piece) AppendRecord(dst []byte, key string) ([]byte, error) {
	line, object := find(p.Body, key)
	if line != nil {
		return append(dst, line...), nil
	}
	start := len(dst)
	dst, _, err := appendValue(dst, object, 1)
	if err != nil {
		return dst[:start], err
	}
	return dst, nil
}

// appendValue appends the value at the start of b as JSON and returns what follows it. What JSON has no word for,
// extensions and numbers that are none, is null.
func appendValue(dst, b []byte, depth int) (json, rest []byte, err error) {
	switch msgp.NextType(b) {
	case msgp.StrType, msgp.BinType:
		t, rest, err := msgp.ReadMapKeyZC(b)
		return record.AppendString(dst, msgp.UnsafeString(t)), rest, err
	case msgp.MapType:
		return appendMap(dst, b, depth)
	case msgp.ArrayType:
		return appendArray(dst, b, depth)
	case msgp.IntType:
		n, rest, err := msgp.ReadInt64Bytes(b)
		return strconv.AppendInt(dst, n, 10), rest, err
	case msgp.UintType:
		n, rest, err := msgp.ReadUint64Bytes(b)
		return strconv.AppendUint(dst, n, 10), rest, err
	case msgp.Float64Type:
		f, rest, err := msgp.ReadFloat64Bytes(b)
		return appendFloat(dst, f, 64), rest, err
	case msgp.Float32Type:
		f, rest, err := msgp.ReadFloat32Bytes(b)
		return appendFloat(dst, float64(f), 32), rest, err
	case msgp.BoolType:
		v, rest, err := msgp.ReadBoolBytes(b)
		return strconv.AppendBool(dst, v), rest, err
	default:
		rest, err := msgp.Skip(b)
		return append(dst, "null"...), rest, err
	}
}

func appendMap(dst, b []byte, depth int) (json, rest []byte, err error) {
	if depth > record.MaxDepth {
		return dst, b, tooDeep
	}
	size, b, err := msgp.ReadMapHeaderBytes(b)
	dst = append(dst, '{')
	for i := uint32(0); i < size && err == nil; i++ {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, b, err = appendKey(dst, b); err == nil {
			dst, b, err = appendValue(append(dst, ':'), b, depth+1)
		}
	}
	return append(dst, '}'), b, err
}

// appendKey appends a member's name. A key that is no text becomes the text of its JSON; only containers cannot be
// keys, whose quotes would double with every level.
func appendKey(dst, b []byte) (json, rest []byte, err error) {
	if t, rest, err := msgp.ReadMapKeyZC(b); err == nil {
		return record.AppendString(dst, msgp.UnsafeString(t)), rest, nil
	}
	if isMap(b) || isArray(b) {
		return dst, b, badKey
	}
	key, rest, err := appendValue(nil, b, 1)
	return record.AppendString(dst, string(key)), rest, err
}

func appendArray(dst, b []byte, depth int) (json, rest []byte, err error) {
	if depth > record.MaxDepth {
		return dst, b, tooDeep
	}
	size, b, err := msgp.ReadArrayHeaderBytes(b)
	dst = append(dst, '[')
	for i := uint32(0); i < size && err == nil; i++ {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst, b, err = appendValue(dst, b, depth+1)
	}
	return append(dst, ']'), b, err
}

// appendFloat appends a float so that it reads as one again: Fluent Bit makes floats of numbers written with a point or
// an exponent, so that a whole one gets its ".0" back and the record is the one that came as text.
func appendFloat(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		return strconv.AppendFloat(dst, f, 'e', -1, bits)
	}
	dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
	if f == math.Trunc(f) {
		dst = append(dst, ".0"...)
	}
	return dst
}
