package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// tail is an open file.
type tail struct {
	in   *Files
	c    candidate
	f    *os.File
	info fs.FileInfo // as of the last turn

	since      time.Time // when it last changed
	left       bool      // the pattern's names are no longer its names
	news       bool      // it was written after all that earlier processes saw
	compressed bool
	start      []byte // the content's first bytes

	shape    shape
	waits    bool      // its content is just being read elsewhere
	progress *progress // nil as long as it is not known which content this is
	pos      int64     // offset behind the last record handed over
	unitAt   int64     // where the unit begins that pos stands in; pos itself outside of units
	check    *mark     // what a compressed content has to have in front of pos, to be what it seems to be
	distinct bool      // it is not what it seemed to be

	l       *lines // nil when reading has to begin anew at unitAt
	inflate *inflater
	u       *unit

	atEnd   bool // the last turn found nothing more
	stalled bool // what is there ends too early: wait for more
	changed bool // there was a change since
	final   bool // nothing more comes: what is there is all
	over    bool // to be closed
}

// errIncomplete says that a file ends too early, and that what it ends within is still waited for.
var errIncomplete = errors.New("file ends within a record")

// errMoved says that a name has gone over to another file since it was looked up.
var errMoved = errors.New("file was renamed")

// openTail opens a file. What it holds is found out at its turn.
func openTail(in *Files, c candidate) (*tail, error) {
	f, err := os.Open(c.path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && idOf(info) != c.id {
		err = errMoved
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	news := c.info.ModTime().UnixNano() > in.seen.Last
	return &tail{in: in, c: c, f: f, since: time.Now(), left: c.rotated, news: news}, nil
}

// turn hands over a block of records, if there is one, and reports whether there is more.
func (t *tail) turn(ctx context.Context) (more bool, err error) {
	if t.over {
		return false, nil
	}
	changed, err := t.look()
	if err != nil {
		return false, err
	}
	if t.progress != nil && changed && t.isReplaced() {
		t.restart()
	}
	if t.progress == nil {
		if known, err := t.identify(); !known || t.over || err != nil {
			return false, err
		}
	}
	t.expire()
	if t.stalled && !t.goesOn(changed) {
		return false, nil
	}
	return t.read(ctx)
}

// look takes note of whether the file has changed.
func (t *tail) look() (changed bool, err error) {
	info, err := t.f.Stat()
	if err != nil {
		return false, err
	}
	changed = t.info == nil || stampOf(info) != stampOf(t.info)
	t.info = info
	if changed {
		t.since, t.atEnd, t.final = time.Now(), false, false
	}
	return changed, nil
}

// goesOn ends the waiting for the rest of what is too short: after a change, when it is quiet again.
func (t *tail) goesOn(changed bool) bool {
	if changed {
		t.changed = true
		return false
	}
	if !t.changed && !t.final {
		return false
	}
	t.stalled, t.changed = false, false
	t.in.fault(t.c.path, nil)
	t.reopen()
	return true
}

// isReplaced reports whether the file does not hold any more what was read: it was cut back or written anew.
func (t *tail) isReplaced() bool {
	if t.compressed {
		return false // its own checksums tell
	}
	if t.info.Size() < t.pos {
		return true
	}
	start, err := t.head(startBytes)
	if err != nil || !bytes.HasPrefix(start, t.start) {
		return true
	}
	t.start = start
	if t.l != nil && t.info.Size() < t.pos+int64(len(t.l.pending())) {
		t.reopen()
	}
	return false
}

// head reads the first bytes of a file that is not compressed.
func (t *tail) head(n int) ([]byte, error) {
	b := make([]byte, n)
	got, err := t.f.ReadAt(b, 0)
	if err == io.EOF {
		err = nil
	}
	return b[:got], err
}

// restart begins anew with a file that now holds something else.
func (t *tail) restart() {
	t.in.truncated.Add(1)
	t.in.Log.Warn("file was cut back or replaced in place", "path", t.c.path, "read", t.pos, "size", t.info.Size())
	t.in.Positions.disown(t.c.id)
	t.reopen()
	t.progress, t.start, t.shape = nil, nil, undecided
	t.pos, t.unitAt, t.stalled, t.final = 0, 0, false, false
}

// reopen makes the next read begin at the start of the unit again.
func (t *tail) reopen() {
	if t.u != nil {
		t.u.stop()
	}
	if t.inflate != nil {
		t.inflate.close()
	}
	t.u, t.inflate, t.l = nil, nil, nil
}

// expire ends the waiting for more of a file that was rotated away or deleted, and of one that is quiet.
func (t *tail) expire() {
	if !t.atEnd && !t.stalled {
		return
	}
	quiet := time.Since(t.since)
	if t.stalled && quiet >= patience {
		t.in.fault(t.c.path, errIncomplete)
	}
	gone := t.left && quiet >= quietClose || isDeleted(t.info) && quiet >= deletedClose
	if gone && !t.final {
		t.final, t.atEnd = true, false
	} else if (t.final || quiet >= quietClose) && t.progress.isSettled() {
		t.over = true
	}
}

// isUnknown reports whether there is content of which it is not clear whether it was read.
func (t *tail) isUnknown() bool {
	return t.progress == nil && !t.over && (t.info == nil || t.info.Size() > 0)
}

// isQuiet reports whether the file can be closed without losing sight of anything.
func (t *tail) isQuiet() bool {
	return t.atEnd && !t.left && t.progress != nil && t.progress.isSettled()
}

// behind is how much there is to read.
func (t *tail) behind() int64 {
	switch {
	case t.info == nil || t.over || t.waits:
		return 0
	case t.compressed:
		return t.info.Size()
	}
	return max(0, t.info.Size()-t.pos)
}

func (t *tail) close() {
	t.reopen()
	_ = t.f.Close()
}

// report tells of an error and closes the file until it changes.
func (t *tail) report(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	t.over = true
	t.in.fault(t.c.path, err)
}
