package filesink

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/durable"
)

// handle is the file that is written to.
type handle interface {
	io.ReaderAt
	io.WriterAt
	Stat() (fs.FileInfo, error)
	Sync() error
	Truncate(size int64) error
	Close() error
}

// output is the file of one stream and its rotated predecessors.
type output struct {
	sink *Sink
	path string // stream.ndjson, the file written to; rotated ones are stream.ndjson.000001 and so on

	mu   sync.Mutex
	file handle // nil when not open
	size int64  // whole lines in it
	born time.Time
	torn bool // what stands behind size is left from a failed write
	done bool // the sink is closed
	news bool // written and not synced
}

func newOutput(s *Sink, stream string) *output {
	return &output{sink: s, path: filepath.Join(s.settings.Dir, stream+".ndjson")}
}

func openFile(path string) (handle, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}

// write appends whole lines with one write. After an error the file ends where it ended before.
func (o *output) write(lines []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.done {
		return errClosed
	}
	if err := o.ready(int64(len(lines))); err != nil {
		return err
	}
	o.news = true
	if _, err := o.file.WriteAt(lines, o.size); err != nil {
		if o.file.Truncate(o.size) != nil {
			o.torn = true // opening it again cuts off what the failed write left, whole lines of it too
			o.drop()
		}
		return err
	}
	o.size += int64(len(lines))
	return nil
}

// ready sees to it that the file is open, is the one that its name stands for, and has room.
func (o *output) ready(more int64) error {
	if o.file != nil && !o.inPlace() {
		_ = o.finish() // what is in it was delivered, wherever it is now
	}
	if err := o.reopen(); err != nil {
		return err
	}
	if !o.isDue(more) {
		return nil
	}
	if err := o.rotate(); err != nil {
		return err
	}
	return o.reopen()
}

// inPlace is false when somebody removed or moved the file: writing on would be writing to nowhere.
func (o *output) inPlace() bool {
	named, err := os.Stat(o.path)
	if err != nil {
		return false
	}
	open, err := o.file.Stat()
	return err == nil && os.SameFile(named, open)
}

// isDue reports whether the file is to be rotated before so many more bytes.
func (o *output) isDue(more int64) bool {
	s := o.sink
	if o.size == 0 {
		return false
	}
	tooOld := s.settings.MaxAge > 0 && s.now().Sub(o.born) > s.settings.MaxAge
	return tooOld || o.size+more > s.settings.MaxBytes
}

// reopen opens the file unless it is open.
func (o *output) reopen() error {
	if o.file != nil {
		return nil
	}
	f, err := o.sink.open(o.path)
	if err != nil {
		return err
	}
	if err := o.adopt(f); err != nil {
		_ = f.Close()
		return err
	}
	o.file = f
	return nil
}

// adopt takes over a file as an earlier write or process left it.
func (o *output) adopt(f handle) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	o.born = info.ModTime()
	if info.Size() == 0 {
		o.size, o.born, o.torn = 0, o.sink.now(), false
		return durable.SyncDir(filepath.Dir(o.path))
	}
	size, err := o.soundSize(f, info.Size())
	if err != nil {
		return err
	}
	if torn := info.Size() - size; torn > 0 {
		if err := f.Truncate(size); err != nil {
			return err
		}
		o.sink.cut.Add(torn)
		o.sink.settings.Log.Warn("unfinished line cut off", "file", o.path, "bytes", torn)
	}
	o.size, o.torn = size, false
	return nil
}

// soundSize is how much of a file stands for documents that were delivered.
func (o *output) soundSize(f io.ReaderAt, size int64) (int64, error) {
	if o.torn && o.size <= size {
		return o.size, nil
	}
	return endOfLines(f, size)
}

// endOfLines is the offset behind a file's last newline.
func endOfLines(f io.ReaderAt, size int64) (int64, error) {
	block := make([]byte, 64<<10)
	for end := size; end > 0; {
		start := max(end-int64(len(block)), 0)
		b := block[:end-start]
		if _, err := f.ReadAt(b, start); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			return start + int64(i) + 1, nil
		}
		end = start
	}
	return 0, nil
}

// sync makes what was written safe from a crash of the machine.
func (o *output) sync() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.file == nil || !o.news {
		return nil
	}
	o.news = false
	if err := o.file.Sync(); err != nil {
		o.sink.unsynced.Add(1)
		return err
	}
	return nil
}

// close ends writing for good.
func (o *output) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done = true
	return o.finish()
}

// drop closes the file whatever happens.
func (o *output) drop() {
	_ = o.file.Close()
	o.file = nil
}

// finish syncs and closes the file; it is closed in any case. The kernel will not tell again which pages it lost, and
// there is no second copy, so a failed sync can only be told and counted.
func (o *output) finish() error {
	if o.file == nil {
		return nil
	}
	err := o.file.Sync()
	if err != nil {
		o.sink.unsynced.Add(1)
		o.sink.settings.Log.Error("file not synced", "err", err, "file", o.path)
	}
	o.drop()
	return err
}
