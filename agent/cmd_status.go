package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/control"
	"github.com/idwatch/idwatch/agent/service"
	"github.com/idwatch/idwatch/agent/status"
)

func statusCommand() *cobra.Command {
	var o dirOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status [flags]",
		Short: "Say whether the agent is healthy, and why not",
		Long: `Say whether the agent, or the plugin, that has the data directory is healthy: what came in and what became of it, inputs and
sources, outputs, dead letters, memory. Without a running process it is the last word of the one before. It ends with
status 1 when something is wrong. What each problem means and what to do is in docs/operations.md.`,
		Args: cobra.NoArgs,
		RunE: begun(func(cmd *cobra.Command, _ []string) error {
			c, err := o.read()
			if err != nil {
				return err
			}
			s, err := askStatus(cmd.Context(), c.DataDir)
			if err != nil {
				return err
			}
			if asJSON {
				err = writeIndented(cmd.OutOrStdout(), s)
			} else {
				_, err = cmd.OutOrStdout().Write(statusText(s))
			}
			if err == nil && !s.Healthy {
				err = errors.New(s.Line())
			}
			return err
		}),
	}
	o.addFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	return cmd
}

// askTimeout is how long a process may take to say how it is.
const askTimeout = 10 * time.Second

// askStatus asks the running process, or reads what the last one wrote.
func askStatus(ctx context.Context, dir string) (*status.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	s := &status.Status{}
	err := control.Dial(dir).Call(ctx, "GET", "/v1/status", nil, s)
	if err == nil {
		return s, nil
	}
	written, reading := status.Judge(dir, time.Now())
	switch {
	case reading == nil && errors.Is(err, control.ErrNotRunning):
		return written, nil
	case reading == nil:
		written.Report(status.Hanging, "", err.Error())
		return written, nil
	case errors.Is(reading, fs.ErrNotExist):
		return nil, errors.Join(err, errors.New("and none has ever written its status there"))
	}
	return nil, errors.Join(err, reading)
}

func reloadCommand() *cobra.Command {
	var o dirOptions
	cmd := &cobra.Command{
		Use:   "reload [flags]",
		Short: "Have the running agent read context, rules and databases again",
		Long: `Have the running agent read its context file, rules and databases again, as SIGHUP does, and say what is wrong with them.
What cannot be read leaves in force what was read before; nothing of what the detections remember is lost.`,
		Args: cobra.NoArgs,
		RunE: begun(func(cmd *cobra.Command, _ []string) error {
			c, err := o.read()
			if err != nil {
				return err
			}
			var done service.Reloaded
			if err := control.Dial(c.DataDir).Call(cmd.Context(), "POST", "/v1/reload", nil, &done); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.ErrOrStderr(), printable("idwatch: reloaded: "+done.Summary))
			return err
		}),
	}
	o.addFlags(cmd)
	return cmd
}
