package inlet

import (
	"io"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/source"
	"github.com/idwatch/idwatch/agent/source/forward"
	"github.com/idwatch/idwatch/agent/source/hook"
	"github.com/idwatch/idwatch/agent/source/listen"
	"github.com/idwatch/idwatch/agent/source/socket"
	"github.com/idwatch/idwatch/parsers"
)

func (p place) openHTTP(in *config.HTTPInput) (*hook.Server, error) {
	return hook.Open(hook.Settings{
		Listen: p.listen(in.Type(), &in.Server), Path: in.Path, TokenFile: in.TokenFile, Header: in.Header,
		MaxBody: int64(in.MaxBody), Timeout: in.Timeout, Taker: p.taker, Split: upTo(in.MaxInflated), TooMuch: parsers.ErrBomb, Log: p.log,
	})
}

func (p place) openForward(in *config.ForwardInput) (*forward.Server, error) {
	return forward.Open(forward.Settings{
		Listen: p.listen(in.Type(), &in.Server), SharedKeyFile: in.SharedKeyFile, Hostname: in.Hostname, Key: in.LogKey,
		MaxMessage: int(in.MaxMessage), MaxInflated: int64(in.MaxInflated), Taker: p.taker, Log: p.log,
	})
}

func (p place) openSocket(l listen.Settings) (*socket.Server, error) {
	l.ReceiveBuffer, l.Manager = socket.ReceiveBuffer, p.manager
	return socket.Open(socket.Settings{Listen: l, Taker: p.taker, Split: parsers.Split, Log: p.log})
}

// listen says where a server listens, and loudly when it does so for everybody.
func (p place) listen(kind string, in *config.Server) listen.Settings {
	if in.Insecure {
		p.log.Warn("input takes records without proof of who sends them, or in plain text", "type", kind, "listen", in.Listen)
	}
	return listen.Settings{
		Network: "tcp", Address: in.Listen, CertFile: in.CertFile, KeyFile: in.KeyFile, ClientCAFile: in.ClientCAFile,
		Clients: in.Networks(), MaxConnections: in.MaxConnections, Log: p.log,
	}
}

// upTo splits streams that inflate to no more than limit.
func upTo(limit config.Size) source.Split {
	return func(r io.Reader, emit func(record []byte, end int64) error) error {
		return parsers.SplitUpTo(int64(limit), r, emit)
	}
}
