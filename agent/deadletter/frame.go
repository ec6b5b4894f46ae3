package deadletter

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"time"
)

// A frame is
//
//	mark     8 bytes, random for each segment and part of its file's name
//	state    1 byte: live or removed; the only byte that ever changes
//	length   4 bytes, little endian, of what follows the checksum
//	checksum 4 bytes, CRC32C over mark, length and payload
//	payload  4 bytes length of the header, the header as JSON, the raw bytes
//
// The mark is what reading finds its way back by after damage. It is random so that nobody can send
// us raw bytes that look like a frame.
const (
	markLen    = 8
	stateAt    = markLen
	lengthAt   = stateAt + 1
	checksumAt = lengthAt + 4
	payloadAt  = checksumAt + 4
	maxPayload = 64 << 20

	live    = 'L'
	removed = 'R'
)

// ErrTooLarge says that an entry is larger than any frame may be.
var ErrTooLarge = errors.New("dead letter larger than 64 MiB")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type mark [markLen]byte

// header is the JSON part of a payload.
type header struct {
	ID     string    `json:"id"`
	Time   time.Time `json:"time"`
	Input  string    `json:"input"`
	Reason string    `json:"reason"`
}

// appendFrame appends e's frame to dst.
func appendFrame(dst []byte, m mark, e Entry) ([]byte, error) {
	head, err := json.Marshal(header{e.ID, e.Time, e.Input, e.Reason})
	if err != nil {
		return dst, err
	}
	length := 4 + len(head) + len(e.Raw)
	if length > maxPayload {
		return dst, ErrTooLarge
	}
	start := len(dst)
	dst = append(dst, m[:]...)
	dst = append(dst, live)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(length))
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(head)))
	dst = append(dst, head...)
	dst = append(dst, e.Raw...)
	frame := dst[start:]
	binary.LittleEndian.PutUint32(frame[checksumAt:], checksum(frame))
	return dst, nil
}

func checksum(frame []byte) uint32 {
	sum := crc32.Update(0, castagnoli, frame[:markLen])
	sum = crc32.Update(sum, castagnoli, frame[lengthAt:checksumAt])
	return crc32.Update(sum, castagnoli, frame[payloadAt:])
}

// frameAt returns the frame that b begins with, or nil when there is no whole and sound one.
func frameAt(b []byte, m mark) []byte {
	if len(b) < payloadAt+4 || !bytes.Equal(b[:markLen], m[:]) {
		return nil
	}
	length := binary.LittleEndian.Uint32(b[lengthAt:])
	if length < 4 || length > maxPayload || int(length) > len(b)-payloadAt {
		return nil
	}
	frame := b[:payloadAt+int(length)]
	if binary.LittleEndian.Uint32(frame[checksumAt:]) != checksum(frame) {
		return nil
	}
	return frame
}

// entryOf reads a sound frame. The entry's raw bytes are a view over the frame.
func entryOf(frame []byte) (Entry, error) {
	payload := frame[payloadAt:]
	n := binary.LittleEndian.Uint32(payload)
	if int64(n) > int64(len(payload)-4) {
		return Entry{}, errors.New("header longer than its frame")
	}
	var h header
	if err := json.Unmarshal(payload[4:4+n], &h); err != nil {
		return Entry{}, errors.New("header is not JSON")
	}
	return Entry{ID: h.ID, Time: h.Time, Input: h.Input, Reason: h.Reason, Raw: payload[4+n:]}, nil
}

// layout is what a segment's bytes hold: frames, gaps between them and a tail in which no frame is whole.
type layout struct {
	frames []span
	gaps   []span
	end    int // where the tail begins
}

type span struct{ at, size int }

// survey walks over a segment's bytes. Frames, gaps and tail together are all of them.
func survey(b []byte, m mark) layout {
	var l layout
	for l.end < len(b) {
		at := nextFrame(b, l.end, m)
		if at < 0 {
			break
		}
		if at > l.end {
			l.gaps = append(l.gaps, span{l.end, at - l.end})
		}
		size := len(frameAt(b[at:], m))
		l.frames = append(l.frames, span{at, size})
		l.end = at + size
	}
	return l
}

// nextFrame is the offset of the first sound frame at or behind from, -1 when there is none.
func nextFrame(b []byte, from int, m mark) int {
	for {
		i := bytes.Index(b[from:], m[:])
		if i < 0 {
			return -1
		}
		if from += i; frameAt(b[from:], m) != nil {
			return from
		}
		from++
	}
}
