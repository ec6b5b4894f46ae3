package chunk

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/tinylib/msgp/msgp"
)

// Seconds that mark a group of records instead of telling a time, with 0 nanoseconds.
const (
	groupStartSeconds = math.MaxUint32
	groupEndSeconds   = math.MaxUint32 - 1
)

// first reads the piece at the start of data, which is not empty. An element is either [time, body] or
// [[time, metadata], body].
func first(data []byte) Piece {
	size, rest, err := msgp.ReadArrayHeaderBytes(data)
	if err != nil || size != 2 {
		return tail(data, err)
	}
	head := rest
	if rest, err = skip(head); err != nil {
		return tail(data, err)
	}
	head, body := head[:len(head)-len(rest)], rest
	if rest, err = skip(body); err != nil {
		return tail(data, err)
	}
	p := Piece{Body: body[:len(body)-len(rest)], Bytes: data[:len(data)-len(rest)]}
	p.readHead(head)
	switch {
	case isMap(p.Body):
	case p.Kind == Record:
		p.spoil(badBody)
	default:
		p.Body = nil
	}
	return p
}

// tail makes one piece of everything that is left, none of which can be read as a record.
func tail(data []byte, err error) Piece {
	p := Piece{Kind: Damaged, Reason: notArray, Bytes: data}
	var prefix msgp.InvalidPrefixError
	switch {
	case errors.Is(err, msgp.ErrShortBytes):
		p.Kind, p.Reason = Truncated, cutShort
	case errors.As(err, &prefix):
		p.Reason = notMsgp
	}
	return p
}

func (p *Piece) spoil(why Reason) { p.Kind, p.Reason, p.Body = Unreadable, why, nil }

// readHead reads what stands before the body. Metadata of an unknown shape is no reason to lose a record.
func (p *Piece) readHead(head []byte) {
	if size, inner, err := msgp.ReadArrayHeaderBytes(head); err == nil {
		metadata, err := skip(inner)
		if err != nil || size < 1 {
			p.spoil(badTime)
			return
		}
		head = inner[:len(inner)-len(metadata)]
		if size == 2 && isMap(metadata) {
			p.Metadata = metadata
		}
	}
	p.readTime(head)
}

// readTime reads the three forms of a time, and the two values of the first form that are marks instead.
func (p *Piece) readTime(b []byte) {
	if seconds, nanos, ok := eventTime(b); ok {
		switch {
		case nanos == 0 && seconds == groupStartSeconds:
			p.Kind = GroupStart
		case nanos == 0 && seconds == groupEndSeconds:
			p.Kind = GroupEnd
		default:
			p.Time = time.Unix(int64(seconds), int64(nanos)).UTC()
		}
		return
	}
	if seconds, _, err := msgp.ReadInt64Bytes(b); err == nil {
		p.Time = time.Unix(seconds, 0).UTC()
		return
	}
	if seconds, _, err := msgp.ReadFloat64Bytes(b); err == nil && math.Abs(seconds) <= math.MaxUint32 {
		whole, fraction := math.Modf(seconds)
		p.Time = time.Unix(int64(whole), int64(fraction*1e9)).UTC()
		return
	}
	p.spoil(badTime)
}

// eventTime reads an extension of type 0 with 8 bytes: seconds and nanoseconds, both unsigned and big endian.
func eventTime(b []byte) (seconds, nanos uint32, ok bool) {
	switch {
	case len(b) == 10 && b[0] == 0xd7 && b[1] == 0: // fixext 8
		b = b[2:]
	case len(b) == 11 && b[0] == 0xc7 && b[1] == 8 && b[2] == 0: // ext 8
		b = b[3:]
	default:
		return 0, 0, false
	}
	return binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:]), true
}

// skip returns what follows the element at the start of b. It counts instead of recursing, so that neither depth nor
// announced sizes cost more than the bytes that are there.
func skip(b []byte) ([]byte, error) {
	for open := uint64(1); open > 0; open-- { // below 2^64: a chunk has less than 2^31 bytes, each opens less than 2^33
		var inner uint64
		var err error
		if b, inner, err = skipOne(b); err != nil {
			return b, err
		}
		open += inner
	}
	return b, nil
}

// skipOne steps over a value, or over the header of a container with inner elements.
func skipOne(b []byte) (rest []byte, inner uint64, err error) {
	var size uint32
	switch {
	case isMap(b):
		size, rest, err = msgp.ReadMapHeaderBytes(b)
		return rest, 2 * uint64(size), err
	case isArray(b):
		size, rest, err = msgp.ReadArrayHeaderBytes(b)
		return rest, uint64(size), err
	case len(b) > 0 && b[0]&0xe0 == 0xa0: // a short string, as most elements are
		if n := 1 + int(b[0]&0x1f); n <= len(b) {
			return b[n:], 0, nil
		}
	}
	rest, err = msgp.Skip(b)
	return rest, 0, err
}

func isMap(b []byte) bool {
	return len(b) > 0 && (b[0]&0xf0 == 0x80 || b[0] == 0xde || b[0] == 0xdf)
}

func isArray(b []byte) bool {
	return len(b) > 0 && (b[0]&0xf0 == 0x90 || b[0] == 0xdc || b[0] == 0xdd)
}
