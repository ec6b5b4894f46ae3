// Package listen opens the sockets of the inputs that are sent to: who may connect, how many at a time, and TLS with
// certificates that are read again when they change.
package listen

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
)

// Settings says where to listen and whom to let in.
type Settings struct {
	Network        string // tcp or unix
	Address        string // host and port, or path
	CertFile       string // PEM; without one connections are not encrypted
	KeyFile        string // PEM, readable by its owner alone
	ClientCAFile   string // PEM; when named, clients need a certificate of this authority
	Clients        []netip.Prefix
	MaxConnections int
	ReceiveBuffer  int         // bytes that the kernel keeps of a TCP connection before they are read; its own choice when 0
	Mode           fs.FileMode // of a unix socket: who may connect
	Log            *slog.Logger
}

// Listener accepts connections within the limits of its settings.
type Listener struct {
	net.Listener
	settings Settings
	tls      *tls.Config
	open     atomic.Int64
	refused  atomic.Int64
}

// Open listens.
func Open(s Settings) (*Listener, error) {
	l := &Listener{settings: s}
	if s.CertFile != "" {
		var err error
		if l.tls, err = serverTLS(s); err != nil {
			return nil, err
		}
	}
	var err error
	if s.Network == "unix" {
		l.Listener, err = openUnix(s.Address, s.Mode)
	} else {
		l.Listener, err = openTCP(s.Network, s.Address, s.ReceiveBuffer)
	}
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}

// Connections is how many connections are open.
func (l *Listener) Connections() int { return int(l.open.Load()) }

// Refused is how many connections were closed at once: too many, or from where nobody may connect.
func (l *Listener) Refused() int64 { return l.refused.Load() }

// Accept returns the next connection that is let in, a *tls.Conn when the settings name a certificate.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		base, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if reason := l.refuse(base); reason != "" {
			l.note(reason)
			_ = base.Close()
			continue
		}
		l.open.Add(1)
		c := &counted{Conn: base, open: &l.open}
		if l.tls != nil {
			return tls.Server(c, l.tls), nil
		}
		return c, nil
	}
}

// note counts a connection that was not let in, and logs some of them: a flood does not fill the log.
func (l *Listener) note(reason string) {
	if n := l.refused.Add(1); n&(n-1) == 0 { // at 1, 2, 4, 8, …
		l.settings.Log.Warn("connection refused", "reason", reason, "listen", l.settings.Address, "refused", n)
	}
}

// refuse says why a connection is not let in, "" when it is.
func (l *Listener) refuse(c net.Conn) string {
	if l.open.Load() >= int64(l.settings.MaxConnections) {
		return "too many connections"
	}
	if len(l.settings.Clients) == 0 || l.settings.Network == "unix" {
		return ""
	}
	from, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return "address unknown"
	}
	for _, p := range l.settings.Clients {
		if p.Contains(from.Addr().Unmap()) {
			return ""
		}
	}
	return "address not allowed"
}

// counted counts a connection until it is closed.
type counted struct {
	net.Conn
	open *atomic.Int64
	once sync.Once
}

// CloseRead makes the other side's writes fail from now on, where the kernel can: on a unix socket. What has been written before can
// still be read, up to io.EOF.
func (c *counted) CloseRead() error {
	if u, ok := c.Conn.(*net.UnixConn); ok {
		return u.CloseRead()
	}
	return errors.ErrUnsupported
}

// Close implements net.Conn.
func (c *counted) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}
