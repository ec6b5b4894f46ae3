package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/enrich"
)

// parseOptions are the flags of idwatch parse.
type parseOptions struct {
	parsers.Options
	city, asn string
	strict    bool
}

func parseCommand() *cobra.Command {
	o := parseOptions{Options: parsers.Options{Namespace: "default"}}
	cmd := &cobra.Command{
		Use:   "parse [flags] [FILE...]",
		Short: "Turn records into ECS documents, one a line",
		Long: `Turn records into ECS documents, one a line on standard output, in input order.
Records come from the files, or from standard input where there is none or it is named "-": one a line, pretty-printed,
arrays, the vendors' envelopes, gzip and zstd of any of these. What cannot be read becomes a document too.`,
		RunE: begun(func(cmd *cobra.Command, files []string) error { return o.run(cmd, files) }),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Source, "source", parsers.Auto, "where the records come from: "+strings.Join(parsers.SourceNames(), ", "))
	flags.BoolVar(&o.PreserveOriginal, "preserve-original", false, "keep each record as received in event.original")
	flags.StringVar(&o.city, "geoip-city", "", "MaxMind database `FILE` of cities")
	flags.StringVar(&o.asn, "geoip-asn", "", "MaxMind database `FILE` of networks")
	flags.BoolVar(&o.strict, "strict", false, "end with status 1 when a record could not be read")
	return cmd
}

// run parses all files and reports those that could not be read to their end after the others.
func (o *parseOptions) run(cmd *cobra.Command, files []string) error {
	if len(files) == 0 {
		files = []string{"-"}
	}
	total, err := sizes(files)
	if err != nil {
		return failure{err, misused}
	}
	p, closePlaces, err := o.parser()
	if err != nil {
		return failure{err, misused}
	}
	defer closePlaces()
	job := &parseJob{parser: p, namespace: o.Namespace, out: bufio.NewWriterSize(cmd.OutOrStdout(), 64<<10)}
	job.progress = startProgress(cmd.ErrOrStderr(), total)
	err = job.files(files, cmd.InOrStdin())
	job.progress.stop()
	if err == nil && o.strict && job.dead > 0 {
		return fmt.Errorf("%d of the records could not be read", job.dead)
	}
	return err
}

// parser returns the parser that the flags ask for, and what closes its databases.
func (o *parseOptions) parser() (*parsers.Parser, func(), error) {
	places, closePlaces, err := openPlaces(o.city, o.asn)
	if err != nil {
		return nil, nil, err
	}
	o.Enrich = enrich.New(places)
	p, err := parsers.New(o.Options)
	if err != nil {
		closePlaces()
		return nil, nil, err
	}
	return p, closePlaces, nil
}

// sizes adds up the files, and finds those that are not there before any work is done. 0 stands for unknown.
func sizes(files []string) (int64, error) {
	var total int64
	known := true
	for _, name := range files {
		if name == "-" {
			known = false
			continue
		}
		info, err := os.Stat(name)
		if err != nil {
			return 0, err
		}
		if info.IsDir() {
			return 0, fmt.Errorf("read %s: is a directory", name)
		}
		known = known && info.Mode().IsRegular()
		total += info.Size()
	}
	if !known {
		return 0, nil
	}
	return total, nil
}
