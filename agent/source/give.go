package source

import (
	"context"
	"io"
)

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
	hint := t.toRead() - int64(len(t.l.pending()))
	if hint <= 0 && !t.compressed {
		return t.lastLine(ctx, t.final)
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

// toRead is how many bytes there are behind the position, about so many if the file is compressed.
func (t *tail) toRead() int64 {
	if t.compressed {
		return 16*t.info.Size() - t.pos
	}
	return t.info.Size() - t.pos
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
		t.u = newUnit(t.in.Split, t.l, true, blockBytes)
		return nil
	}
	t.in.longer.Add(1)
	record, n := t.l.cutLong()
	return t.giveLines(ctx, [][]byte{record}, n)
}

// readUnit hands over the next records of what Split takes apart.
func (t *tail) readUnit(ctx context.Context) (more bool, err error) {
	if t.u == nil {
		t.u = newUnit(t.in.Split, t.l, t.shape != whole, t.toRead())
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
