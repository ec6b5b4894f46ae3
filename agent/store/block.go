package store

import (
	"encoding/binary"
	"hash/crc32"
	"time"

	"github.com/klauspost/compress/s2"
)

// A block is records of one dataset, compressed together. In it each record stands behind its event time in milliseconds and its
// length. Nothing of a record is looked at when it is taken: a search goes through the text, which costs the
// searcher a second for a million records, and the writer nothing.
const (
	blockBytes  = 512 << 10 // at which a block is full; from here on larger ones compress hardly better
	frameHeader = 12
)

// block is being filled, or waits for the disk.
type block struct {
	dataset     string
	text        []byte
	records     int
	first, last int64 // event times, in milliseconds
	began       time.Time
}

func (b *block) reset(dataset string, now time.Time) {
	*b = block{dataset: dataset, text: b.text[:0], began: now}
}

func (b *block) add(millis int64, text []byte) {
	if b.records == 0 || millis < b.first {
		b.first = millis
	}
	if b.records == 0 || millis > b.last {
		b.last = millis
	}
	b.records++
	b.text = binary.LittleEndian.AppendUint64(b.text, uint64(millis))
	b.text = binary.LittleEndian.AppendUint32(b.text, uint32(len(text)))
	b.text = append(b.text, text...)
}

// eachRecord calls take for each record of a block's text until it answers false. It reports whether the text is whole.
func eachRecord(text []byte, take func(millis int64, record []byte) bool) bool {
	for len(text) > 0 {
		if len(text) < frameHeader {
			return false
		}
		millis := int64(binary.LittleEndian.Uint64(text))
		size := int(binary.LittleEndian.Uint32(text[8:]))
		if size > len(text)-frameHeader {
			return false
		}
		if !take(millis, text[frameHeader:frameHeader+size]) {
			return true
		}
		text = text[frameHeader+size:]
	}
	return true
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// squeeze compresses a block's text into dst's memory.
func squeeze(dst, text []byte) (packed []byte, sum uint32) {
	packed = s2.Encode(dst[:cap(dst)], text)
	return packed, crc32.Checksum(packed, castagnoli)
}

// What a block may be when it is read: one record of the largest size may come behind a nearly full block.
const (
	blockMost  = blockBytes + 2<<20
	packedMost = blockMost + blockMost/4
)

// unsqueeze returns a block's text, made in dst's memory, and whether it is what was written.
func unsqueeze(dst, packed []byte, sum uint32) ([]byte, bool) {
	if crc32.Checksum(packed, castagnoli) != sum {
		return nil, false
	}
	if size, err := s2.DecodedLen(packed); err != nil || size > blockMost {
		return nil, false
	}
	text, err := s2.Decode(dst[:cap(dst)], packed)
	return text, err == nil
}
