package service

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/source"
	"github.com/idwatch/idwatch/parsers"
)

// input is what the agent reads.
type input interface {
	Run(ctx context.Context) error
}

// Opener opens an input that talks to others. Its records go to taker, its position, if it has one, is kept in dataDir.
type Opener func(in config.Input, dataDir string, taker source.Taker, log *slog.Logger) (source.Input, error)

// ReadWith says who opens the inputs that talk to others, before Run. Without it there are none but files and standard input.
func (s *Service) ReadWith(open Opener) { s.network = open }

// WhenReading says what is called once all inputs are open, before Run.
func (s *Service) WhenReading(call func()) { s.reading = call }

// readInputs reads until ctx ends or all inputs have ended, as standard input does.
func (s *Service) readInputs(ctx context.Context) error {
	inputs, err := s.openInputs()
	if err != nil {
		return err
	}
	if s.reading != nil {
		s.reading()
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
		look, err := s.lookOn(feed, sourceOf(s.config, in))
		if err != nil {
			return nil, fmt.Errorf("inputs[%d]: %w", i, err)
		}
		opened, err := s.openInput(in, look)
		if err != nil {
			return nil, fmt.Errorf("inputs[%d]: %s: %w", i, in.Type(), err)
		}
		for n, one := range opened {
			inputs = append(inputs, s.inputs.add(inputName(i, in.Type(), pathOf(in, n)), in.Type(), sourceOf(s.config, in), one, look))
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
func (s *Service) openInput(in config.Input, feed source.Taker) ([]input, error) {
	switch in := in.(type) {
	case *config.FileInput:
		return s.openFiles(in, feed)
	case *config.StdinInput:
		return []input{source.NewStdin(os.Stdin, feed, parsers.Split, s.log)}, nil
	}
	if s.network == nil {
		return nil, fmt.Errorf("type %s has no reader here", in.Type())
	}
	opened, err := s.network(in, s.config.DataDir, feed, s.log)
	return []input{opened}, err
}

func (s *Service) openFiles(in *config.FileInput, feed source.Taker) (inputs []input, err error) {
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
