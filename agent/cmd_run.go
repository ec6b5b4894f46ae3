package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/inlet"
	"github.com/idwatch/idwatch/agent/service"
	"github.com/idwatch/idwatch/agent/supervise"
)

func runCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "run --config FILE",
		Short: "Run the agent until SIGTERM",
		Long: `Run the agent: read the inputs of the configuration, make ECS documents of their records and send them to its outputs,
until SIGTERM or SIGINT. A second of these ends it at once. SIGHUP reads again what can change without a restart.`,
		Args:                  cobra.NoArgs,
		DisableFlagsInUseLine: true,
		RunE: begun(func(cmd *cobra.Command, _ []string) error {
			return runAgent(cmd, path)
		}),
	}
	cmd.Flags().StringVar(&path, "config", "", "configuration `FILE`")
	return cmd
}

// agent is what runs: a service, in tests a simple one.
type agent interface {
	Run(ctx context.Context) error
	Reload() error
}

func runAgent(cmd *cobra.Command, path string) error {
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	c, err := loadConfig(path, log)
	if err != nil {
		return failure{err, misused}
	}
	hangups := make(chan os.Signal, 1) // from here on, or a signal while the agent opens would end it halfway
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	ctx, restore := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGINT)
	context.AfterFunc(ctx, restore) // so that a second signal ends a process that cannot finish
	defer restore()
	manager := supervise.New(log)
	context.AfterFunc(ctx, manager.Stopping)
	s, err := service.Open(c, log)
	if err != nil {
		return err
	}
	s.ReadWith(inlet.Opener{Manager: manager}.Open)
	s.WhenReading(manager.Ready)
	log.Info("agent started", "config", path, "data_dir", c.DataDir, "inputs", len(c.Inputs))
	err = serve(ctx, s, hangups, log)
	n := s.Stats()
	log.Info("agent ended", "records", n.In.Load(), "documents", n.Delivered.Load(), "dead", n.Dead.Load())
	return err
}

// serve runs the agent and reloads it at each hangup.
func serve(ctx context.Context, a agent, hangups <-chan os.Signal, log *slog.Logger) error {
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	for {
		select {
		case err := <-ended:
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return nil // it was told to end
			}
			return err
		case <-hangups:
			if err := a.Reload(); err != nil {
				log.Error("not reloaded", "err", err)
				continue
			}
			log.Info("reloaded")
		}
	}
}

// loadConfig reads the configuration of an agent, which without inputs has nothing to do.
func loadConfig(path string, log *slog.Logger) (*config.Config, error) {
	if path == "" {
		return nil, errors.New("name the configuration: --config FILE")
	}
	c, err := config.Load(path)
	if err != nil {
		return nil, err
	}
	if len(c.Inputs) == 0 {
		return nil, fmt.Errorf("%s: inputs: none is named, so there is nothing to read", path)
	}
	for _, key := range c.Unused() {
		log.Warn("key without effect in this version", "file", path, "key", key)
	}
	return c, nil
}
