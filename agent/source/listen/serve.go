package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

// handshakeTimeout is how long a client has to show that it speaks TLS.
const handshakeTimeout = 10 * time.Second

const (
	firstPause = 50 * time.Millisecond
	longPause  = time.Second
)

// Serve calls handle for each connection, in a goroutine of its own, until ctx ends and all of them have returned. A connection is
// closed when handle returns; handle has to return when ctx ends.
func (l *Listener) Serve(ctx context.Context, handle func(ctx context.Context, c net.Conn)) error {
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	var open sync.WaitGroup
	defer open.Wait()
	for pause := firstPause; ; {
		c, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = c.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil: // no file is left for the connection, or it has gone already
			l.settings.Log.Warn("connection not accepted", "err", err)
			rest(ctx, pause)
			pause = min(2*pause, longPause)
			continue
		}
		pause = firstPause
		open.Go(func() {
			defer c.Close()
			if l.shakesHands(ctx, c) {
				handle(ctx, c)
			}
		})
	}
}

// shakesHands reports whether a connection is ready: one with TLS has to agree on a key first.
func (l *Listener) shakesHands(ctx context.Context, c net.Conn) bool {
	encrypted, ok := c.(*tls.Conn)
	if !ok {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	if err := encrypted.HandshakeContext(ctx); err != nil {
		l.note("no TLS with client")
		return false
	}
	return true
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
