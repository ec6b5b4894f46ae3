package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/control"
	"github.com/idwatch/idwatch/agent/windows"
)

func windowListCommand() *cobra.Command {
	var o dirOptions
	var format string
	cmd := &cobra.Command{
		Use:   "list [--format table|json]",
		Short: "List the signed windows that were taken",
		Long: `List the signed windows that were taken, those that end last first. The running process is asked or, when none runs, the data directory is read.
Windows stay in the list for 30 days after their end. Those of the context file are not among them.`,
		Args: cobra.NoArgs,
		RunE: begun(func(cmd *cobra.Command, _ []string) error {
			if format != "table" && format != "json" {
				return failure{errors.New("--format: want table or json"), misused}
			}
			all, err := o.windows(cmd)
			if err != nil {
				return err
			}
			slices.SortStableFunc(all, func(a, b windows.Window) int { return b.End().Compare(a.End()) })
			return listWindows(cmd.OutOrStdout(), format, all, time.Now())
		}),
	}
	o.addFlags(cmd)
	cmd.Flags().StringVar(&format, "format", "table", "table or json")
	return cmd
}

// windows asks the running process, or reads the directory of one that does not run.
func (o *dirOptions) windows(cmd *cobra.Command) ([]windows.Window, error) {
	c, err := o.read()
	if err != nil {
		return nil, err
	}
	all := []windows.Window{}
	err = control.Dial(c.DataDir).Call(cmd.Context(), "GET", "/v1/windows", nil, &all)
	if !errors.Is(err, control.ErrNotRunning) {
		return all, err
	}
	register, err := windows.OpenRegister(windows.Settings{File: filepath.Join(c.DataDir, windows.FileName)})
	if err != nil {
		return nil, err
	}
	return append(all, register.Windows()...), nil
}

// listed is a window in JSON.
type listed struct {
	State string `json:"state"`
	windows.Window
}

func listWindows(to io.Writer, format string, all []windows.Window, now time.Time) error {
	if format == "json" {
		list := make([]listed, len(all))
		for i, w := range all {
			list[i] = listed{w.State(now), w}
		}
		return writeIndented(to, list)
	}
	w := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tSTATE\tKIND\tFROM\tUNTIL\tIDENTITIES\tONLY\tTICKET\tKEY")
	for i := range all {
		one := &all[i]
		only := words(slices.Concat(one.Sources, one.Operations))
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", cell(one.ID), one.State(now), cell(one.Kind), day(one.From), day(one.End()),
			cell(strings.Join(one.Identities, " ")), cell(only), cell(words(strings.Fields(one.Ticket))), one.Key)
	}
	return w.Flush()
}
