package service

import (
	"io"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/pipeline"
	"github.com/idwatch/idwatch/agent/source"
	"github.com/idwatch/idwatch/agent/source/forward"
	"github.com/idwatch/idwatch/agent/source/hook"
	"github.com/idwatch/idwatch/agent/source/listen"
	"github.com/idwatch/idwatch/agent/source/socket"
	"github.com/idwatch/idwatch/parsers"
)

func (s *Service) openHTTP(in *config.HTTPInput, feed *pipeline.Feed) (*hook.Server, error) {
	return hook.Open(hook.Settings{
		Listen: s.listen(in.Type(), &in.Server), Path: in.Path, TokenFile: in.TokenFile, Header: in.Header,
		MaxBody: int64(in.MaxBody), Timeout: in.Timeout, Taker: feed, Split: upTo(in.MaxInflated), TooMuch: parsers.ErrBomb, Log: s.log,
	})
}

func (s *Service) openForward(in *config.ForwardInput, feed *pipeline.Feed) (*forward.Server, error) {
	return forward.Open(forward.Settings{
		Listen: s.listen(in.Type(), &in.Server), SharedKeyFile: in.SharedKeyFile, Hostname: in.Hostname, Key: in.LogKey,
		MaxMessage: int(in.MaxMessage), MaxInflated: int64(in.MaxInflated), Taker: feed, Log: s.log,
	})
}

func (s *Service) openSocket(l listen.Settings, feed *pipeline.Feed) (*socket.Server, error) {
	return socket.Open(socket.Settings{Listen: l, Taker: feed, Split: parsers.Split, Log: s.log})
}

// listen says where a server listens, and loudly when it does so for everybody.
func (s *Service) listen(kind string, in *config.Server) listen.Settings {
	if in.Insecure {
		s.log.Warn("input takes records without proof of who sends them, or in plain text", "type", kind, "listen", in.Listen)
	}
	return listen.Settings{
		Network: "tcp", Address: in.Listen, CertFile: in.CertFile, KeyFile: in.KeyFile, ClientCAFile: in.ClientCAFile,
		Clients: in.Networks(), MaxConnections: in.MaxConnections, Log: s.log,
	}
}

// upTo splits streams that inflate to no more than limit.
func upTo(limit config.Size) source.Split {
	return func(r io.Reader, emit func(record []byte, end int64) error) error {
		return parsers.SplitUpTo(int64(limit), r, emit)
	}
}
