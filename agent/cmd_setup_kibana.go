package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/elastic"
	"github.com/idwatch/idwatch/agent/kibana"
)

// kibanaOptions are the flags of idwatch setup kibana.
type kibanaOptions struct {
	kibana.Options
	credentials setupOptions
}

func setupKibanaCommand() *cobra.Command {
	var o kibanaOptions
	cmd := &cobra.Command{
		Use:   "kibana",
		Short: "Install data views, saved searches, dashboards and the detection rule",
		Long: `Install in Kibana what analysts look at: data views, saved searches, dashboards, and the rule that raises the alerts in
Kibana Security. It may be repeated: what is there of idwatch is replaced, nothing else is touched. Credentials are those of
the configuration's cluster or of the flags.`,
		Args: cobra.NoArgs,
		RunE: begun(func(cmd *cobra.Command, _ []string) error { return o.run(cmd) }),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.credentials.url, "kibana-url", "", "`ADDRESS` of Kibana, such as https://kibana:5601")
	flags.StringVar(&o.Space, "space", "", "`NAME` of Kibana's space; the default one when empty")
	flags.StringVar(&o.credentials.config, "config", "", "configuration `FILE` with the credentials")
	flags.StringVar(&o.credentials.ca, "ca-file", "", "`FILE` with the authority of the server's certificate instead")
	flags.StringVar(&o.credentials.key, "api-key-file", "", "`FILE` with the API key instead")
	flags.StringVar(&o.credentials.username, "username", "", "user `NAME` instead, with --password-file")
	flags.StringVar(&o.credentials.passwordFile, "password-file", "", "`FILE` with the user's password")
	flags.BoolVar(&o.DryRun, "dry-run", false, "say what would be done and change nothing")
	flags.StringVar(&o.OutputDir, "output", "", "write files to this `DIR` instead of installing; needs no Kibana")
	return cmd
}

func (o *kibanaOptions) run(cmd *cobra.Command) error {
	if o.OutputDir != "" || o.DryRun {
		return kibana.Setup(cmd.Context(), o.Options, cmd.ErrOrStderr())
	}
	if o.credentials.url == "" {
		return failure{errors.New("name Kibana: --kibana-url ADDRESS, or a folder: --output DIR"), misused}
	}
	settings, err := o.credentials.settings(slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil)))
	if err != nil {
		return failure{err, misused}
	}
	o.URL = o.credentials.url
	if o.Client, err = elastic.NewNeighbour(settings); err != nil {
		return failure{fmt.Errorf("kibana: %w", err), misused}
	}
	return kibana.Setup(cmd.Context(), o.Options, cmd.ErrOrStderr())
}
