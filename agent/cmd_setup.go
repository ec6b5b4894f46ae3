package main

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/elastic"
)

func setupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "setup WHAT",
		Short: "Install what the documents need at their destination",
		Args:  cobra.NoArgs,
		RunE:  needsCommand,
	}
	cmd.AddCommand(setupElasticsearchCommand(), setupKibanaCommand())
	return cmd
}

// setupOptions are the flags of idwatch setup elasticsearch.
type setupOptions struct {
	elastic.SetupOptions
	config                 string
	url, ca, key           string
	username, passwordFile string
	retention              string
}

func setupElasticsearchCommand() *cobra.Command {
	var o setupOptions
	cmd := &cobra.Command{
		Use:   "elasticsearch",
		Short: "Install templates and retention of the data streams",
		Long: `Install the templates of the data streams and how long their documents are kept. It may be repeated, and leaves the
templates of an installed integration alone. The cluster is that of the configuration or of --es-url. The rights it
needs are more than the agent should have, so name credentials of their own.`,
		Args: cobra.NoArgs,
		RunE: begun(func(cmd *cobra.Command, _ []string) error { return o.run(cmd) }),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.config, "config", "", "configuration `FILE` that names the cluster")
	flags.StringVar(&o.url, "es-url", "", "`ADDRESS` of the cluster instead")
	flags.StringVar(&o.ca, "ca-file", "", "`FILE` with the authority of the server's certificate instead")
	flags.StringVar(&o.key, "api-key-file", "", "`FILE` with the API key instead")
	flags.StringVar(&o.username, "username", "", "user `NAME` instead, with --password-file")
	flags.StringVar(&o.passwordFile, "password-file", "", "`FILE` with the user's password")
	flags.StringVar(&o.retention, "retention", "365d", "`AGE` at which documents go")
	flags.BoolVar(&o.DryRun, "dry-run", false, "say what would be done and change nothing")
	flags.StringVar(&o.OutputDir, "output", "", "write files to this `DIR` instead of installing; needs no cluster")
	return cmd
}

func (o *setupOptions) run(cmd *cobra.Command) error {
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	settings, err := o.settings(log)
	if err != nil {
		return failure{err, misused}
	}
	retention, ok := config.ParseDuration(o.retention)
	if !ok || retention < 24*time.Hour {
		return failure{errors.New("--retention: want an age of a day at least, such as 365d"), misused}
	}
	o.Retention = retention
	return elastic.Setup(cmd.Context(), settings, o.SetupOptions, cmd.ErrOrStderr())
}

// settings are those of the configuration with the flags laid over it.
func (o *setupOptions) settings(log *slog.Logger) (elastic.Settings, error) {
	c, err := o.configuration()
	if err != nil {
		return elastic.Settings{}, err
	}
	es := c.Outputs.Elasticsearch
	if o.username != "" || o.passwordFile != "" {
		es.Username, es.PasswordFile, es.APIKeyFile = o.username, o.passwordFile, ""
	}
	if len(es.URL) == 0 && o.OutputDir == "" && !o.DryRun {
		return elastic.Settings{}, errors.New("name the cluster: --config FILE or --es-url ADDRESS")
	}
	return elastic.Settings{URLs: es.URL, CAFile: es.CAFile, APIKeyFile: es.APIKeyFile, Username: es.Username,
		PasswordFile: es.PasswordFile, Compression: es.Compression, Log: log}, nil
}

func (o *setupOptions) configuration() (*config.Config, error) {
	c := config.Default()
	if o.config != "" {
		var err error
		if c, err = config.Load(o.config); err != nil {
			return nil, err
		}
	}
	for _, flag := range []struct{ key, name, value string }{
		{"es_url", "es-url", o.url}, {"ca_file", "ca-file", o.ca}, {"api_key_file", "api-key-file", o.key},
	} {
		if flag.value == "" {
			continue
		}
		var bad config.Error
		if err := c.Override(flag.key, flag.value); errors.As(err, &bad) {
			return nil, fmt.Errorf("--%s: %s", flag.name, bad.Problem)
		}
	}
	return c, nil
}
