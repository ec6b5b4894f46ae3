package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"
)

// progress shows how far long work has come, on a terminal only.
type progress struct {
	records atomic.Int64
	read    atomic.Int64 // bytes
	total   int64        // bytes there are, 0 when nobody knows
	stopped chan struct{}
	ended   chan struct{}
}

const progressEvery = 500 * time.Millisecond

// startProgress begins to show progress if to is a terminal. Call stop in any case.
func startProgress(to io.Writer, total int64) *progress {
	p := &progress{total: total, stopped: make(chan struct{}), ended: make(chan struct{})}
	if isTerminal(to) {
		go p.show(to)
	} else {
		close(p.ended)
	}
	return p
}

// stop takes the line away.
func (p *progress) stop() {
	close(p.stopped)
	<-p.ended
}

func (p *progress) show(to io.Writer) {
	defer close(p.ended)
	began := time.Now()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.stopped:
			fmt.Fprint(to, "\r\x1b[K")
			return
		case <-tick.C:
			fmt.Fprintf(to, "\r\x1b[K%s", p.line(time.Since(began)))
		}
	}
}

// line is the progress after some time: records, rate, time left.
func (p *progress) line(after time.Duration) string {
	records, read := p.records.Load(), p.read.Load()
	text := fmt.Sprintf("%d records, %.0f/s", records, float64(records)/after.Seconds())
	if p.total <= 0 || read <= 0 {
		return text
	}
	left := time.Duration(float64(after) * float64(max(p.total-read, 0)) / float64(read))
	return fmt.Sprintf("%s, %d%%, %s left", text, min(100*read/p.total, 100), left.Round(time.Second))
}

// counted counts what is read of r.
func (p *progress) counted(r io.Reader) io.Reader {
	return readerFunc(func(b []byte) (int, error) {
		n, err := r.Read(b)
		p.read.Add(int64(n))
		return n, err
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// isTerminal reports whether somebody is watching w: a character device, unless it is the one that swallows everything.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
