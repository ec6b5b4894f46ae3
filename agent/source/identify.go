package source

import (
	"bytes"
	"errors"
	"io"
	"time"
)

// patience is how long a compressed file may be incomplete at its very beginning before it is read as it is.
const patience = 5 * time.Second

// verdict says what is known of a file's content.
type verdict int

const (
	unknown verdict = iota // nothing of it was read
	known                  // it was read up to a position
	later                  // it is just being read elsewhere: that is to be waited for
)

// identify finds out how much of the file's content was read before, and reports whether that is clear by now.
func (t *tail) identify() (bool, error) {
	if t.info.Size() == 0 {
		t.over = time.Since(t.since) >= quietClose || isDeleted(t.info) && time.Since(t.since) >= deletedClose
		return false, nil
	}
	if ready, err := t.probe(); !ready || err != nil {
		return false, err
	}
	from, v := t.recall()
	t.waits = v == later
	switch {
	case v == later:
		return false, nil
	case v == known:
		return t.resume(from), nil
	case t.c.rotated && !t.news:
		t.over = true // it was rotated before anybody asked for this log
		return false, nil
	}
	return true, t.begin()
}

// probe reads the content's first bytes.
func (t *tail) probe() (ready bool, err error) {
	magic, err := t.head(4)
	if err != nil {
		return false, err
	}
	if t.compressed = isCompressed(magic); t.compressed {
		t.start, err = t.inflated(startBytes)
		if err != nil && len(t.start) < startBytes && time.Since(t.since) < patience {
			return false, nil // it is being written
		}
		return true, nil
	}
	if len(magic) < 4 && (magic[0] == gzipMagic[0] || magic[0] == zstdMagic[0]) {
		return false, nil // no JSON begins so: these are the first bytes of a compressed file
	}
	t.start, err = t.head(startBytes)
	return err == nil, err
}

// inflated reads the first bytes of a compressed file's content.
func (t *tail) inflated(n int) ([]byte, error) {
	magic, err := t.head(4)
	if err != nil {
		return nil, err
	}
	z, err := newInflater(io.NewSectionReader(t.f, 0, t.info.Size()), magic)
	if err != nil {
		return nil, err
	}
	defer z.close()
	return io.ReadAll(io.LimitReader(z, int64(n)))
}

// recall looks for a position of this content: of the same file, of one that is open, of one that was read in the past.
func (t *tail) recall() (position, verdict) {
	own, ok := t.in.Positions.get(t.c.id)
	switch {
	case ok && own.pending > 0:
		return own, later
	case ok && own.Offset == 0:
		t.news = true // it is to be read from its beginning, unless the inode has passed on to something that was read
	case ok && t.holds(&own):
		return own, known
	case ok:
		t.in.Positions.disown(t.c.id)
	}
	if t.distinct {
		return position{}, unknown
	}
	for _, o := range t.in.tails {
		if p, v := t.recallOpen(o); v != unknown {
			return p, v
		}
	}
	for _, p := range t.in.Positions.like(t.start) {
		if p.pending > 0 {
			return p, later
		}
		if t.holds(&p) {
			return p, known
		}
	}
	return position{}, unknown
}

// recallOpen takes over from an open file of the same content once that is read to its end. A copy that is not
// longer may be in the making yet, and has nothing that will not be read anyway.
func (t *tail) recallOpen(o *tail) (position, verdict) {
	n := min(len(o.start), len(t.start))
	if o == t || o.over || o.progress == nil || !bytes.Equal(o.start[:n], t.start[:n]) {
		return position{}, unknown
	}
	if !o.atEnd || !o.progress.isSettled() || !t.compressed && t.info.Size() <= o.pos {
		return position{}, later
	}
	p, ok := t.in.Positions.get(o.c.id)
	if ok && p.Offset > 0 && t.holds(&p) {
		return p, known
	}
	return position{}, unknown
}

// holds reports whether the content is the one that p is a position of. Of a copy that was cut short it makes p the end.
func (t *tail) holds(p *position) bool {
	if !p.startsLike(t.start) {
		return false
	}
	if t.compressed {
		return true // the rest is found out on the way
	}
	size := t.info.Size()
	m, marked := p.lastMark(size)
	if marked && !m.holds(t.f) {
		return false
	}
	if size < p.Offset {
		p.Offset, p.Unit = size, size
		return marked
	}
	return true
}

// resume goes on at a position, unless nothing is left of a file that is of no interest otherwise.
func (t *tail) resume(p position) bool {
	if t.c.rotated && !t.compressed && p.Offset == t.info.Size() {
		t.over = true
		return false
	}
	t.pos, t.unitAt = p.Offset, p.Unit
	if t.shape = byLine; p.Whole {
		t.shape = whole
	}
	if m, ok := p.lastMark(p.Offset); t.compressed && ok && m.Offset == p.Offset && p.Unit == p.Offset {
		t.check = &m
	}
	p.fileID, p.Path, p.Done = t.c.id, t.c.log, false
	t.progress = t.in.Positions.begin(p)
	return true
}

// begin starts at the beginning, or at the end of what was there before anybody asked.
func (t *tail) begin() error {
	t.pos, t.unitAt, t.shape = 0, 0, undecided
	_, noted := t.in.Positions.get(t.c.id)
	if t.in.FromEnd && !t.left && !noted && t.c.info.ModTime().UnixNano() <= t.in.seen.First {
		if err := t.skipOld(); t.over || err != nil {
			return err
		}
	}
	t.progress = t.in.Positions.begin(t.at(t.pos, t.unitAt, nil))
	return nil
}

// skipOld moves behind the last finished line.
func (t *tail) skipOld() (err error) {
	if t.compressed {
		t.over = true
		return nil
	}
	if t.shape, err = t.decide(); err != nil {
		return err
	}
	size := t.info.Size()
	b := make([]byte, min(size, MaxRecord))
	if _, err := t.f.ReadAt(b, size-int64(len(b))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if n := bytes.LastIndexByte(b, '\n'); n >= 0 && t.shape == byLine {
		size -= int64(len(b) - n - 1)
	} else if t.shape == undecided || t.shape == byLine && len(b) < MaxRecord {
		size = 0 // its first line is not finished
	}
	t.pos, t.unitAt = size, size
	return nil
}
