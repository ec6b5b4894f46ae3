package listen

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/idwatch/idwatch/agent/supervise"
)

// handedBack is a connection that the last process accepted.
type handedBack struct {
	net.Conn
	name string
}

// takeBack goes on with what the service manager kept of this address: connections are accepted once more, the listener is returned.
func (l *Listener) takeBack() (found net.Listener) {
	s := &l.settings
	own, connections := s.Manager.Take(l.name)
	for _, kept := range own {
		back, err := net.FileListener(kept.File)
		_ = kept.File.Close()
		if err == nil && found == nil && s.isThere() {
			found = back
			continue
		}
		if err == nil {
			_ = back.Close()
		}
		s.Manager.Forget(kept.Name)
		s.Log.Warn("the last process's listener cannot be used any more", "listen", s.Address, "err", err)
	}
	for _, kept := range connections {
		c, err := net.FileConn(kept.File)
		_ = kept.File.Close()
		if err != nil {
			s.Manager.Forget(kept.Name)
			s.Log.Warn("the last process's connection cannot be used any more", "listen", s.Address, "err", err)
			continue
		}
		l.handedBack = append(l.handedBack, handedBack{c, kept.Name})
	}
	if found != nil || len(l.handedBack) > 0 {
		s.Log.Info("sockets of the last process are gone on with", "listen", s.Address, "listener", found != nil, "connections", len(l.handedBack))
	}
	return found
}

// isThere reports whether clients find the listener of the last process, whose folder may have been removed in between.
func (s *Settings) isThere() bool {
	if s.Network != "unix" {
		return true
	}
	info, err := os.Lstat(s.Address)
	return err == nil && info.Mode().Type() == fs.ModeSocket && os.Chmod(s.Address, s.Mode) == nil
}

// keepListener has the listener kept. A path has to stay for the next process, then.
func (l *Listener) keepListener() {
	if err := l.settings.Manager.Keep(l.name, l.Listener.(syscall.Conn)); err != nil {
		l.settings.Log.Warn("listener is not kept for the next process", "listen", l.settings.Address, "err", err)
		return
	}
	l.kept = true
	if u, ok := l.Listener.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
}

// keepConnection has a connection kept, and returns its name, "" when it is not.
func (l *Listener) keepConnection(c net.Conn) string {
	if !l.kept {
		return ""
	}
	name := supervise.Part(l.name, rand.Text())
	if err := l.settings.Manager.Keep(name, c.(syscall.Conn)); err != nil {
		l.note(&l.unkept, "connection is not kept for the next process", err.Error())
		return ""
	}
	makeRoom(c)
	return name
}

// spacious is how much the kernel shall keep of a TCP connection whose unfinished line stays there. Such a line holds the whole piece that it
// came in, which Linux glues together of up to seventeen pieces of 32 KiB; in a smaller buffer nothing would find room beside it.
const spacious = 1 << 20

// makeRoom enlarges the buffer by the one way that neither net.core.rmem_max bounds nor keeps Linux from making it larger yet.
func makeRoom(c net.Conn) {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	if raw, err := t.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			for _, least := range []int{spacious, 1} {
				_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, least)
			}
		})
	}
}

// Conn is a connection, counted until it is closed.
type Conn struct {
	net.Conn
	open    *atomic.Int64
	once    sync.Once
	manager *supervise.Manager
	name    string // by which the manager keeps it; "" when it does not
	left    bool   // to the next process
}

// Kept reports whether the next process can go on with the connection.
func (c *Conn) Kept() bool { return c.name != "" }

// Unkeep ends that.
func (c *Conn) Unkeep() { c.manager.Forget(c.name) }

// SyscallConn implements syscall.Conn.
func (c *Conn) SyscallConn() (syscall.RawConn, error) { return c.Conn.(syscall.Conn).SyscallConn() }

// CloseRead makes the other side's writes fail from now on, where the kernel can and nobody goes on reading: on a unix socket that is not
// kept. What has been written before can still be read, up to io.EOF.
func (c *Conn) CloseRead() error {
	if u, ok := c.Conn.(*net.UnixConn); ok && !c.Kept() {
		return u.CloseRead()
	}
	return errors.ErrUnsupported
}

// Close implements net.Conn.
func (c *Conn) Close() error {
	c.once.Do(func() {
		c.open.Add(-1)
		if c.Kept() && !c.left {
			c.Unkeep()
		}
	})
	return c.Conn.Close()
}
