package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/context"
	"github.com/idwatch/idwatch/agent/rules"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/enrich"
)

// pastOptions are the flags of commands that run the engine over past records.
type pastOptions struct {
	parsers.Options
	config, context, city, asn, rules string
}

// replayOptions are the flags of idwatch replay.
type replayOptions struct {
	pastOptions
	alerts, events, signals string
	strict                  bool
}

func replayCommand() *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay [flags] FILE...",
		Short: "Run the detections over past records",
		Long: `Run the whole engine over past records, as "idwatch parse" reads them, and print the alerts, one a line. The result is
a function of the records: not of their order, of files or of repeats. Alerts go to standard output when no output is
named; an output named "-" is standard output too. A summary goes to standard error.`,
		Args: needFiles,
		RunE: begun(func(cmd *cobra.Command, files []string) error { return o.run(cmd, files) }),
	}
	o.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.rules, "rules", "", "`DIR` of Sigma rules")
	flags.StringVar(&o.alerts, "alerts", "", "`FILE` for alerts")
	flags.StringVar(&o.events, "events", "", "`FILE` for the documents of the records, in input order")
	flags.StringVar(&o.signals, "signals", "", "`FILE` for what scored below the threshold")
	flags.BoolVar(&o.strict, "strict", false, "end with status 1 when there are alerts or records that could not be read")
	return cmd
}

// needFiles refuses a command without records to read.
func needFiles(_ *cobra.Command, files []string) error {
	if len(files) == 0 {
		return errors.New("name the files with records")
	}
	return nil
}

func (o *pastOptions) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.config, "config", "", "configuration `FILE`, for what no flag names")
	flags.StringVar(&o.context, "context", "", "context `FILE`: identities, windows, networks")
	flags.StringVar(&o.city, "geoip-city", "", "MaxMind database `FILE` of cities")
	flags.StringVar(&o.asn, "geoip-asn", "", "MaxMind database `FILE` of networks")
}

func (o *replayOptions) run(cmd *cobra.Command, files []string) (err error) {
	total, err := sizes(files)
	if err != nil {
		return failure{err, misused}
	}
	past, err := o.open(cmd.ErrOrStderr())
	if err != nil {
		return failure{err, misused}
	}
	defer past.close()
	job := &replayJob{past: past}
	if err := job.openOutputs(o, cmd.OutOrStdout(), files); err != nil {
		return failure{err, misused}
	}
	job.progress = startProgress(cmd.ErrOrStderr(), total)
	err = job.files(files, cmd.InOrStdin())
	job.progress.stop()
	if err := errors.Join(err, job.outlets.close()); err != nil {
		return err
	}
	job.summary(cmd.ErrOrStderr())
	if o.strict && job.dead+job.alerts > 0 {
		return fmt.Errorf("%d alerts, and %d records that could not be read", job.alerts, job.dead)
	}
	return nil
}

// past is the engine with what it needs to read past records.
type past struct {
	parser    *parsers.Parser
	replay    *detections.Replay
	context   *detections.Context
	namespace string
	close     func() // closes the databases
}

// open makes ready what the flags and the configuration ask for. All errors are the user's; complaints about rules keep nothing from
// being opened.
func (o *pastOptions) open(complaints io.Writer) (*past, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	house, err := loadContext(o.context)
	if err != nil {
		return nil, err
	}
	added, err := loadRules(o.rules, complaints)
	if err != nil {
		return nil, err
	}
	places, closePlaces, err := openPlaces(o.city, o.asn)
	if err != nil {
		return nil, err
	}
	o.Enrich = enrich.New(places)
	p, err := parsers.New(o.Options)
	if err != nil {
		closePlaces()
		return nil, err
	}
	return &past{p, detections.NewReplay(house, added), house, o.Namespace, closePlaces}, nil
}

// loadRules reads users' rules, if there are any, and says what is wrong with them: the others count all the same.
func loadRules(dir string, complaints io.Writer) (*detections.Added, error) {
	if dir == "" {
		return nil, nil
	}
	set, err := rules.Load(dir)
	if err != nil {
		return nil, err
	}
	for _, p := range set.Problems {
		fmt.Fprintln(complaints, p)
	}
	return set.Added(), nil
}

// fill takes from the configuration what no flag names.
func (o *pastOptions) fill() error {
	o.Namespace = "default"
	if o.config == "" {
		return nil
	}
	c, err := config.Load(o.config)
	if err != nil {
		return err
	}
	o.Namespace, o.PreserveOriginal, o.Source = c.Namespace(), c.PreserveOriginal(), c.Source
	for _, f := range []struct {
		flag *string
		key  string
	}{{&o.context, c.Context}, {&o.city, c.GeoIP.City}, {&o.asn, c.GeoIP.ASN}, {&o.rules, c.Rules}} {
		if *f.flag == "" {
			*f.flag = f.key
		}
	}
	return nil
}

// loadContext reads a context file; without one the house says nothing.
func loadContext(path string) (*detections.Context, error) {
	if path == "" {
		return detections.DefaultContext(), nil
	}
	return context.Load(path)
}
