package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func identityCommand() *cobra.Command {
	var o pastOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "identity [flags] NAME FILE...",
		Short: "Show what past records tell of one identity",
		Long: `Show what is known of the identity that has a name: its other names and why they are linked, kind and owner, usual
places, hours, operations and credentials, risk and alerts. NAME is any name that a log or the context file uses.
In this version it is told from the past records in the files, not by a running agent.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return errors.New("name an identity and the files with records: this version asks no running agent")
			}
			return nil
		},
		RunE: begun(func(cmd *cobra.Command, args []string) error { return showIdentity(cmd, &o, args, asJSON) }),
	}
	o.addFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	return cmd
}

func showIdentity(cmd *cobra.Command, o *pastOptions, args []string, asJSON bool) error {
	past, err := o.read(cmd, args[1:])
	if past == nil {
		return err
	}
	defer past.close()
	p := past.replay.Portrait(args[0])
	if p == nil {
		return errors.Join(err, errors.New("no record knows that name"))
	}
	shown := shownPortraitOf(p)
	if !asJSON {
		_, writing := cmd.OutOrStdout().Write(shown.text())
		return errors.Join(err, writing)
	}
	line, marshalling := json.Marshal(shown)
	if marshalling != nil {
		return marshalling
	}
	_, writing := fmt.Fprintf(cmd.OutOrStdout(), "%s\n", line)
	return errors.Join(err, writing)
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
