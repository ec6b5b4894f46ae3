package source

import (
	"bytes"
	"context"
	"errors"
	"io"
)

var errDistinct = errors.New("content is not what it seemed to be")

// read hands over the next block's records.
func (t *tail) read(ctx context.Context) (more bool, err error) {
	if t.atEnd {
		return false, nil
	}
	if t.shape == undecided {
		if t.shape, err = t.decide(); err != nil || t.shape == undecided {
			t.atEnd = true
			return false, err
		}
	}
	if t.l == nil {
		if err := t.openStream(); err != nil {
			return t.endOf(err)
		}
	}
	if t.shape == whole || t.u != nil || t.unitAt < t.pos {
		return t.readUnit(ctx)
	}
	return t.readLines(ctx)
}

// decide finds out how the records are arranged.
func (t *tail) decide() (shape, error) {
	read := t.head
	if t.compressed {
		read = t.inflated
	}
	head, err := read(MaxRecord + 1)
	ended := t.final || t.compressed && err == nil
	s := shapeOf(head, ended)
	switch {
	case s == undecided && ended:
		s = byLine
	case s == undecided && err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return s, err
	}
	if s != undecided && t.pos == 0 && bytes.HasPrefix(head, byteOrderMark) {
		t.pos, t.unitAt = int64(len(byteOrderMark)), int64(len(byteOrderMark))
	}
	return s, nil
}

// openStream begins to read at the start of the unit.
func (t *tail) openStream() error {
	if !t.compressed {
		t.rebase()
		_, err := t.f.Seek(t.unitAt, io.SeekStart)
		t.l = &lines{r: t.f}
		return err
	}
	magic, err := t.head(4)
	if err != nil {
		return err
	}
	if _, err := t.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if t.inflate, err = newInflater(t.f, magic); err != nil {
		return err
	}
	r := &bounded{t.inflate, inflatedFloor + inflatedRatio*t.info.Size()}
	t.l = &lines{r: r}
	return t.skipTo(r, t.unitAt)
}

// rebase begins a new unit at the position where that is possible: in front of a value that stands in no array or envelope.
func (t *tail) rebase() {
	b := make([]byte, 256)
	n, _ := t.f.ReadAt(b, t.pos)
	if b = bytes.TrimLeft(b[:n], " \t\r\n"); len(b) > 0 && (b[0] == '{' || b[0] == '[') && t.shape == whole {
		t.unitAt = t.pos
	}
}

// skipTo passes over what was read before, and looks whether that is what stands there.
func (t *tail) skipTo(r io.Reader, at int64) error {
	m := mark{}
	if t.check != nil {
		m = *t.check
	}
	if _, err := io.CopyN(io.Discard, r, at-int64(m.Len)); err != nil {
		return err
	}
	before := make([]byte, m.Len)
	if _, err := io.ReadFull(r, before); err != nil {
		if err == io.ErrUnexpectedEOF {
			err = io.EOF
		}
		return err
	}
	if t.check != nil && hashOf(before) != m.Hash {
		return errDistinct
	}
	t.check = nil
	return nil
}

// endOf tells what the end of a stream means.
func (t *tail) endOf(err error) (more bool, _ error) {
	switch {
	case errors.Is(err, errDistinct), err == io.EOF && t.l != nil && t.check != nil && len(t.start) < startBytes:
		t.in.Positions.disown(t.c.id)
		t.reopen()
		t.progress, t.check, t.distinct = nil, nil, true
		return true, nil
	case !t.compressed && err == io.EOF:
		t.atEnd = true
	case err == io.EOF:
		t.finish()
	case errors.Is(err, io.ErrUnexpectedEOF):
		t.stalled = true
	default:
		t.over = true
		return false, err
	}
	return false, nil
}

// finish notes that a compressed file is read to its end.
func (t *tail) finish() {
	done := t.at(t.pos, t.pos, nil)
	done.Done = true
	t.progress.add(done)()
	t.over = true
}
