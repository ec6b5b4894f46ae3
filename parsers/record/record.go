// Package record reads one JSON record in a single validating pass into a flat index, the tape,
// in which any member is found without reading the text again.
//
// Everything a parser takes from a record is a view over the record's own bytes:
// whoever keeps a string longer than the record clones it.
package record

import "unsafe"

// Limits that hold for each record.
const (
	MaxBytes = 1 << 20 // larger records become dead letters before they are read
	MaxDepth = 64      // deeper ones as well
	// TextDepth is the depth from which containers are kept as JSON text. Elasticsearch takes 20 levels and a
	// record's members stand up to three levels deeper in its document than in the record.
	TextDepth = 17
)

// Kind tells what a JSON value is.
type Kind uint8

// The kinds of JSON values; Absent is the kind of a member that is not there.
const (
	Absent Kind = iota
	Null
	False
	True
	Number
	String
	Object
	Array
)

// Flags of a node.
const (
	keyEscaped   = 1 << iota // the key has a backslash
	valueEscaped             // the string has a backslash
	vacant                   // null, "", {}, [] or a container of nothing else
	hollow                   // vacant, or "-" or "none", or a container of nothing else (CloudTrail's idea of empty)
	holed                    // something inside is vacant
	hollowed                 // something inside is hollow
)

// node is one value of the tape. The children of a container follow it; skip is the index behind its subtree.
type node struct {
	keyAt, keyEnd uint32 // the key's text, without its quotes
	at, end       uint32 // the value's text, with its quotes
	skip          int32
	kind          Kind
	flags         uint8
}

// Record is the tape of one record. It is made to be used again: Parse forgets what was there.
type Record struct {
	text    []byte // what the tape points into: the bytes given, or cleaned
	nodes   []node
	arena   []byte // unescaped strings
	cleaned []byte
	mended  uint8
	seen    map[string]struct{} // keys of one very wide object
}

// Parse validates raw, which must be one JSON object, and indexes it. What JSON allows and Elasticsearch refuses is
// mended on the way: of equal keys the last one counts, invalid UTF-8 becomes U+FFFD, containers below TextDepth
// become text, white space with line breaks goes. The record keeps raw until the next Parse.
func (r *Record) Parse(raw []byte) error {
	r.mended = 0
	if len(raw) > MaxBytes {
		return &SyntaxError{Problem: TooLarge, Offset: MaxBytes}
	}
	faults, err := r.index(raw)
	if err != nil {
		return err
	}
	if faults == 0 {
		return nil
	}
	r.cleaned = appendClean(r.cleaned[:0], r.Root(), 1)
	_, err = r.index(r.cleaned)
	r.mended = faults
	return err
}

// Mended reports whether the record held something that had to be mended beyond white space.
func (r *Record) Mended() bool { return r.mended&^faultSpace != 0 }

// Root is the record's outermost value.
func (r *Record) Root() Value {
	if len(r.nodes) == 0 {
		return Value{}
	}
	return Value{r, 0}
}

// Text is the JSON text of the whole record as the tape sees it.
func (r *Record) Text() []byte { return r.text }

// view makes a string of bytes that will not change as long as the record lives.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
