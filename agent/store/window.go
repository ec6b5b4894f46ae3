package store

import (
	"errors"
	"io"
	"os"
	"time"
)

// window is the row of files, for the goroutine that writes it.
type window struct {
	dir      string
	most     int64 // bytes of all files
	maxAge   time.Duration
	segments []segment
	file     *os.File // the last of them, nil before the first block
	bytes    int64
	buffer   []byte
}

// openWindow makes the directory and cuts off what a crash left half at its end. torn says that there was such.
func openWindow(dir string, most int64, maxAge time.Duration) (w *window, torn bool, err error) {
	w = &window{dir: dir, most: most, maxAge: maxAge}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, false, err
	}
	if w.segments, err = listSegments(dir); err != nil {
		return nil, false, err
	}
	if n := len(w.segments); n > 0 {
		if torn, err = w.mendLast(&w.segments[n-1]); err != nil {
			return nil, false, err
		}
	}
	for _, s := range w.segments {
		w.bytes += s.bytes
	}
	return w, torn, nil
}

// mendLast opens the last file for more. What of it cannot be read is cut off.
func (w *window) mendLast(s *segment) (torn bool, err error) {
	path := segmentPath(w.dir, s.number)
	_, whole, err := readHeaders(path)
	if err != nil && !errors.Is(err, errTorn) {
		return false, err
	}
	file, openErr := os.OpenFile(path, os.O_RDWR, 0)
	if openErr != nil {
		return false, openErr
	}
	if err == nil {
		w.file = file
		return false, nil
	}
	if whole == 0 { // not even its beginning is ours
		whole, err = int64(len(segmentMagic)), nil
		if _, err := file.WriteAt([]byte(segmentMagic), 0); err != nil {
			return true, errors.Join(err, file.Close())
		}
	}
	if err := file.Truncate(whole); err != nil {
		return true, errors.Join(err, file.Close())
	}
	s.bytes, w.file = whole, file
	return true, nil
}

// put writes a block behind the last.
func (w *window) put(h blockHeader, packed []byte) error {
	size := int64(headerBytes + len(h.dataset) + len(packed))
	if err := w.room(size); err != nil {
		return err
	}
	last := &w.segments[len(w.segments)-1]
	w.buffer = append(h.append(w.buffer[:0]), packed...)
	if _, err := w.file.WriteAt(w.buffer, last.bytes); err != nil {
		return errors.Join(err, w.file.Truncate(last.bytes)) // half a block would hide what comes behind it
	}
	last.bytes += size
	last.last = time.UnixMilli(h.written)
	w.bytes += size
	return nil
}

// room makes room for so many bytes, in a new file when the last is full.
func (w *window) room(size int64) error {
	most := min(max(w.most/16, segmentLeast), segmentMost)
	if n := len(w.segments); n == 0 || w.file == nil || w.segments[n-1].bytes+size > most && w.segments[n-1].bytes > int64(len(segmentMagic)) {
		if err := w.next(); err != nil {
			return err
		}
	}
	for len(w.segments) > 1 && w.bytes+size > w.most {
		if err := w.drop(); err != nil {
			return err
		}
	}
	return nil
}

// next begins a file.
func (w *window) next() error {
	number := 1
	if n := len(w.segments); n > 0 {
		number = w.segments[n-1].number + 1
	}
	file, err := os.OpenFile(segmentPath(w.dir, number), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(file, segmentMagic); err != nil {
		return errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	if w.file != nil {
		w.file.Close() // all of it was written
	}
	w.file = file
	w.segments = append(w.segments, segment{number, int64(len(segmentMagic)), time.Now()})
	w.bytes += int64(len(segmentMagic))
	return nil
}

// drop removes the oldest file.
func (w *window) drop() error {
	if err := os.Remove(segmentPath(w.dir, w.segments[0].number)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	w.bytes -= w.segments[0].bytes
	w.segments = w.segments[1:]
	return nil
}

// prune removes the files that are too old, but for the one being written.
func (w *window) prune(now time.Time) error {
	for w.maxAge > 0 && len(w.segments) > 1 && now.Sub(w.segments[0].last) > w.maxAge {
		if err := w.drop(); err != nil {
			return err
		}
	}
	return nil
}

func (w *window) close() error {
	if w.file == nil {
		return nil
	}
	return w.file.Close()
}
