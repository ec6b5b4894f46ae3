// Package forward is the input for the protocol of Fluentd's and Fluent Bit's forward outputs, version 1: messages of one record or
// many, packed or compressed, a shared key, and acknowledgements, which are sent when the records are safe.
// https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1
package forward

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/idwatch/idwatch/agent/secret"
	"github.com/idwatch/idwatch/agent/source"
	"github.com/idwatch/idwatch/agent/source/listen"
)

// Settings says where to listen, who may send and where records go.
type Settings struct {
	Listen        listen.Settings
	SharedKeyFile string // "" takes records from everybody
	Hostname      string // what clients are told; the machine's name when empty
	Key           string // member that holds the record; found by shape when empty
	MaxMessage    int    // bytes
	MaxInflated   int64  // bytes of a compressed message
	Taker         source.Taker
	Log           *slog.Logger
}

// Server is the input.
type Server struct {
	Settings
	listener *listen.Listener
	key      *secret.File[secret.Text] // nil without

	records, bytes, errors atomic.Int64
}

// leastKey is how short a shared key may be.
const leastKey = 16

// Open listens and reads the shared key.
func Open(s Settings) (*Server, error) {
	srv := &Server{Settings: s}
	if srv.Hostname == "" {
		srv.Hostname, _ = os.Hostname()
	}
	if s.SharedKeyFile != "" {
		srv.key = &secret.File[secret.Text]{Key: "shared_key_file", Path: s.SharedKeyFile, Parse: parseKey}
		if err := srv.key.Open(); err != nil {
			return nil, err
		}
	}
	var err error
	srv.listener, err = listen.Open(s.Listen)
	return srv, err
}

func parseKey(content []byte) (secret.Text, error) {
	key := strings.TrimRight(string(content), "\r\n")
	if len(key) < leastKey {
		return secret.Text{}, errors.New("holds a key of less than 16 characters: make one with openssl rand -hex 32")
	}
	return secret.New(key), nil
}

// Addr is where it listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Run talks to all who connect until ctx ends.
func (s *Server) Run(ctx context.Context) error { return s.listener.Serve(ctx, s.talk) }

// Stats returns the input's counters. It may be called at any time.
func (s *Server) Stats() source.Stats {
	return source.Stats{
		Files: s.listener.Connections(), Records: s.records.Load(), Bytes: s.bytes.Load(), Errors: s.errors.Load(), Refused: s.listener.Refused(),
	}
}

// talk takes the messages of one connection.
func (s *Server) talk(ctx context.Context, c net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Now()) })
	defer stop()
	in := &wire{c: c, max: s.MaxMessage}
	if s.key != nil {
		if err := s.shakeHands(in); err != nil {
			s.report(ctx, c, "no shared key agreed with client", err)
			return
		}
	}
	out := &acks{c: c, room: make(chan struct{}, openAcks)}
	for {
		data, err := in.next()
		if err == nil {
			err = s.take(ctx, data, out)
		}
		if err != nil {
			s.report(ctx, c, "connection ended early", err)
			return
		}
	}
}

// report logs why a connection ends, unless it ends well.
func (s *Server) report(ctx context.Context, c net.Conn, message string, err error) {
	if ctx.Err() != nil || errors.Is(err, errEnd) {
		return
	}
	s.errors.Add(1)
	s.Log.Warn(message, "err", err, "from", c.RemoteAddr().String())
}
