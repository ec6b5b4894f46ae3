package spool

import (
	"encoding/binary"
	"hash/crc32"
)

// A frame is a head of 44 bytes and a body:
//
//	 0  length  4 bytes, little endian like all that follows: of the body
//	 4  kind    4 bytes: one entry as it is, or a zstd block of many
//	 8  number  8 bytes: of the first entry, counted from 0 since the log began
//	16  before  8 bytes: weight of all entries before the first
//	24  weight  4 bytes: of the entries in the frame
//	28  count   4 bytes: of the entries in the frame
//	32  back    4 bytes: entries before the first that were written with it, in one go
//	36  sum     4 bytes: CRC32C over salt, the 36 bytes above, and the body
//	40  check   4 bytes: CRC32C over salt and the 40 bytes above
//
// The salt is random for each segment and part of its file's name: nobody can send us bytes that look like a frame. The check of
// the head alone makes it cheap to find the next frame behind damage.
const (
	headLen  = 44
	sumAt    = 36
	checkAt  = 40
	maxEntry = 512 << 20

	plainFrame  = 0
	packedFrame = 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type salt [8]byte

// head is what stands before a frame's body.
type head struct {
	length, kind  uint32
	number        uint64
	before        uint64
	weight, count uint32
	back, sum     uint32
}

// appendFrame appends a frame whose body is made of parts.
func appendFrame(dst []byte, s salt, h head, parts ...[]byte) []byte {
	start := len(dst)
	for _, p := range parts {
		h.length += uint32(len(p))
	}
	le := binary.LittleEndian
	dst = le.AppendUint32(dst, h.length)
	dst = le.AppendUint32(dst, h.kind)
	dst = le.AppendUint64(dst, h.number)
	dst = le.AppendUint64(dst, h.before)
	dst = le.AppendUint32(dst, h.weight)
	dst = le.AppendUint32(dst, h.count)
	dst = le.AppendUint32(dst, h.back)
	dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, p := range parts {
		dst = append(dst, p...)
	}
	frame := dst[start:]
	le.PutUint32(frame[sumAt:], sumOf(s, frame))
	le.PutUint32(frame[checkAt:], checkOf(s, frame))
	return dst
}

func sumOf(s salt, frame []byte) uint32 {
	sum := crc32.Update(crc32.Checksum(s[:], castagnoli), castagnoli, frame[:sumAt])
	return crc32.Update(sum, castagnoli, frame[headLen:])
}

func checkOf(s salt, frame []byte) uint32 {
	return crc32.Update(crc32.Checksum(s[:], castagnoli), castagnoli, frame[:checkAt])
}

// headAt reads the head that b begins with, if there is a sound one.
func headAt(b []byte, s salt) (h head, ok bool) {
	if len(b) < headLen {
		return h, false
	}
	le := binary.LittleEndian
	h = head{length: le.Uint32(b), kind: le.Uint32(b[4:]), number: le.Uint64(b[8:]), before: le.Uint64(b[16:]),
		weight: le.Uint32(b[24:]), count: le.Uint32(b[28:]),
		back: le.Uint32(b[32:]), sum: le.Uint32(b[sumAt:])}
	if h.length > maxEntry || h.kind > packedFrame || h.count == 0 {
		return h, false
	}
	return h, le.Uint32(b[checkAt:]) == checkOf(s, b)
}

func (h head) size() int64 { return headLen + int64(h.length) }

// sound reports whether a whole frame's body is what was written.
func (h head) sound(frame []byte, s salt) bool { return h.sum == sumOf(s, frame) }

// end is the position behind the frame.
func (h head) end() Position {
	return Position{h.number + uint64(h.count), h.before + uint64(h.weight)}
}
