package service

import (
	"context"
	"errors"
	"log/slog"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/filesink"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// output is what a configuration names under outputs.
type output interface {
	Send(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error)
	Close(ctx context.Context) error
}

// openOutput opens all outputs that the configuration names.
func openOutput(c *config.Config, log *slog.Logger) (output, error) {
	var all tee
	if file, ok := c.FileOutput(); ok {
		keep := file.Keep
		if keep == 0 {
			keep = -1 // the configuration's 0 keeps all
		}
		sink, err := filesink.Open(filesink.Settings{Dir: file.Path, MaxBytes: int64(file.MaxBytes), MaxAge: file.MaxAge, Keep: keep, Log: log})
		if err != nil {
			return nil, err
		}
		all = append(all, sink)
	}
	if c.ToElasticsearch() {
		sender, err := openElastic(c, log)
		if err != nil {
			all.Close(context.Background())
			return nil, err
		}
		all = append(all, sender)
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return all, nil
}

// tee sends every document to all outputs. A document is refused when one of them refuses it.
type tee []output

// resender is an output that can find out what it has of documents that were perhaps sent before.
type resender interface {
	SendAgain(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error)
}

// Send implements output.
func (t tee) Send(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error) {
	return t.send(func(out output) ([]ecs.Refused, error) { return out.Send(ctx, docs) })
}

// SendAgain sends documents that were perhaps sent before.
func (t tee) SendAgain(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error) {
	return t.send(func(out output) ([]ecs.Refused, error) {
		if r, can := out.(resender); can {
			return r.SendAgain(ctx, docs)
		}
		return out.Send(ctx, docs)
	})
}

// Sync makes deliveries safe from a crash of the machine.
func (t tee) Sync() error {
	var errs []error
	for _, out := range t {
		if s, can := out.(interface{ Sync() error }); can {
			errs = append(errs, s.Sync())
		}
	}
	return errors.Join(errs...)
}

func (t tee) send(to func(output) ([]ecs.Refused, error)) ([]ecs.Refused, error) {
	var refused []ecs.Refused
	seen := map[int]bool{}
	for _, out := range t {
		list, err := to(out)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			if !seen[r.Index] {
				seen[r.Index] = true
				refused = append(refused, r)
			}
		}
	}
	return refused, nil
}

// Close implements output.
func (t tee) Close(ctx context.Context) error {
	var errs []error
	for _, out := range t {
		errs = append(errs, out.Close(ctx))
	}
	return errors.Join(errs...)
}
