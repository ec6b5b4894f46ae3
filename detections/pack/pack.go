// Package pack writes memory compactly and reads it back. One function for each type names its fields once, for both
// directions, so that what is written and what is read cannot differ.
package pack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// ErrDamaged says that what is read is not what was written, or was written by another version.
var ErrDamaged = errors.New("damaged or of another version")

const (
	roomSize = 64 << 10
	// textMost bounds a text. What is longer was not written here.
	textMost = 8 << 20
)

var polynomial = crc32.MakeTable(crc32.Castagnoli)

// Coder writes or reads. The first fault ends it: everything after it does nothing, and Close tells.
type Coder struct {
	w io.Writer // nil when reading
	r io.Reader

	room []byte // not written yet, or read and partly used
	at   int    // used of room, when reading
	sum  uint32 // of all bytes before room
	err  error

	words   []string // texts by number
	numbers map[string]uint64
	tables  map[any]any // of Shared, by the table's key
}

// NewWriter begins to write: a header that names what follows and its version.
func NewWriter(w io.Writer, header string) *Coder {
	c := &Coder{w: w, room: make([]byte, 0, roomSize+1024), numbers: map[string]uint64{}, tables: map[any]any{}}
	c.put([]byte(header))
	return c
}

// NewReader begins to read what has that header.
func NewReader(r io.Reader, header string) *Coder {
	c := &Coder{r: r, tables: map[any]any{}}
	if string(c.take(len(header))) != header {
		c.Damaged()
	}
	return c
}

// Reading reports the direction.
func (c *Coder) Reading() bool { return c.w == nil }

// Err is the first fault.
func (c *Coder) Err() error { return c.err }

// Damaged notes that what is read makes no sense.
func (c *Coder) Damaged() { c.fail(ErrDamaged) }

func (c *Coder) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// Close ends with the checksum: it is written, or compared. What was read counts only if it answers nil.
func (c *Coder) Close() error {
	if !c.Reading() {
		c.flush()
		c.put(binary.LittleEndian.AppendUint32(nil, c.sum))
		c.flush()
		return c.err
	}
	want := crc32.Update(c.sum, polynomial, c.room[:c.at])
	if got := c.take(4); c.err == nil && binary.LittleEndian.Uint32(got) != want {
		c.Damaged()
	}
	if c.err == nil && (c.at < len(c.room) || c.fill(1)) {
		return fmt.Errorf("bytes after the end: %w", ErrDamaged)
	}
	return c.err
}

func (c *Coder) put(b []byte) {
	c.room = append(c.room, b...)
	if len(c.room) >= roomSize {
		c.flush()
	}
}

func (c *Coder) flush() {
	if c.err == nil {
		c.sum = crc32.Update(c.sum, polynomial, c.room)
		_, err := c.w.Write(c.room)
		if err != nil {
			c.fail(err)
		}
	}
	c.room = c.room[:0]
}

// take returns the next n bytes, valid until the next call; nil after a fault.
func (c *Coder) take(n int) []byte {
	if c.err != nil || len(c.room)-c.at < n && !c.fill(n) {
		if c.err == nil {
			c.Damaged()
		}
		return nil
	}
	b := c.room[c.at : c.at+n]
	c.at += n
	return b
}

// fill reads until n bytes are there.
func (c *Coder) fill(n int) bool {
	c.sum = crc32.Update(c.sum, polynomial, c.room[:c.at])
	rest := copy(c.room[:cap(c.room)], c.room[c.at:])
	c.at = 0
	for need := max(n, roomSize); cap(c.room) < need; {
		c.room = append(make([]byte, 0, need), c.room[:rest]...)
	}
	c.room = c.room[:rest]
	for len(c.room) < n {
		got, err := c.r.Read(c.room[len(c.room):cap(c.room)])
		c.room = c.room[:len(c.room)+got]
		if err == io.EOF {
			return len(c.room) >= n
		}
		if err != nil {
			c.fail(err)
			return false
		}
	}
	return true
}

// Writer writes records one after the other, without header and checksum, for whoever keeps them safe.
type Writer struct {
	coder Coder
	out   bytes.Buffer
}

// Write is what a function writes, valid until the next call.
func (w *Writer) Write(f func(*Coder)) []byte {
	c := &w.coder
	if c.w == nil {
		*c = Coder{w: &w.out, room: make([]byte, 0, 1024), numbers: map[string]uint64{}, tables: map[any]any{}}
	}
	w.out.Reset()
	c.err = nil
	clear(c.numbers)
	clear(c.tables)
	f(c)
	if w.out.Len() == 0 {
		record := c.room // as nearly all do, it fits
		c.room = c.room[:0]
		return record
	}
	c.flush()
	return w.out.Bytes()
}

// Read has a function read what Write gave, and reports whether it was that.
func Read(record []byte, f func(*Coder)) bool {
	c := &Coder{r: nothing{}, room: record}
	f(c)
	return c.err == nil && c.at == len(c.room)
}

type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }

// Sealed appends the checksum to bytes that lack it, for tests of what comes behind it.
func Sealed(body []byte) []byte {
	return binary.LittleEndian.AppendUint32(append([]byte(nil), body...), crc32.Checksum(body, polynomial))
}
