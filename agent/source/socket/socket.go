// Package socket is the input that takes records from connections, one a line, as Vault's socket audit device sends them.
//
// Its protocol has no acknowledgement. A sender that has written a line does not hear whether it was read. Where a service manager keeps
// the sockets, a line stays in the kernel until it is on the disk, and the next process reads on there. Elsewhere what is on its way when
// the agent or the machine fails is lost, and neither side knows what that was. So little is on its way: what was read is on the disk
// before more is read, at most ReadBytes at a time, and the kernel keeps little in front of that. While there is no room nothing is read,
// so that the sender's writes wait.
package socket

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/source"
	"github.com/idwatch/idwatch/agent/source/listen"
)

const (
	// ReceiveBuffer is what the kernel is asked to keep of a TCP connection at most; Linux takes twice as much. It makes the window:
	// less would slow down senders that are far away.
	ReceiveBuffer = 128 << 10
	// ReadBytes is how much is read before it is safe on the disk.
	ReadBytes = 64 << 10
	// drainTimeout is how long an ending agent goes on reading what arrives, whose sender does not hear that it ends.
	drainTimeout = 250 * time.Millisecond
	// emptyTimeout is how long it goes on reading where nothing more can arrive.
	emptyTimeout = 5 * time.Second
)

// Settings says where to listen and where records go.
type Settings struct {
	Listen listen.Settings
	Taker  source.Taker
	Split  source.Split
	Log    *slog.Logger
}

// Server is the input.
type Server struct {
	Settings
	listener *listen.Listener

	mu    sync.Mutex
	open  map[*source.Stream]bool
	ended source.Stats // of connections that are closed
}

// Open listens.
func Open(s Settings) (*Server, error) {
	l, err := listen.Open(s.Listen)
	if err != nil {
		return nil, err
	}
	return &Server{Settings: s, listener: l, open: map[*source.Stream]bool{}}, nil
}

// Addr is where it listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Run reads from all who connect until ctx ends.
func (s *Server) Run(ctx context.Context) error { return s.listener.Serve(ctx, s.read) }

// read hands over what one connection brings.
func (s *Server) read(ctx context.Context, c net.Conn) {
	work, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	r := s.reader(c)
	stop := context.AfterFunc(ctx, func() {
		left := drainTimeout
		if noMore(c) {
			left = emptyTimeout
		}
		_ = r.SetReadDeadline(time.Now().Add(left))
		time.AfterFunc(left+drainTimeout, giveUp) // there may be no room for what was read
	})
	defer stop()
	stream := source.NewStream(r, s.Taker, s.Split, s.Log)
	s.begin(stream)
	defer s.end(stream)
	err := stream.Run(work)
	if err != nil && !(ctx.Err() != nil && errors.Is(err, os.ErrDeadlineExceeded)) {
		s.Log.Warn("connection ended early", "err", err, "from", c.RemoteAddr())
	}
}

// reader reads a connection to its end or the deadline.
type reader interface {
	io.Reader
	SetReadDeadline(t time.Time) error
}

func (s *Server) reader(c net.Conn) reader {
	if kept, ok := c.(*listen.Conn); ok && kept.Kept() {
		if raw, err := kept.SyscallConn(); err == nil {
			return &held{Conn: kept, raw: raw, again: make([]byte, mostHeld)}
		}
		kept.Unkeep()
	}
	return sips{c}
}

// noMore makes the sender's next write fail, where that can be done, so that what it has written is all that there is to be read.
func noMore(c net.Conn) bool {
	half, ok := c.(interface{ CloseRead() error })
	return ok && half.CloseRead() == nil
}

// sips reads little at a time.
type sips struct{ net.Conn }

// Read implements io.Reader.
func (s sips) Read(b []byte) (int, error) { return s.Conn.Read(b[:min(len(b), ReadBytes)]) }

func (s *Server) begin(stream *source.Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[stream] = true
}

func (s *Server) end(stream *source.Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, stream)
	s.ended = add(s.ended, stream.Stats())
}

// Stats returns the input's counters. It may be called at any time.
func (s *Server) Stats() source.Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := s.ended
	for stream := range s.open {
		sum = add(sum, stream.Stats())
	}
	sum.Files, sum.Refused = s.listener.Connections(), s.listener.Refused()
	return sum
}

func add(a, b source.Stats) source.Stats {
	a.Records += b.Records
	a.Bytes += b.Bytes
	a.Errors += b.Errors
	a.Long += b.Long
	return a
}
