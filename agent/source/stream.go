package source

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
)

// streamInflated is how much a compressed stream may give, whose size nobody knows.
const streamInflated = 64 << 30

// Keeper is a stream whose bytes are there still when the process dies, until they are said to be safe: another process reads them again.
type Keeper interface {
	io.Reader
	Safe(offset int64) error // what stands in front of this offset
	Unkeep()                 // nobody could go on in the middle of it
}

// Stream reads one stream, such as standard input, to its end. It has no position to come back to, other than what a Keeper keeps.
type Stream struct {
	r     io.Reader
	taker Taker
	split Split
	log   *slog.Logger
	l     *lines
	kept  bool // r is a Keeper, and what is not safe can be read again

	open                          atomic.Bool
	records, read, longer, broken atomic.Int64
}

// NewStream makes an input of r.
func NewStream(r io.Reader, taker Taker, split Split, log *slog.Logger) *Stream {
	_, keeps := r.(Keeper)
	return &Stream{r: r, taker: taker, split: split, log: log, kept: keeps}
}

// Run reads until the stream or ctx ends. When ctx ends first, a read that still waits for the stream is left to itself.
func (s *Stream) Run(ctx context.Context) error {
	s.open.Store(true)
	defer s.open.Store(false)
	done := make(chan error, 1)
	go func() { done <- s.run(ctx) }()
	select {
	case <-ctx.Done():
		return nil
	case err := <-done:
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("read stream: %w", err)
		}
		return nil
	}
}

// Stats returns the input's counters. It may be called at any time.
func (s *Stream) Stats() Stats {
	st := Stats{Records: s.records.Load(), Bytes: s.read.Load(), Long: s.longer.Load(), Errors: s.broken.Load()}
	if s.open.Load() {
		st.Files = 1
	}
	return st
}

func (s *Stream) run(ctx context.Context) error {
	r := bufio.NewReader(s.r)
	magic, err := r.Peek(len(zstdMagic))
	if err != nil && err != io.EOF {
		return err
	}
	s.l = &lines{r: r}
	if isCompressed(magic) {
		z, err := newInflater(r, magic)
		if err != nil {
			return err
		}
		defer z.close()
		s.l.r = &bounded{z, streamInflated}
		s.unkeep()
	}
	shape, err := s.decide()
	if shape == whole {
		s.unkeep()
		return s.unit(ctx, false)
	}
	if err == nil || err == io.EOF {
		err = s.lines(ctx, err)
	}
	return err
}

// decide reads until it is clear how the records are arranged.
func (s *Stream) decide() (shape, error) {
	for {
		_, err := s.l.fill(blockBytes)
		if sh := shapeOf(s.l.pending(), err != nil); sh != undecided || err != nil {
			if bytes.HasPrefix(s.l.pending(), byteOrderMark) {
				s.l.take(len(byteOrderMark))
				s.read.Add(int64(len(byteOrderMark)))
			}
			return sh, err
		}
	}
}

// lines hands over a record a line. end is how the reading of what is there already ended.
func (s *Stream) lines(ctx context.Context, end error) error {
	records, n := s.l.ready()
	for {
		if err := s.give(ctx, records, n); err != nil {
			return err
		}
		if s.l.isLong() {
			if err := s.longLine(ctx); err != nil {
				return err
			}
		}
		if end != nil {
			break
		}
		records, n, end = s.l.next(blockBytes)
	}
	if s.kept && errors.Is(end, os.ErrDeadlineExceeded) {
		return end // the next process has the whole line
	}
	if line := trim(s.l.pending()); len(line) > 0 {
		if err := s.give(ctx, [][]byte{line}, len(line)); err != nil {
			return err
		}
	}
	if end == io.EOF {
		return nil
	}
	return end
}

// longLine takes an over-long line apart, or cuts it if it is no JSON.
func (s *Stream) longLine(ctx context.Context) error {
	if s.l.looksLikeJSON() {
		return s.unit(ctx, true)
	}
	s.longer.Add(1)
	record, n := s.l.cutLong()
	return s.give(ctx, [][]byte{record}, n)
}

// unit hands over what Split makes of the rest, or of one line.
func (s *Stream) unit(ctx context.Context, oneLine bool) error {
	u := newUnit(s.split, s.l, oneLine, blockBytes)
	defer u.stop()
	for at := int64(0); ; {
		b := u.next(at, last)
		if err := s.give(ctx, b.records, int(b.end-at)); err != nil {
			return err
		}
		if at = b.end; b.done {
			return s.endUnit(u, b.err)
		}
	}
}

// endUnit tells a stream that cannot be read any more from an envelope without an end.
func (s *Stream) endUnit(u *unit, err error) error {
	if end := u.src.err; end != nil && end != io.EOF {
		return end
	}
	if err != nil {
		s.broken.Add(1)
		s.log.Error("stream not split to its end", "err", err)
	}
	return nil
}

func (s *Stream) give(ctx context.Context, records [][]byte, n int) error {
	at := s.read.Add(int64(n))
	if len(records) > 0 {
		s.records.Add(int64(len(records)))
		if err := handOver(ctx, s.taker, s.log, records, nil); err != nil {
			return err
		}
	}
	if s.kept {
		return s.r.(Keeper).Safe(at)
	}
	return nil
}

func (s *Stream) unkeep() {
	if s.kept {
		s.kept = false
		s.r.(Keeper).Unkeep()
	}
}
