package source

import (
	"bytes"
	"encoding/json"
	"io"
	"iter"
)

const (
	batchBytes   = 256 << 10
	batchRecords = 4096
	smallBatch   = 16 << 10
)

// unit is a piece of a stream that Split takes apart: all of it, or one line that is too long for a record.
type unit struct {
	src  *unitReader
	pull func() (piece, error, bool)
	stop func()
}

type piece struct {
	record []byte
	end    int64
}

// errStop ends a Split whose records are not wanted any more.
type errStop struct{}

func (errStop) Error() string { return "not wanted" }

// newUnit begins to take apart what l reads from here on, up to the next newline when it is one line. hint is about how
// many bytes that are.
func newUnit(split Split, l *lines, oneLine bool, hint int64) *unit {
	u := &unit{src: &unitReader{l: l, oneLine: oneLine, hint: hint}}
	u.pull, u.stop = iter.Pull2(func(yield func(piece, error) bool) {
		err := split(u.src, func(record []byte, end int64) error {
			if !yield(piece{record, end}, nil) {
				return errStop{}
			}
			return nil
		})
		if _, stopped := err.(errStop); err != nil && !stopped {
			yield(piece{}, err)
		}
	})
	return u
}

// ending says what may follow behind a stream's end.
type ending int

const (
	growing  ending = iota // more may follow
	complete               // more may follow only when the end was none but an error
	last                   // nothing follows
)

// batch is some of a unit's records.
type batch struct {
	records [][]byte
	end     int64 // offset in the unit behind the last of them
	done    bool  // the unit is at its end
	cut     bool  // it ends within a record or an envelope, of which more may follow
	err     error
}

// next collects records that end behind skip. What the stream ends within is held back if more may follow.
func (u *unit) next(skip int64, e ending) batch {
	b := batch{end: skip}
	var block []byte
	for size := 0; size < batchBytes && len(b.records) < batchRecords; {
		p, err, more := u.pull()
		if !more || err != nil {
			b.finish(u, err, e)
			return b
		}
		if p.end <= skip {
			continue
		}
		if u.mayFollow(e) && p.end >= u.src.read && !json.Valid(p.record) {
			b.done, b.cut = true, true
			return b
		}
		if cap(block)-len(block) < len(p.record) {
			block = make([]byte, 0, max(len(p.record), min(batchBytes, max(smallBatch, 4*cap(block)))))
		}
		at := len(block)
		block = append(block, p.record...)
		b.records = append(b.records, block[at:len(block):len(block)])
		b.end, size = p.end, size+len(p.record)
	}
	return b
}

// mayFollow reports whether the stream has ended and more may follow.
func (u *unit) mayFollow(e ending) bool {
	return u.src.err != nil && (e == growing || e == complete && u.src.err != io.EOF)
}

func (b *batch) finish(u *unit, err error, e ending) {
	b.done, b.err = true, err
	if b.cut = err != nil && u.mayFollow(e); !b.cut {
		b.end = u.src.read
	}
}

// unitReader reads on where lines stands.
type unitReader struct {
	l       *lines
	oneLine bool
	hint    int64
	ended   bool  // the newline of the one line was read
	read    int64 // bytes given
	err     error // why the stream ended
}

// Read gives what has been read already first.
func (u *unitReader) Read(p []byte) (int, error) {
	for !u.ended && u.err == nil {
		if rest := u.l.pending(); len(rest) > 0 {
			n := copy(p, u.upToNewline(rest))
			u.l.take(n)
			u.read += int64(n)
			u.ended = u.oneLine && rest[n-1] == '\n'
			return n, nil
		}
		if n, err := u.l.fill(u.hint); n == 0 {
			u.err = err
		}
	}
	if u.err != nil {
		return 0, u.err
	}
	return 0, io.EOF
}

func (u *unitReader) upToNewline(rest []byte) []byte {
	if u.oneLine {
		if n := bytes.IndexByte(rest, '\n'); n >= 0 {
			return rest[:n+1]
		}
	}
	return rest
}
