package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/control"
	"github.com/idwatch/idwatch/agent/portrait"
)

// identityOptions are the flags of idwatch identity.
type identityOptions struct {
	pastOptions
	dir    string
	asJSON bool
}

func identityCommand() *cobra.Command {
	var o identityOptions
	cmd := &cobra.Command{
		Use:   "identity [flags] NAME [FILE...]",
		Short: "Show what is known of one identity",
		Long: `Show what is known of the identity that has a name: its other names and why they are linked, kind and owner, usual
places, hours, operations and credentials, risk and alerts. NAME is any name that a log or the context file uses.
It is told by the running process that has the data directory or, when files with past records are named, from these.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 {
				return errors.New("name an identity")
			}
			return nil
		},
		RunE: begun(func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return o.ask(cmd, args[0])
			}
			return o.show(cmd, args)
		}),
	}
	o.addFlags(cmd)
	cmd.Flags().StringVar(&o.dir, "data-dir", "", "data `DIR` of the running process, where the configuration does not name it")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "as one JSON object")
	return cmd
}

// ask asks the running process.
func (o *identityOptions) ask(cmd *cobra.Command, name string) error {
	c, err := (&dirOptions{o.config, o.dir}).read()
	if err != nil {
		return err
	}
	shown := &portrait.Portrait{}
	err = control.Dial(c.DataDir).Call(cmd.Context(), "GET", "/v1/identity?name="+url.QueryEscape(name), nil, shown)
	if errors.Is(err, control.ErrNotRunning) {
		return fmt.Errorf("%w: start it, or name files with past records behind the name", err)
	}
	if err != nil {
		return err
	}
	return o.print(cmd, shown)
}

// show tells of past records.
func (o *identityOptions) show(cmd *cobra.Command, args []string) error {
	past, err := o.read(cmd, args[1:])
	if past == nil {
		return err
	}
	defer past.close()
	p := past.replay.Portrait(args[0])
	if p == nil {
		return errors.Join(err, errors.New("no record knows that name"))
	}
	return errors.Join(err, o.print(cmd, portrait.Of(p)))
}

func (o *identityOptions) print(cmd *cobra.Command, shown *portrait.Portrait) error {
	if !o.asJSON {
		_, err := cmd.OutOrStdout().Write(portraitText(shown))
		return err
	}
	line, err := json.Marshal(shown)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", line)
	return err
}

// read runs the engine over files. It returns nil when nothing could begin; an error beside it tells of files that
// could not be read to their end.
func (o *pastOptions) read(cmd *cobra.Command, files []string) (*past, error) {
	total, err := sizes(files)
	if err != nil {
		return nil, failure{err, misused}
	}
	p, err := o.open(cmd.ErrOrStderr())
	if err != nil {
		return nil, failure{err, misused}
	}
	job := &replayJob{past: p, progress: startProgress(cmd.ErrOrStderr(), total)}
	err = job.files(files, cmd.InOrStdin())
	job.progress.stop()
	return p, err
}
