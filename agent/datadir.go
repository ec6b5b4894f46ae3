package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/config"
)

// usualConfig is where packages put the configuration.
const usualConfig = "/etc/idwatch/idwatch.yaml"

// dirOptions find the data directory of the process that a command is about.
type dirOptions struct{ config, dir string }

func (o *dirOptions) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.config, "config", "", "configuration `FILE` that names the data directory ("+usualConfig+" when it is there)")
	flags.StringVar(&o.dir, "data-dir", "", "the data `DIR` itself, as of a plugin that has it from Fluent Bit's configuration")
}

// read returns the configuration. That files it names are missing matters to the process, not to those who ask about it.
func (o *dirOptions) read() (*config.Config, error) {
	c := config.Default()
	path := cmp.Or(o.config, usualConfig)
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		if c, err = config.Parse(path, text); err != nil {
			return nil, failure{err, misused}
		}
	case o.config != "" || !errors.Is(err, fs.ErrNotExist):
		return nil, failure{fmt.Errorf("read configuration: %w", err), misused}
	}
	if o.dir != "" {
		c.DataDir = o.dir
	}
	if _, err := os.Stat(c.DataDir); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	return c, nil
}
