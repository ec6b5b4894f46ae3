package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/scenario"
	"github.com/idwatch/idwatch/parsers/enrich"
)

// testOptions are the flags of idwatch test.
type testOptions struct {
	city, asn string
	runs      int
}

func testCommand() *cobra.Command {
	var o testOptions
	cmd := &cobra.Command{
		Use:   "test [flags] DIR...",
		Short: "Check detections against scenarios",
		Long: `Check detections against scenarios. A scenario is a folder with events.ndjson, expect.yaml and, if it needs one,
context.yaml and rules/ (Sigma); a DIR is one or has some below it. Each runs in order, shuffled, doubled, in batches, and with every
record up to 15 minutes late: what is expected has to be found, and the documents have to be the same each time.
One line a scenario goes to standard output.`,
		Args: func(_ *cobra.Command, dirs []string) error {
			if len(dirs) == 0 {
				return errors.New("name folders of scenarios: each has events.ndjson and expect.yaml, or such folders below it")
			}
			return nil
		},
		RunE: begun(func(cmd *cobra.Command, dirs []string) error { return o.run(cmd, dirs) }),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.city, "geoip-city", "", "MaxMind database `FILE` of cities")
	flags.StringVar(&o.asn, "geoip-asn", "", "MaxMind database `FILE` of networks")
	flags.IntVar(&o.runs, "runs", scenario.DefaultRuns, "in how many orders the records arrive late, at least 1")
	return cmd
}

func (o *testOptions) run(cmd *cobra.Command, dirs []string) error {
	if o.runs < 1 {
		return failure{errors.New("--runs: want 1 or more"), misused}
	}
	all, err := findScenarios(dirs)
	if err != nil {
		return failure{err, misused}
	}
	places, closePlaces, err := openPlaces(o.city, o.asn)
	if err != nil {
		return failure{err, misused}
	}
	defer closePlaces()
	job := testJob{dirs: all, options: scenario.Options{Enrich: enrich.New(places), Runs: o.runs}, out: cmd.OutOrStdout()}
	failed := job.run()
	if failed > 0 {
		return fmt.Errorf("%d of %d scenarios failed", failed, len(all))
	}
	return job.err
}

// findScenarios lists the folders of scenarios, each once.
func findScenarios(dirs []string) ([]string, error) {
	var all []string
	for _, dir := range dirs {
		found, err := scenario.Find(dir)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	return all, nil
}
