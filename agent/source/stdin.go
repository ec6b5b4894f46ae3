package source

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// lineTimeout is how long an ending agent waits for the rest of a line.
const lineTimeout = 250 * time.Millisecond

// Stdin reads standard input to its end. When ctx ends first, it hands over the lines that it has read, and what is in the pipe stays there
// for whoever reads it next.
type Stdin struct {
	*Stream
	lines *upToLine
}

// NewStdin makes an input of a file such as os.Stdin.
func NewStdin(f *os.File, taker Taker, split Split, log *slog.Logger) *Stdin {
	r := &upToLine{file: wakeable(f), last: '\n'}
	return &Stdin{NewStream(r, taker, split, log), r}
}

// wakeable opens a pipe anew, so that a read of it can be ended. Other files are read as they are.
func wakeable(f *os.File) *os.File {
	info, err := f.Stat()
	if err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		return f
	}
	again, err := os.OpenFile("/proc/self/fd/"+strconv.Itoa(int(f.Fd())), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return f
	}
	return again
}

// Run reads until the stream or ctx ends.
func (s *Stdin) Run(ctx context.Context) error {
	work, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	stop := context.AfterFunc(ctx, func() {
		if !s.lines.end() {
			giveUp() // a read that waits is left to itself
			return
		}
		time.AfterFunc(2*lineTimeout, giveUp) // there may be no room for what was read
	})
	defer stop()
	return s.Stream.Run(work)
}

// upToLine reads no further than to the end of a line once it has been told to end.
type upToLine struct {
	file  *os.File
	ended atomic.Bool
	last  byte // that was read
}

// end makes reads end. It reports whether they can be ended.
func (r *upToLine) end() bool {
	r.ended.Store(true)
	return r.file.SetReadDeadline(time.Now().Add(lineTimeout)) == nil
}

// Read implements io.Reader.
func (r *upToLine) Read(b []byte) (int, error) {
	if r.ended.Load() && r.last == '\n' {
		return 0, io.EOF
	}
	n, err := r.file.Read(b)
	if n > 0 {
		r.last = b[n-1]
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = io.EOF
	}
	return n, err
}
