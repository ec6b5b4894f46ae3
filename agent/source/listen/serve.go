package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// handshakeTimeout is how long a client has to show that it speaks TLS.
const handshakeTimeout = 10 * time.Second

// queueTimeout is how long an ending server accepts connections that were made before.
const queueTimeout = 100 * time.Millisecond

const (
	firstPause = 50 * time.Millisecond
	longPause  = time.Second
)

// Serve calls handle for each connection, in a goroutine of its own, until ctx ends and all of them have returned. A connection is
// closed when handle returns; handle has to return when ctx ends.
func (l *Listener) Serve(ctx context.Context, handle func(ctx context.Context, c net.Conn)) error {
	stop := context.AfterFunc(ctx, l.acceptNoMore)
	defer stop()
	var open sync.WaitGroup
	defer open.Wait()
	defer l.Close()
	for pause := firstPause; ; {
		c, err := l.Accept()
		switch {
		case err != nil && ctx.Err() != nil:
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
			if kept, ok := c.(*Conn); ok && ctx.Err() != nil {
				kept.left = true
			}
		})
	}
}

// acceptNoMore refuses new connections, unless they can wait for the next process. Those that stand in the queue are accepted yet where the kernel gives them out, on a unix socket:
// a client may have written to them already. They are there at once; that there are no more, only the deadline tells.
func (l *Listener) acceptNoMore() {
	if u, ok := l.Listener.(*net.UnixListener); ok && !l.kept {
		if raw, err := u.SyscallConn(); err == nil && raw.Control(func(fd uintptr) { err = syscall.Shutdown(int(fd), syscall.SHUT_RD) }) == nil && err == nil {
			_ = u.SetDeadline(time.Now().Add(queueTimeout))
			return
		}
	}
	_ = l.Close()
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
		l.note(&l.refused, "connection refused", "no TLS with client")
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
