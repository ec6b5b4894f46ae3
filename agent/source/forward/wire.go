package forward

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/idwatch/idwatch/parsers/chunk"
)

const (
	firstRead = 32 << 10
	// stallTimeout is how long the rest of a message may keep us waiting. Between messages a connection may be quiet for ever.
	stallTimeout = time.Minute
	writeTimeout = 10 * time.Second
	// openAcks is how many messages of a connection may wait to become safe.
	openAcks = 64
)

var (
	errEnd   = errors.New("connection closed")
	errLarge = errors.New("message is larger than max_message")
	errCut   = errors.New("connection ends inside a message")
	errStall = errors.New("rest of a message did not come in time")
)

// wire reads MessagePack values from a connection.
type wire struct {
	c    net.Conn
	max  int
	buf  []byte // what has been read and not been returned
	used int    // bytes of buf that were returned the last time
}

// next returns the next value, a view that the next call overwrites.
func (w *wire) next() ([]byte, error) {
	w.buf, w.used = w.buf[:copy(w.buf, w.buf[w.used:])], 0
	var scan chunk.Scanner
	for {
		n, err := scan.End(w.buf)
		switch {
		case err != nil:
			return nil, err
		case n > w.max || n == 0 && len(w.buf) > w.max:
			return nil, errLarge
		case n > 0:
			w.used = n
			return w.buf[:n], nil
		}
		if err := w.more(); err != nil {
			return nil, err
		}
	}
}

// more reads once.
func (w *wire) more() error {
	if cap(w.buf)-len(w.buf) < firstRead/2 {
		grown := make([]byte, len(w.buf), 2*cap(w.buf)+firstRead)
		copy(grown, w.buf)
		w.buf = grown
	}
	inside := len(w.buf) > 0
	if inside {
		_ = w.c.SetReadDeadline(time.Now().Add(stallTimeout))
	}
	n, err := w.c.Read(w.buf[len(w.buf):cap(w.buf)])
	w.buf = w.buf[:len(w.buf)+n]
	if inside {
		_ = w.c.SetReadDeadline(time.Time{})
	}
	switch {
	case n > 0:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errStall
	case err == io.EOF && inside:
		return errCut
	case err == io.EOF:
		return errEnd
	case err != nil:
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

// write sends one value.
func write(c net.Conn, value []byte) error {
	_ = c.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err := c.Write(value)
	return err
}

// acks sends the acknowledgements of a connection, in the order in which messages become safe.
type acks struct {
	c    net.Conn
	room chan struct{}

	mu sync.Mutex
}

// wait sends an acknowledgement when safe is closed. It waits itself when too many do so already.
func (a *acks) wait(ctx context.Context, safe <-chan struct{}, id []byte) error {
	select {
	case a.room <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	answer := msgp.AppendMapHeader(nil, 1)
	answer = msgp.AppendString(answer, "ack")
	answer = msgp.AppendStringFromBytes(answer, id)
	go func() {
		defer func() { <-a.room }()
		select {
		case <-safe:
		case <-ctx.Done():
			return
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		_ = write(a.c, answer) // who has gone sends the message again
	}()
	return nil
}
