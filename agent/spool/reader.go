package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Item is an entry, or a place where entries are missing.
type Item struct {
	At      Position
	Next    Position // the position behind it
	Payload []byte   // the caller's; nil where Missing
	Missing uint64   // entries that are gone, with all of the weight between At and Next
}

// Reader reads a log in order from a position. It serves one goroutine.
type Reader struct {
	log   *Log
	next  Position
	seg   *segment
	file  File
	win   window
	off   int64
	queue []Item // of a compressed block
	fails int    // in a row
}

// patience is how often a place that cannot be read is tried before it counts as damaged.
const patience = 5

// ReadFrom returns a reader that stands at a position.
func (l *Log) ReadFrom(at Position) *Reader { return &Reader{log: l, next: at} }

// Close lets go of the file.
func (r *Reader) Close() {
	if r.file != nil {
		_ = r.file.Close()
		r.file, r.seg = nil, nil
	}
}

// Skip moves the reader on to a later position, without reading what is between.
func (r *Reader) Skip(to Position) {
	if to.Number <= r.next.Number {
		return
	}
	if r.next = to; r.seg != nil && len(r.queue) > 0 && r.queue[len(r.queue)-1].At.Number < to.Number {
		r.queue = nil
	}
}

// Position is where the reader stands.
func (r *Reader) Position() Position { return r.next }

// Next returns the next item; ok is false at the end of the log. After an error it may be called again, in a while.
func (r *Reader) Next() (item Item, ok bool, err error) {
	item, ok, err = r.read()
	for tries := 0; errors.Is(err, fs.ErrNotExist) && tries < patience; tries++ {
		item, ok, err = r.read() // the segment was compressed just now
	}
	if err != nil {
		r.fails++
		r.Close()
		return Item{}, false, fmt.Errorf("read spool: %w", err)
	}
	r.fails = 0
	if ok {
		r.next = item.Next
	}
	return item, ok, nil
}

func (r *Reader) read() (Item, bool, error) {
	for {
		for len(r.queue) > 0 {
			item := r.queue[0]
			r.queue = r.queue[1:]
			if item.At.Number >= r.next.Number {
				return r.gapOr(item)
			}
		}
		limit, ended, err := r.enter()
		if err != nil || r.seg == nil {
			if err == nil && ended.Number > r.next.Number {
				return r.gap(ended), true, nil
			}
			return Item{}, false, err
		}
		h, frame, where, err := r.win.nextFrame(r.off, r.seg.salt)
		if err != nil {
			return Item{}, false, err
		}
		if where > r.off && frame != nil || frame == nil && r.off < r.win.size {
			r.damage(where, frame == nil)
		}
		if frame == nil || h.number >= limit {
			if item, ok := r.leave(limit, ended); ok {
				return item, true, nil
			}
			if limit == ended.Number {
				return Item{}, false, nil
			}
			continue
		}
		r.off = where + h.size()
		if h.end().Number <= r.next.Number {
			continue
		}
		if r.queue, err = itemsOf(h, frame[headLen:], r.queue[:0]); err != nil {
			r.log.log.Error("block of the spool not inflated", "err", err)
			r.queue = nil // its entries count as missing when the next one comes
		}
	}
}

// gapOr returns an item, or what is missing before it.
func (r *Reader) gapOr(item Item) (Item, bool, error) {
	if item.At.Number > r.next.Number {
		r.queue = slices.Insert(r.queue, 0, item)
		return r.gap(item.At), true, nil
	}
	return item, true, nil
}

func (r *Reader) gap(to Position) Item {
	if to.Weight < r.next.Weight {
		to.Weight = r.next.Weight
	}
	return Item{At: r.next, Next: to, Missing: to.Number - r.next.Number}
}

// enter opens the segment that holds the next entry, if it is not open. limit is the number of the first entry that does not belong to
// it; end is the end of the log.
func (r *Reader) enter() (limit uint64, end Position, err error) {
	l := r.log
	l.mu.Lock()
	end = l.next
	i := len(l.segments) - 1
	for i > 0 && l.segments[i].first > r.next.Number {
		i--
	}
	if r.seg != nil { // it may have been compressed or deleted meanwhile; the open file stays what it was
		limit = end.Number
		for _, s := range l.segments {
			if s.first > r.seg.first {
				limit = s.first
				break
			}
		}
		if r.next.Number < limit || limit == end.Number {
			r.win.size = max(r.win.size, r.seg.size)
			l.mu.Unlock()
			return limit, end, nil
		}
	}
	if i < 0 || r.next.Number >= end.Number {
		keep := r.seg
		l.mu.Unlock()
		if keep == nil || i < 0 {
			r.Close()
		}
		return end.Number, end, nil
	}
	s, size := l.segments[i], l.segments[i].size
	limit = end.Number
	for _, later := range l.segments[i+1:] {
		if later.first > s.first {
			limit = later.first
			break
		}
	}
	name := s.name
	l.mu.Unlock()
	r.Close()
	f, err := l.fs.Open(l.path(name))
	if err != nil {
		return limit, end, err
	}
	r.seg, r.file, r.off, r.queue = s, f, 0, nil
	r.win = window{file: f, size: size, blind: r.fails >= patience}
	return limit, end, nil
}

// leave goes on behind a segment that has no more frames. Entries that should have been there are missing.
func (r *Reader) leave(limit uint64, end Position) (Item, bool) {
	if r.next.Number >= limit {
		return Item{}, false
	}
	if limit == end.Number {
		return r.gap(end), true
	}
	first, _ := r.log.firstOf(limit)
	return r.gap(Position{limit, first.Weight}), true
}

// firstOf reads the position of the first sound frame of the segment that begins with a number.
func (l *Log) firstOf(number uint64) (Position, bool) {
	l.mu.Lock()
	i := slices.IndexFunc(l.segments, func(s *segment) bool { return s.first == number })
	if i < 0 {
		l.mu.Unlock()
		return Position{}, false
	}
	s, size := l.segments[i], l.segments[i].size
	name := s.name
	l.mu.Unlock()
	f, err := l.fs.Open(l.path(name))
	if err != nil {
		return Position{}, false
	}
	defer f.Close()
	w := window{file: f, size: size}
	h, frame, _, err := w.nextFrame(0, s.salt)
	return Position{h.number, h.before}, err == nil && frame != nil && h.number == number
}

// damage notes bytes that are no frames, and keeps a copy.
func (r *Reader) damage(to int64, tail bool) {
	from := r.off
	if tail {
		to = r.win.size
	}
	news, err := r.log.keepCopy(r.seg, r.file, from, to)
	if err != nil {
		r.log.log.Error("damaged part of the spool not copied", "err", err)
	}
	if news {
		r.log.mu.Lock()
		r.log.stats.Damaged++
		r.log.mu.Unlock()
		r.log.log.Warn("damaged part of the spool skipped", "bytes", to-from)
	}
	if tail {
		r.off = to
	}
}
