// Package chunk takes apart the chunks that Fluent Bit hands to an output: MessagePack records, one after the other.
//
// Every byte of a chunk comes out in exactly one piece, whatever the bytes are. A record that is not usable spoils
// itself only; where the bytes stop making sense, the rest of the chunk is one piece that says why.
package chunk

import (
	"iter"
	"time"
)

// Kind tells what a piece of a chunk is.
type Kind uint8

// The kinds of pieces. A chunk that is sound to its end has neither of the last two; one that is not has exactly
// one of them, as its last piece.
const (
	Record     Kind = iota // a log record
	GroupStart             // no record: its body describes the resource of the records that follow
	GroupEnd               // no record: the resource no longer holds
	Unreadable             // a whole element that is not a log record; what follows it can be read
	Truncated              // the rest of the chunk: an element that goes on behind the chunk's end
	Damaged                // the rest of the chunk: bytes that no record starts with or that are not MessagePack
)

// Reason says why bytes are no record. It never holds any of them.
type Reason string

// Error makes a reason an error.
func (r Reason) Error() string { return string(r) }

const (
	cutShort Reason = "chunk ends inside a record"
	notArray Reason = "no record starts here"
	notMsgp  Reason = "bytes are not MessagePack"
	badTime  Reason = "time is none of the known forms"
	badBody  Reason = "record is not a map"
	badKey   Reason = "record has a map or an array for a key"
	tooDeep  Reason = "record is nested deeper than 64 levels"
)

// Piece is a run of a chunk's bytes that belong together. All its slices are views of the chunk.
type Piece struct {
	Kind     Kind
	Reason   Reason    // why it is not a record
	Bytes    []byte    // all bytes of the piece
	Time     time.Time // when Fluent Bit took the record in, which is not when the event happened
	Body     []byte    // the record, a MessagePack map
	Metadata []byte    // the record's metadata, a MessagePack map, if there is any
	Resource []byte    // body of the group around the record, if there is one
}

// Pieces yields the pieces of a chunk in order. Put together they are the chunk.
func Pieces(chunk []byte) iter.Seq[Piece] {
	return func(yield func(Piece) bool) {
		var resource []byte
		for rest := chunk; len(rest) > 0; {
			p := first(rest)
			switch p.Kind {
			case GroupStart:
				resource = p.Body
			case GroupEnd:
				resource = nil
			case Record:
				p.Resource = resource
			}
			if !yield(p) {
				return
			}
			rest = rest[len(p.Bytes):]
		}
	}
}
