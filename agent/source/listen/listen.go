// Package listen opens the sockets of the inputs that are sent to: who may connect, how many at a time, and TLS with
// certificates that are read again when they change.
package listen

import (
	"crypto/tls"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"

	"github.com/idwatch/idwatch/agent/supervise"
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
	Manager        *supervise.Manager // keeps sockets without TLS for the next process; nil when nobody does
}

// Listener accepts connections within the limits of its settings.
type Listener struct {
	net.Listener
	settings Settings
	tls      *tls.Config
	open     atomic.Int64
	refused  atomic.Int64

	name       string       // by which the service manager knows it
	kept       bool         // by the service manager
	handedBack []handedBack // connections of the last process, not accepted yet
	unkept     atomic.Int64
}

// Open listens.
func Open(s Settings) (*Listener, error) {
	l := &Listener{settings: s, name: supervise.Name(s.Network, s.Address)}
	if s.CertFile != "" {
		var err error
		if l.tls, err = serverTLS(s); err != nil {
			return nil, err
		}
	}
	keeps := s.Manager.Keeps() && l.tls == nil
	if keeps {
		if l.Listener = l.takeBack(); l.Listener != nil {
			l.kept = true
			return l, nil
		}
		s.ReceiveBuffer = 0 // what the kernel has is not lost
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
	if keeps {
		l.keepListener()
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
		base, name, err := l.next()
		if err != nil {
			return nil, err
		}
		if reason := l.refuse(base); reason != "" {
			l.note(&l.refused, "connection refused", reason)
			l.settings.Manager.Forget(name)
			_ = base.Close()
			continue
		}
		if name == "" {
			name = l.keepConnection(base)
		}
		l.open.Add(1)
		c := &Conn{Conn: base, open: &l.open, manager: l.settings.Manager, name: name}
		if l.tls != nil {
			return tls.Server(c, l.tls), nil
		}
		return c, nil
	}
}

// next is the next connection, with its name when the last process had it kept.
func (l *Listener) next() (net.Conn, string, error) {
	if len(l.handedBack) > 0 {
		first := l.handedBack[0]
		l.handedBack = l.handedBack[1:]
		return first.Conn, first.name, nil
	}
	c, err := l.Listener.Accept()
	return c, "", err
}

// note counts a connection that fares badly, and logs some of them: a flood does not fill the log.
func (l *Listener) note(count *atomic.Int64, what, reason string) {
	if n := count.Add(1); n&(n-1) == 0 { // at 1, 2, 4, 8, …
		l.settings.Log.Warn(what, "reason", reason, "listen", l.settings.Address, "connections", n)
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
	address := c.RemoteAddr()
	if address == nil { // of the last process, which let it in, and reset since
		return ""
	}
	from, err := netip.ParseAddrPort(address.String())
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
