package spool

import (
	"errors"
	"fmt"
)

// group is the entries that one fsync makes durable.
type group struct {
	entries []Entry
	done    bool
	err     error
	at      []Position
}

// Append adds entries and returns their positions once they are on the disk. All of them are taken or, with an error, none.
func (l *Log) Append(entries ...Entry) ([]Position, error) {
	for i := range entries {
		if entries[i].size() > maxEntry {
			return nil, ErrTooLarge
		}
	}
	l.mu.Lock()
	if l.pending == nil {
		l.pending = &group{}
	}
	g := l.pending
	from := len(g.entries)
	g.entries = append(g.entries, entries...)
	l.mu.Unlock()

	l.writing.Lock()
	defer l.writing.Unlock()
	if !g.done { // the first of the group who comes here writes for all of it
		l.mu.Lock()
		l.pending = nil
		closed := l.closed
		l.mu.Unlock()
		g.done = true
		if g.err = ErrClosed; !closed {
			g.err = l.commit(g)
		}
	}
	if g.err != nil {
		return nil, g.err
	}
	return g.at[from : from+len(entries)], nil
}

func (e *Entry) size() (n int) {
	for _, p := range e.Parts {
		n += len(p)
	}
	return n
}

// commit writes a group and makes it durable. The caller holds writing.
func (l *Log) commit(g *group) error {
	size := int64(0)
	for i := range g.entries {
		size += headLen + int64(g.entries[i].size())
	}
	l.mu.Lock()
	held := l.bytes()
	if (saved{positions: l.positions}).least() >= l.next.Number {
		held = 0 // what the last segment has is passed; so even an entry that is larger than the bound is taken
	}
	full := held > 0 && held+size > l.max
	l.mu.Unlock()
	if full {
		return ErrFull
	}
	err := l.write(g, size)
	if isFull(err) && l.reserve != nil && l.reserve.Release() {
		err = l.write(g, size)
	} else if err != nil && !isFull(err) {
		err = l.write(g, size) // in a new segment: what a failed write or sync left behind is not to be trusted
	}
	if err != nil {
		l.mu.Lock()
		l.stats.Failed++
		l.mu.Unlock()
		return fmt.Errorf("append to spool: %w", err)
	}
	return nil
}

// write writes a group behind the last entry. After an error the log ends where it ended before.
func (l *Log) write(g *group, size int64) error {
	s, err := l.current(size)
	if err != nil {
		return err
	}
	at := l.next
	g.at = g.at[:0]
	b := l.buf[:0]
	for i, e := range g.entries {
		g.at = append(g.at, at)
		b = appendFrame(b, s.salt, head{kind: plainFrame, number: at.Number, before: at.Weight, weight: e.Weight, count: 1, back: uint32(i)}, e.Parts...)
		at = Position{at.Number + 1, at.Weight + uint64(e.Weight)}
	}
	if l.buf = b; cap(b) > keptBuffer {
		l.buf = nil
	}
	if err := l.durable(s, b); err != nil {
		l.abandon(s)
		return err
	}
	for i, e := range g.entries {
		if e.Then != nil {
			e.Then(g.at[i])
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s.size += int64(len(b))
	l.next = at
	l.tell()
	return nil
}

// durable writes behind the sound bytes of the last segment. A new file is durable only when its folder is.
func (l *Log) durable(s *segment, b []byte) error {
	if _, err := l.file.WriteAt(b, s.size); err != nil {
		return err
	}
	if err := l.file.Sync(); err != nil {
		return err
	}
	if s.size > 0 {
		return nil
	}
	return l.fs.SyncDir(l.dir)
}

// current is the last segment, or a new one when that is full or gone.
func (l *Log) current(size int64) (*segment, error) {
	l.mu.Lock()
	next := l.next
	var last *segment
	if len(l.segments) > 0 {
		last = l.segments[len(l.segments)-1]
	}
	l.mu.Unlock()
	if l.file != nil && (last.size == 0 || last.size+size <= l.segment) {
		return last, nil
	}
	if l.file != nil {
		if err := l.file.Close(); err != nil {
			l.log.Warn("segment not closed", "err", err) // it was synced
		}
		l.file = nil
	}
	s := newSegment(next.Number, l.made)
	l.made++
	file, err := l.fs.Create(l.path(s.name))
	if err != nil {
		return nil, err
	}
	l.file = file
	l.mu.Lock()
	l.segments = append(l.segments, s)
	l.mu.Unlock()
	return s, nil
}

// abandon cuts the last segment back to its sound bytes and writes nothing more to it.
func (l *Log) abandon(s *segment) {
	err := errors.Join(l.file.Truncate(s.size), l.file.Close())
	l.file = nil
	if s.size == 0 {
		l.mu.Lock()
		l.segments = l.segments[:len(l.segments)-1]
		l.mu.Unlock()
		err = l.fs.Remove(l.path(s.name)) // what stays behind is found to be empty or beyond the next segment's first
	}
	if err != nil {
		l.log.Warn("unfinished segment not tidied", "err", err)
	}
}
