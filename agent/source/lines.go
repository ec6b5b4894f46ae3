package source

import (
	"bytes"
	"io"
)

const (
	// blockBytes is how much is read at a time. More does not pay: it should stay in the processor's cache.
	blockBytes = 512 << 10
	// smallBlock is the least that is allocated for what a quiet file has grown by.
	smallBlock = 4 << 10
	// MaxRecord is the size beyond which a line is no record; it may be an envelope of records yet.
	MaxRecord = 1 << 20
)

// lines cuts a stream at its newlines. The records it returns lie in one block of memory, which it never writes to again.
type lines struct {
	r          io.Reader
	block      []byte
	start, end int  // block[start:end] is a line that is not finished
	searched   int  // there is no newline in front of this
	skipping   bool // the rest of an over-long line is passed over
	count      int  // records in the last batch, a good guess for the next
}

// pending is the unfinished line.
func (l *lines) pending() []byte { return l.block[l.start:l.end] }

// before is what stands in front of the unfinished line, as far as it is at hand.
func (l *lines) before() []byte { return l.block[:l.start] }

// take removes the first n bytes of the unfinished line.
func (l *lines) take(n int) {
	l.start += n
	l.searched = max(l.searched, l.start)
}

// fill reads once. hint is how many bytes there are to read, where that is known. It reads no further than to see that the
// unfinished line is too long: a longer one is never found complete.
func (l *lines) fill(hint int64) (int, error) {
	l.makeRoom(hint)
	n, err := l.r.Read(l.block[l.end:min(len(l.block), l.start+MaxRecord+1)])
	l.end += n
	return n, err
}

// makeRoom goes over to a new block when there is too little room in this one.
func (l *lines) makeRoom(hint int64) {
	want := int(min(max(hint, smallBlock), blockBytes))
	if len(l.block)-l.end >= min(want, blockBytes/4) {
		return
	}
	rest := l.pending()
	size := len(rest) + want
	if len(rest) > blockBytes { // a long line grows in steps that do not copy it too often
		size = 2 * len(rest)
	}
	block := make([]byte, size)
	l.searched -= l.start
	l.start, l.end = 0, copy(block, rest)
	l.block = block
}

// next reads once and returns the lines that are finished, without blank ones, and how many bytes of the stream they stand for.
func (l *lines) next(hint int64) (records [][]byte, consumed int, err error) {
	_, err = l.fill(hint)
	if l.skipping {
		consumed = l.skip()
	}
	from := l.start
	records = l.cut(make([][]byte, 0, l.count+l.count/4+4))
	l.count = len(records)
	return records, consumed + l.start - from, err
}

// ready returns the finished lines without reading.
func (l *lines) ready() (records [][]byte, consumed int) {
	from := l.start
	if l.searched < l.end {
		records = l.cut(nil)
	}
	return records, l.start - from
}

// cut appends the finished lines.
func (l *lines) cut(records [][]byte) [][]byte {
	data, start, at := l.block[:l.end], l.start, l.searched
	for {
		n := bytes.IndexByte(data[at:], '\n')
		if n < 0 {
			break
		}
		at += n
		if line := trim(data[start:at:at]); len(line) > 0 {
			records = append(records, line)
		}
		at++
		start = at
	}
	l.start, l.searched = start, l.end
	return records
}

// trim cuts off what Windows puts at a line's end, and all of a blank line. It looks at two bytes of most lines.
func trim(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[: n-1 : n-1]
	}
	if len(line) > 0 && line[0] > ' ' {
		return line
	}
	return bytes.TrimSpace(line)
}

// isLong reports whether the unfinished line is longer than any record.
func (l *lines) isLong() bool { return l.end-l.start > MaxRecord }

// looksLikeJSON reports whether the unfinished line begins as an object or an array.
func (l *lines) looksLikeJSON() bool {
	line := bytes.TrimLeft(l.pending(), " \t\r")
	return len(line) > 0 && (line[0] == '{' || line[0] == '[')
}

// cutLong gives up an over-long line: its beginning becomes a record, which is too large for any taker, the rest is passed over.
func (l *lines) cutLong() (record []byte, consumed int) {
	record = l.pending()[: MaxRecord+1 : MaxRecord+1]
	l.skipping = true
	return record, len(record) + l.skipAfter(len(record))
}

func (l *lines) skipAfter(n int) int {
	l.take(n)
	return l.skip()
}

// skip passes over what has been read of an over-long line and returns how much that was.
func (l *lines) skip() int {
	rest := l.pending()
	n := bytes.IndexByte(rest, '\n')
	if n >= 0 {
		l.skipping = false
		l.start += n + 1
		l.searched = l.start
		return n + 1
	}
	l.start, l.searched = l.end, l.end
	return len(rest)
}
