package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
)

func explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain ALERT_ID FILE...",
		Short: "Explain an alert",
		Long: `Explain an alert: who did what, the chain of records behind it, the parts that add up to its score, what was weighed,
and the smallest change that would have kept it quiet. ALERT_ID is its event.id, or a beginning that no other has.
In this version alerts are looked for in the files, as "idwatch replay" or the file output writes them.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return errors.New("name an alert and the files with alerts: this version asks no running agent")
			}
			return nil
		},
		DisableFlagsInUseLine: true,
		RunE: begun(func(cmd *cobra.Command, args []string) error {
			if _, err := sizes(args[1:]); err != nil {
				return failure{err, misused}
			}
			return explain(cmd, strings.ToUpper(args[0]), args[1:])
		}),
	}
}

func explain(cmd *cobra.Command, id string, files []string) error {
	search := alertSearch{id: id, found: map[string]*alertDocument{}}
	err := search.files(files, cmd.InOrStdin())
	switch {
	case len(search.found) == 0:
		return errors.Join(err, errors.New("there is no alert of that id in the files"))
	case len(search.found) > 1:
		return errors.Join(err, errors.New("more than one alert's id begins so"))
	}
	for _, d := range search.found {
		_, writing := cmd.OutOrStdout().Write(d.text())
		err = errors.Join(err, writing)
	}
	return err
}
