package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/service"
	"github.com/idwatch/idwatch/agent/store"
)

func explainCommand() *cobra.Command {
	var o dirOptions
	cmd := &cobra.Command{
		Use:   "explain [flags] ALERT_ID [FILE...]",
		Short: "Explain an alert",
		Long: `Explain an alert: who did what, the chain of records behind it, the parts that add up to its score, what was weighed,
and the smallest change that would have kept it quiet. ALERT_ID is its event.id, or a beginning that no other has.
The alert is looked for in the local store of the agent's data directory, or in the files when any are named, as
"idwatch replay" or the file output writes them.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 {
				return errors.New("name an alert")
			}
			return nil
		},
		DisableFlagsInUseLine: true,
		RunE: begun(func(cmd *cobra.Command, args []string) error {
			id := strings.ToUpper(args[0])
			if len(args) == 1 {
				return explainStored(cmd, id, &o)
			}
			if _, err := sizes(args[1:]); err != nil {
				return failure{err, misused}
			}
			return explain(cmd, id, args[1:])
		}),
	}
	o.addFlags(cmd)
	return cmd
}

// explainStored explains an alert of the local store, whether or not the agent runs.
func explainStored(cmd *cobra.Command, id string, o *dirOptions) error {
	c, err := o.read()
	if err != nil {
		return err
	}
	reader, err := store.Read(service.StoreDir(c))
	if errors.Is(err, fs.ErrNotExist) {
		return failure{fmt.Errorf("%w: name the configuration, or files with alerts", err), misused}
	}
	if err != nil {
		return err
	}
	defer reader.Close()
	alert, err := reader.Alert(cmd.Context(), id)
	if err != nil {
		return err
	}
	notes, err := reader.Notes(cmd.Context(), alert.ID)
	if err != nil {
		return err
	}
	var d store.Document
	if err := json.Unmarshal(alert.Body, &d); err != nil {
		return fmt.Errorf("read alert: %w", err)
	}
	text := explanation(&d)
	for _, n := range notes {
		line := fmt.Sprintf("%s %s: %s %s", n.At.Format("2006-01-02 15:04"), n.Author, n.Kind, n.Text)
		text = append(text, printable(line)+"\n"...)
	}
	_, err = cmd.OutOrStdout().Write(text)
	return err
}

func explain(cmd *cobra.Command, id string, files []string) error {
	search := alertSearch{id: id, found: map[string]*store.Document{}}
	err := search.files(files, cmd.InOrStdin())
	switch {
	case len(search.found) == 0:
		return errors.Join(err, errors.New("there is no alert of that id in the files"))
	case len(search.found) > 1:
		return errors.Join(err, errors.New("more than one alert's id begins so"))
	}
	for _, d := range search.found {
		_, writing := cmd.OutOrStdout().Write(explanation(d))
		err = errors.Join(err, writing)
	}
	return err
}
