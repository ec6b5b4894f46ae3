// Package inlet opens the inputs that talk to others, as a configuration names them. It stands apart from agent/service so that the
// plugin, which starts no input, does not carry their libraries into somebody else's process.
package inlet

import (
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/source"
	"github.com/idwatch/idwatch/agent/source/listen"
	"github.com/idwatch/idwatch/agent/supervise"
)

// place is where an input belongs.
type place struct {
	dataDir string
	taker   source.Taker
	log     *slog.Logger
	manager *supervise.Manager
}

// Opener opens inputs whose sockets a service manager may keep.
type Opener struct{ Manager *supervise.Manager }

// Open opens an input whose records go to taker and whose position, if it has one, is kept in dataDir.
func (o Opener) Open(in config.Input, dataDir string, taker source.Taker, log *slog.Logger) (source.Input, error) {
	p := place{dataDir, taker, log, o.Manager}
	switch in := in.(type) {
	case *config.HTTPInput:
		return p.openHTTP(in)
	case *config.ForwardInput:
		return p.openForward(in)
	case *config.TCPInput:
		return p.openSocket(p.listen(in.Type(), &in.Server))
	case *config.UnixInput:
		mode, _ := strconv.ParseUint(in.Mode, 8, 32) // one of three words
		return p.openSocket(listen.Settings{
			Network: "unix", Address: in.Path, Mode: fs.FileMode(mode), MaxConnections: in.MaxConnections, Log: log,
		})
	case *config.OktaInput:
		return p.openOkta(in)
	case *config.S3Input:
		return p.openS3(in)
	case *config.KafkaInput:
		return p.openKafka(in)
	}
	return nil, fmt.Errorf("type %s has no reader", in.Type())
}
