package spool

import (
	"errors"
	"io"
)

const (
	windowBytes = 1 << 20
	// sectorBytes is what is given up at a time where a disk cannot be read.
	sectorBytes = 4096
)

// window reads a segment in large pieces. Frames are views over the pieces, which are never written again.
type window struct {
	file  File
	size  int64 // bytes that may be read
	at    int64 // where buf stands
	buf   []byte
	blind bool // unreadable sectors count as zeros
}

// ahead returns at least n bytes from an offset, fewer only at the end.
func (w *window) ahead(at int64, n int) ([]byte, error) {
	if at >= w.at && at+int64(n) <= w.at+int64(len(w.buf)) {
		return w.buf[at-w.at:], nil
	}
	want := min(max(int64(n), windowBytes), w.size-at)
	if want <= 0 {
		return nil, nil
	}
	if at >= w.at && at+int64(n) > w.size && w.at+int64(len(w.buf)) == w.size {
		return w.buf[min(at-w.at, int64(len(w.buf))):], nil
	}
	b := make([]byte, want)
	got, err := w.file.ReadAt(b, at)
	if err != nil && !errors.Is(err, io.EOF) {
		if !w.blind {
			return nil, err
		}
		got = w.readSectors(b, at)
	}
	w.at, w.buf = at, b[:got:got]
	return w.buf, nil
}

// readSectors reads what can be read.
func (w *window) readSectors(b []byte, at int64) int {
	for from := 0; from < len(b); from += sectorBytes {
		part := b[from:min(from+sectorBytes, len(b))]
		if _, err := w.file.ReadAt(part, at+int64(from)); err != nil && !errors.Is(err, io.EOF) {
			clear(part)
		}
	}
	return len(b)
}

// nextFrame returns the first sound frame at or behind an offset, and where it stands; nil when there is none.
func (w *window) nextFrame(at int64, s salt) (h head, frame []byte, where int64, err error) {
	for {
		b, err := w.ahead(at, headLen)
		if err != nil || len(b) < headLen {
			return h, nil, at, err
		}
		i := 0
		for ; i+headLen <= len(b); i++ {
			h, ok := headAt(b[i:], s)
			if !ok || at+int64(i)+h.size() > w.size {
				continue
			}
			whole, err := w.ahead(at+int64(i), int(h.size()))
			if err != nil {
				return h, nil, at, err
			}
			if int64(len(whole)) >= h.size() && h.sound(whole[:h.size()], s) {
				return h, whole[:h.size():h.size()], at + int64(i), nil
			}
		}
		at += int64(i)
	}
}
