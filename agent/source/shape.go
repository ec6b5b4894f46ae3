package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// shape is how a file's records are arranged.
type shape int

const (
	undecided shape = iota // too little is there
	byLine                 // one record a line
	whole                  // a JSON array, an envelope or pretty-printed JSON: to be split by its brackets
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// shapeOf tells how a stream is arranged by its beginning. ended says that nothing follows.
func shapeOf(head []byte, ended bool) shape {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, byteOrderMark), " \t\r\n")
	if len(head) > MaxRecord && len(text) == 0 {
		return byLine
	}
	if len(text) == 0 || bytes.HasPrefix(byteOrderMark, text) {
		return undecided
	}
	if text[0] != '{' && text[0] != '[' {
		return byLine
	}
	n := bytes.IndexByte(text, '\n')
	switch {
	case n >= 0 && json.Valid(text[:n]):
		return byLine
	case n >= 0:
		return shapeOfLines(text)
	case len(head) > MaxRecord:
		return whole
	case ended || isWholeValue(text):
		return byLine
	}
	return undecided
}

// shapeOfLines tells JSON that goes over several lines from lines of which the first is broken.
func shapeOfLines(text []byte) shape {
	var value json.RawMessage
	err := json.NewDecoder(bytes.NewReader(text)).Decode(&value)
	if errors.Is(err, io.ErrUnexpectedEOF) || bytes.IndexByte(value, '\n') >= 0 {
		return whole
	}
	return byLine
}

// isWholeValue reports whether a last line without a newline needs none: a JSON object or array cannot go on behind its end.
func isWholeValue(line []byte) bool {
	line = trim(line)
	if len(line) == 0 || len(line) > MaxRecord || line[0] != '{' && line[0] != '[' {
		return false
	}
	last := line[len(line)-1]
	return (last == '}' || last == ']') && json.Valid(line)
}
