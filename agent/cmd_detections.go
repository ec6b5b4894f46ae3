package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/detections"
)

// formats are the ways to list detections.
var formats = []string{"table", "json", "navigator"}

func detectionsCommand() *cobra.Command {
	var format, dir string
	cmd := &cobra.Command{
		Use:   "detections [--format table|json|navigator] [--rules DIR]",
		Short: "List what is detected",
		Long: `List the built-in detections with what they cover: rows of the catalogue, ATT&CK, OWASP NHI Top 10, NIST CSF 2.0 and
AI RMF. "json" also says for each row of the catalogue who covers it, or why nobody does; "navigator" is a layer for
the ATT&CK Navigator. With --rules users' Sigma rules are listed, too.`,
		Args: cobra.NoArgs,
		RunE: begun(func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(formats, format) {
				return failure{fmt.Errorf("--format: want one of %s", strings.Join(formats, ", ")), misused}
			}
			added, err := loadRules(dir, cmd.ErrOrStderr())
			if err != nil {
				return failure{err, misused}
			}
			return listDetections(cmd.OutOrStdout(), format, append(detections.Describe(), added.Describe()...))
		}),
	}
	cmd.Flags().StringVar(&format, "format", "table", "table, json or navigator")
	cmd.Flags().StringVar(&dir, "rules", "", "`DIR` of Sigma rules")
	return cmd
}

func listDetections(to io.Writer, format string, all []detections.Description) error {
	switch format {
	case "json":
		return writeIndented(to, coverageOf(all))
	case "navigator":
		return writeIndented(to, layerOf(all))
	}
	return writeTable(to, all)
}

// writeIndented writes JSON that a person can read too.
func writeIndented(to io.Writer, value any) error {
	e := json.NewEncoder(to)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

func writeTable(to io.Writer, all []detections.Description) error {
	w := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tSEVERITY\tSOURCES\tROWS\tATT&CK\tOWASP NHI\tCSF\tAI RMF\tNAME")
	for _, d := range all {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.ID, d.Severity, words(d.Sources), words(d.Covers), words(d.Attack),
			words(d.NHI), words(d.CSF), strings.Join(d.RMF, ", "), d.Name)
	}
	return w.Flush()
}

func words(list []string) string {
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, " ")
}

// coverage is what "json" shows.
type coverage struct {
	Detections []detections.Description `json:"detections"`
	Rows       map[string][]string      `json:"rows"`      // row of the catalogue to the ids of those that cover it
	Catalogue  []detections.Row         `json:"catalogue"` // what the rows are about
	Uncovered  map[string]string        `json:"uncovered"` // row to reason
}

func coverageOf(all []detections.Description) coverage {
	c := coverage{all, detections.Covering(detections.Rules()), detections.Catalogue, map[string]string{}}
	for _, row := range detections.Catalogue {
		if len(c.Rows[row.ID]) == 0 {
			c.Uncovered[row.ID] = row.Reason
		}
	}
	return c
}
