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

// at is the position behind what has been read. before is what stands in front of it, if that is at hand.
func (t *tail) at(offset, unit int64, before []byte) position {
	n := int(min(offset, int64(len(t.start))))
	p := position{
		fileID: t.c.id, Path: t.c.log, Offset: offset, Unit: unit, Whole: t.shape == whole,
		Start: hashOf(t.start[:n]), StartLen: n, Size: t.info.Size(), Mtime: t.info.ModTime().UnixNano(),
	}
	if before != nil && offset > int64(n) {
		p.Marks = []mark{markOf(offset, before)}
	}
	return p
}

// give hands records over and moves on to to.
func (t *tail) give(ctx context.Context, records [][]byte, to position) error {
	size := to.Offset - t.pos
	safe := t.progress.add(to)
	if len(records) == 0 {
		safe()
	} else if err := handOver(ctx, t.in.Taker, t.in.Log, records, safe); err != nil {
		return err
	}
	t.pos, t.unitAt = to.Offset, to.Unit
	t.in.records.Add(int64(len(records)))
	t.in.bytes.Add(size)
	return nil
}

// giveLines hands over the lines that the next n bytes hold.
func (t *tail) giveLines(ctx context.Context, records [][]byte, n int) error {
	if n == 0 {
		return nil
	}
	offset := t.pos + int64(n)
	return t.give(ctx, records, t.at(offset, offset, t.l.before()))
}

// readLines hands over the next lines.
func (t *tail) readLines(ctx context.Context) (more bool, err error) {
	if records, n := t.l.ready(); n > 0 { // what was read along with a unit
		return true, t.giveLines(ctx, records, n)
	}
	hint := int64(blockBytes)
	if !t.compressed {
		if hint = t.info.Size() - t.pos - int64(len(t.l.pending())); hint <= 0 {
			return t.lastLine(ctx, t.final)
		}
	}
	records, n, end := t.l.next(hint)
	if err := t.giveLines(ctx, records, n); err != nil {
		return false, err
	}
	if t.l.isLong() {
		return true, t.longLine(ctx)
	}
	if end == nil {
		return true, nil
	}
	if end == io.EOF {
		if _, err := t.lastLine(ctx, t.final || t.compressed); err != nil {
			return false, err
		}
	}
	return t.endOf(end)
}

// lastLine hands over a line without a newline, if it is whole anyway or all that will ever be there.
func (t *tail) lastLine(ctx context.Context, final bool) (more bool, err error) {
	t.atEnd = true
	line := t.l.pending()
	if len(line) == 0 || !final && !isWholeValue(line) {
		return false, nil
	}
	t.l.take(len(line))
	var records [][]byte
	if record := trim(line[:len(line):len(line)]); len(record) > 0 {
		records = [][]byte{record}
	}
	return false, t.giveLines(ctx, records, len(line))
}

// longLine takes an over-long line apart, or cuts it if it is no JSON.
func (t *tail) longLine(ctx context.Context) error {
	if t.l.looksLikeJSON() {
		t.u = newUnit(t.in.Split, t.l, true)
		return nil
	}
	t.in.longer.Add(1)
	record, n := t.l.cutLong()
	return t.giveLines(ctx, [][]byte{record}, n)
}

// readUnit hands over the next records of what Split takes apart.
func (t *tail) readUnit(ctx context.Context) (more bool, err error) {
	if t.u == nil {
		t.u = newUnit(t.in.Split, t.l, t.shape != whole)
	}
	b := t.u.next(t.pos-t.unitAt, t.ending())
	offset, unit := t.unitAt+b.end, t.unitAt
	if b.done && !b.cut {
		offset = t.unitAt + t.u.src.read
		unit = offset
	}
	if len(b.records) > 0 || offset != t.pos || unit != t.unitAt {
		if err := t.give(ctx, b.records, t.at(offset, unit, nil)); err != nil {
			return false, err
		}
	}
	if !b.done {
		return true, nil
	}
	return t.endUnit(b)
}

func (t *tail) ending() ending {
	switch {
	case t.compressed:
		return complete
	case t.final:
		return last
	}
	return growing
}

// endUnit decides what comes after a unit.
func (t *tail) endUnit(b batch) (more bool, err error) {
	end := t.u.src.err
	t.u.stop()
	t.u = nil
	if b.cut && end == io.EOF {
		t.stalled = true
		return false, nil
	}
	if b.err != nil && !b.cut {
		t.in.fault(t.c.path, b.err)
	}
	if end == nil {
		return true, nil
	}
	return t.endOf(end)
}
