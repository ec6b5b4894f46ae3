package service

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/pipeline"
	"github.com/idwatch/idwatch/agent/source"
	"github.com/idwatch/idwatch/agent/source/listen"
	"github.com/idwatch/idwatch/parsers"
)

// input is what the agent reads.
type input interface {
	Run(ctx context.Context) error
}

// readInputs reads until ctx ends or all inputs have ended, as standard input does.
func (s *Service) readInputs(ctx context.Context) error {
	inputs, err := s.openInputs()
	if err != nil {
		return err
	}
	var reading sync.WaitGroup
	for _, in := range inputs {
		reading.Go(func() {
			err := in.in.Run(ctx)
			if ctx.Err() != nil {
				err = nil // it was told to end
			}
			if in.end(err); err != nil {
				s.log.Error("input ended", "input", in.name, "err", err)
			}
		})
	}
	reading.Wait()
	return nil
}

func (s *Service) openInputs() (inputs []*inputState, err error) {
	if s.positions, err = source.OpenPositions(filepath.Join(s.config.DataDir, "positions"), s.log); err != nil {
		return nil, fmt.Errorf("positions: %w", err)
	}
	for i, in := range s.config.Inputs {
		feed, err := s.pipeline.From(sourceOf(s.config, in))
		if err != nil {
			return nil, fmt.Errorf("inputs[%d]: %w", i, err)
		}
		opened, err := s.openInput(in, feed)
		if err != nil {
			return nil, fmt.Errorf("inputs[%d]: %s: %w", i, in.Type(), err)
		}
		for n, one := range opened {
			inputs = append(inputs, s.inputs.add(inputName(i, in.Type(), pathOf(in, n)), in.Type(), sourceOf(s.config, in), one))
		}
	}
	return inputs, nil
}

// pathOf is what tells an input from others of its type.
func pathOf(in config.Input, n int) string {
	switch in := in.(type) {
	case *config.FileInput:
		return in.Path[n]
	case *config.HTTPInput:
		return in.Listen
	case *config.ForwardInput:
		return in.Listen
	case *config.OktaInput:
		return in.URL
	case *config.S3Input:
		return in.QueueURL
	case *config.KafkaInput:
		return strings.Join(in.Topics, ",")
	case *config.TCPInput:
		return in.Listen
	case *config.UnixInput:
		return in.Path
	}
	return ""
}

// sourceOf is the source that an input's records are read as.
func sourceOf(c *config.Config, in config.Input) string {
	if deliver, _ := config.Delivery(in); deliver {
		return parsers.ECSDelivered
	}
	return c.SourceOf(in)
}

// allowedStreams are the data streams that ECS documents of the inputs may go to.
func allowedStreams(c *config.Config) (all []string) {
	for _, in := range c.Inputs {
		_, streams := config.Delivery(in)
		all = append(all, streams...)
	}
	return all
}

// openInput opens one input of the configuration, which may name several patterns of files.
func (s *Service) openInput(in config.Input, feed *pipeline.Feed) ([]input, error) {
	switch in := in.(type) {
	case *config.FileInput:
		return s.openFiles(in, feed)
	case *config.StdinInput:
		return []input{source.NewStream(os.Stdin, feed, parsers.Split, s.log)}, nil
	case *config.HTTPInput:
		return one(s.openHTTP(in, feed))
	case *config.ForwardInput:
		return one(s.openForward(in, feed))
	case *config.OktaInput:
		return one(s.openOkta(in, feed))
	case *config.S3Input:
		return one(s.openS3(in, feed))
	case *config.KafkaInput:
		return one(s.openKafka(in, feed))
	case *config.TCPInput:
		return one(s.openSocket(s.listen(in.Type(), &in.Server), feed))
	case *config.UnixInput:
		mode, _ := strconv.ParseUint(in.Mode, 8, 32) // one of three words
		return one(s.openSocket(listen.Settings{
			Network: "unix", Address: in.Path, Mode: fs.FileMode(mode), MaxConnections: in.MaxConnections, Log: s.log,
		}, feed))
	}
	return nil, fmt.Errorf("type %s has no reader", in.Type())
}

func one[T input](in T, err error) ([]input, error) { return []input{in}, err }

func (s *Service) openFiles(in *config.FileInput, feed *pipeline.Feed) (inputs []input, err error) {
	for _, path := range in.Path {
		files, err := source.NewFiles(source.FilesSettings{
			Path: path, FromEnd: in.From == "end", Taker: feed, Positions: s.positions, Split: parsers.Split, Log: s.log,
		})
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, files)
	}
	return inputs, nil
}
