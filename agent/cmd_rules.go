package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/rules"
	"github.com/idwatch/idwatch/detections/sigma"
)

func rulesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules check|bench|diff",
		Short: "Check and measure Sigma rules, and compare two sets of them",
		RunE:  needsCommand,
	}
	cmd.AddCommand(rulesCheckCommand(), rulesBenchCommand(), rulesDiffCommand())
	return cmd
}

func rulesCheckCommand() *cobra.Command {
	var list bool
	cmd := &cobra.Command{
		Use:   "check [flags] DIR",
		Short: "Say what is wrong with Sigma rules",
		Long: `Say what is wrong with the Sigma rules, correlations and filters in a folder and below it: file, line, rule and reason, one a line
on standard output. A rule that is wrong keeps no other from being loaded; there is a warning for each field that no record
of a rule's log source has. Ends with status 1 when a rule was refused.`,
		Args: oneFolder,
		RunE: begun(func(cmd *cobra.Command, args []string) error { return checkRules(cmd, args[0], list) }),
	}
	cmd.Flags().BoolVar(&list, "list", false, "list the rules in force, too: level, data streams, id, title")
	return cmd
}

// oneFolder refuses anything but one folder of rules.
func oneFolder(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("name one folder of rules")
	}
	return nil
}

func checkRules(cmd *cobra.Command, dir string, list bool) error {
	set, err := rules.Load(dir)
	if err != nil {
		return failure{err, misused}
	}
	out := cmd.OutOrStdout()
	if list {
		if err := listRules(out, set); err != nil {
			return err
		}
	}
	for _, p := range set.Problems {
		if _, err := fmt.Fprintln(out, p); err != nil {
			return err
		}
	}
	faults := len(set.Faults())
	fmt.Fprintf(cmd.ErrOrStderr(), "%d rules and %d correlations in force, %d refused\n", len(set.Rules), len(set.Correlations), faults)
	if faults > 0 {
		return fmt.Errorf("%d of the rules in %s were refused", faults, dir)
	}
	return nil
}

// listRules tells of each rule in force what it reads, and of each filter what it silences.
func listRules(to io.Writer, set *sigma.Set) error {
	w := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "LEVEL\tREADS\tID\tTITLE")
	for _, r := range set.Rules {
		title := r.Doc.Title
		for _, f := range r.Filters {
			title += " (but not: " + f.Title + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", word(r.Doc.Level), strings.Join(r.Datasets, " "), r.Doc.ID, title)
	}
	for _, d := range set.Correlations {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", "-", "correlation", d.ID, d.Name)
	}
	return w.Flush()
}

// word is a word of a table, "-" where there is none.
func word(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
