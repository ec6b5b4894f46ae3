package parsers

import (
	"bytes"
	"errors"
	"io"

	"github.com/idwatch/idwatch/parsers/record"
)

const (
	// splitBlock is how much is read at a time.
	splitBlock = 256 << 10
	// keptBytes is how much of one over-large record is kept for its dead letter.
	keptBytes = 16 << 20
	// splitDepth is how deep brackets are followed; what nests deeper is no record.
	splitDepth = 10_000
)

// ErrCutStream says that a stream ended inside an envelope of records.
var ErrCutStream = errors.New("stream ends inside its envelope")

// Split reads a whole stream, inflates it where it is gzip or zstd, and calls emit for every record in it, in order: one a line,
// pretty-printed, elements of an array or of an envelope. What is no JSON comes out too, line by line, so that nothing is lost.
// The text is valid until emit returns; end is the (inflated) offset behind it. An error of emit ends the reading; so does an error
// of the stream, after what came before it.
func Split(r io.Reader, emit func(text []byte, end int64) error) error {
	return SplitUpTo(MaxInflated, r, emit)
}

// SplitUpTo is Split for a stream that must not inflate to more than limit, or else ends with ErrBomb.
func SplitUpTo(limit int64, r io.Reader, emit func(text []byte, end int64) error) error {
	return (&splitter{emit: emit}).read(r, limit)
}

// read splits a stream that may be compressed and inflates to no more than limit.
func (s *splitter) read(r io.Reader, limit int64) (err error) {
	if s.r, err = inflated(r, limit); err != nil {
		return err
	}
	s.start = -1
	return s.run()
}

// splitter follows brackets and strings through a stream. It checks just so much grammar as it needs to find its way
// back after broken JSON: whether a record is well-formed is the parser's question.
type splitter struct {
	r    io.Reader
	emit func([]byte, int64) error

	buf   []byte
	at    int   // where reading goes on in buf
	start int   // where the current piece begins in buf, -1 outside of pieces
	base  int64 // offset of buf[0] in the stream
	err   error // why no more can be read

	apart    bool  // look into every line
	sameLine int64 // no line ends before this offset of the stream, as far as lineEnd has looked

	head []byte // the first bytes of a piece that outgrew keptBytes
	open []byte // the brackets around the current position
}

func (s *splitter) run() error {
	for {
		c, ok := s.next()
		switch {
		case !ok:
			return s.end()
		case c == ',' || c == ']': // between the elements of an array, or behind them
			s.at++
		case c == '[':
			s.at++ // elements are read like lines
		default:
			if err := s.piece(c); err != nil {
				return err
			}
		}
	}
}

// end is the result of the stream: nil at a clean end.
func (s *splitter) end() error {
	if s.err == io.EOF {
		return nil
	}
	return s.err
}

// piece reads and emits what begins at the current position with c.
func (s *splitter) piece(c byte) error {
	s.start = s.at
	if c != '{' {
		return s.line()
	}
	if !s.apart && s.wholeLine() {
		return s.give()
	}
	return s.object()
}

// wholeLine advances over a line that is one record by the look of it and of the line after it. It is the fast way for
// NDJSON: whether the line is a record is the parser's question, which asks for it apart when it is not.
func (s *splitter) wholeLine() bool {
	end := s.lineEnd()
	line := bytes.TrimRight(s.buf[s.at:end], " \t\r")
	if len(line) > record.MaxBytes || line[len(line)-1] != '}' || hasListName(line[:min(len(line), 64)]) {
		return false
	}
	if end+1 >= len(s.buf) && s.fill() {
		end = s.at + len(line) + bytes.IndexByte(s.buf[s.at+len(line):], '\n')
	}
	if end+1 < len(s.buf) && s.buf[end+1] != '{' {
		return false
	}
	s.at += len(line)
	return true
}

// lineEnd is where the current line ends in buf, looking no further than a record can be long. No byte is looked at twice: a line may
// hold an array of many small records.
func (s *splitter) lineEnd() int {
	for {
		from := max(s.at, int(s.sameLine-s.base))
		if n := bytes.IndexByte(s.buf[from:], '\n'); n >= 0 {
			s.sameLine = s.base + int64(from+n)
			return from + n
		}
		s.sameLine = s.base + int64(len(s.buf))
		if len(s.buf)-s.at > record.MaxBytes || !s.fill() {
			return len(s.buf)
		}
	}
}

// hasListName reports whether an object's beginning may name a list of records.
func hasListName(head []byte) bool {
	return bytes.Contains(head, []byte(`ecords"`)) || bytes.Contains(head, []byte(`events"`)) || bytes.Contains(head, []byte(`"data"`))
}

// line reads a line that is no object.
func (s *splitter) line() error {
	for {
		if n := bytes.IndexByte(s.buf[s.at:], '\n'); n >= 0 {
			s.at += n
			return s.give()
		}
		s.at = len(s.buf)
		if !s.fill() {
			return s.give()
		}
	}
}

// give emits the piece that ends at the current position.
func (s *splitter) give() error {
	text := s.buf[s.start:s.at]
	if len(s.head) > 0 {
		text = append(s.head, text[:min(len(text), keptBytes)]...)
		s.head = nil
	}
	s.start = -1
	if text = trim(text); len(text) == 0 {
		return nil
	}
	return s.emit(text, s.base+int64(s.at))
}

// next is the next byte that is no white space, without taking it.
func (s *splitter) next() (byte, bool) {
	for {
		for s.at < len(s.buf) {
			switch c := s.buf[s.at]; c {
			case ' ', '\t', '\n', '\r':
				s.at++
			default:
				return c, true
			}
		}
		if !s.fill() {
			return 0, false
		}
	}
}

// fill reads more, forgetting what lies before the current piece. It reports whether there is more.
func (s *splitter) fill() bool {
	if s.err != nil {
		return false
	}
	s.forget()
	if cap(s.buf)-len(s.buf) < splitBlock {
		s.buf = append(make([]byte, 0, 2*len(s.buf)+2*splitBlock), s.buf...)
	}
	for s.err == nil {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf, s.err = s.buf[:len(s.buf)+n], err
		if n > 0 {
			return true
		}
	}
	return false
}

// forget drops the bytes that no piece needs. Of a piece that is too large for any record only the beginning stays.
func (s *splitter) forget() {
	keep := max(s.at-1, 0) // the byte before the current one tells whether a line begins
	if s.start >= 0 {
		if keep = s.start; s.at-s.start > record.MaxBytes && len(s.head) < keptBytes {
			s.head = append(s.head, s.buf[s.start:s.at]...)
			keep, s.start = s.at, 0
		} else if len(s.head) >= keptBytes {
			keep, s.start = s.at, 0
		} else {
			s.start = 0
		}
	}
	s.base += int64(keep)
	s.buf = s.buf[:copy(s.buf, s.buf[keep:])]
	s.at -= keep
}

// trim takes off JSON's white space.
func trim(text []byte) []byte { return bytes.Trim(text, " \t\r\n") }
