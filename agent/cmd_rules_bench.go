package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/rules"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/detections/sigma"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/enrich"
)

// benchOptions are the flags of idwatch rules bench.
type benchOptions struct {
	source string
	top    int
	most   int
}

func rulesBenchCommand() *cobra.Command {
	var o benchOptions
	cmd := &cobra.Command{
		Use:   "bench [flags] DIR FILE...",
		Short: "Measure what each Sigma rule costs",
		Long: `Hold the records of files against the Sigma rules of a folder, all at once and each by itself, and print the costs on standard
output, the dearest first: nanoseconds of processor time a record of the rule's data streams, how many records these have, how
many met the rule, its title. Parsing is not counted.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return errors.New("name a folder of rules and the files with records")
			}
			return nil
		},
		RunE: begun(func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0], args[1:]) }),
	}
	cmd.Flags().StringVar(&o.source, "source", parsers.Auto, "where the records are from")
	cmd.Flags().IntVar(&o.top, "top", 0, "print that many rules only; 0 prints all")
	cmd.Flags().IntVar(&o.most, "records", 2000, "measure with at most so many records")
	return cmd
}

func (o *benchOptions) run(cmd *cobra.Command, dir string, files []string) error {
	set, err := rules.Load(dir)
	if err != nil {
		return failure{err, misused}
	}
	if len(set.Rules) == 0 {
		return errors.New("no rule is in force")
	}
	p, err := parsers.New(parsers.Options{Source: o.source})
	if err != nil {
		return failure{err, misused}
	}
	load := &rulesLoad{options: parsers.Options{Source: o.source, Enrich: enrich.New(nil)}, most: o.most}
	in := inputs{stdin: cmd.InOrStdin(), progress: startProgress(cmd.ErrOrStderr(), 0)}
	err = in.each(files, func(text []byte) error { return load.read(p, text) })
	in.progress.stop()
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	if len(load.events) == 0 {
		return errors.New("there are no records to measure with")
	}
	return o.tell(cmd.OutOrStdout(), set, load)
}

// tell measures and prints.
func (o *benchOptions) tell(to io.Writer, set *sigma.Set, load *rulesLoad) error {
	all := load.measure(set.NewMatcher(), nil)
	fmt.Fprintf(to, "%d rules over %d records: %.0f ns a record, %.0f records/s on one processor, %d hits\n",
		len(set.Rules), len(load.events), all.nanoseconds, 1e9/all.nanoseconds, all.hits)
	var costs []ruleCost
	for _, r := range set.Rules {
		c := load.measure(set.Only(r).NewMatcher(), r.Datasets)
		c.rule = r
		costs = append(costs, c)
	}
	slices.SortStableFunc(costs, func(a, b ruleCost) int { return cmp.Compare(b.nanoseconds, a.nanoseconds) })
	if o.top > 0 {
		costs = costs[:min(o.top, len(costs))]
	}
	w := tabwriter.NewWriter(to, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "ns/record\trecords\thits\t  rule")
	for _, c := range costs {
		fmt.Fprintf(w, "%.1f\t%d\t%d\t  %s (%s)\n", c.nanoseconds, c.records, c.hits, c.rule.Doc.Title, c.rule.Doc.File)
	}
	return w.Flush()
}

// rulesLoad are parsed records that rules are held against.
type rulesLoad struct {
	options parsers.Options
	most    int
	events  []*ecs.Event
}

// errEnough ends the reading of records.
var errEnough = errors.New("enough records")

// read parses a text and keeps what comes out.
func (l *rulesLoad) read(p *parsers.Parser, text []byte) error {
	p.Parse(text, l)
	if len(l.events) >= l.most {
		return errEnough
	}
	return nil
}

// TakeEvent reads an event again with a parser of its own, which nobody uses after that: so long lives the event.
func (l *rulesLoad) TakeEvent(ev *ecs.Event) {
	if len(l.events) >= l.most {
		return
	}
	if own, err := parsers.New(l.options); err == nil {
		own.Parse(bytes.Clone(ev.Original), keepEvent{l})
	}
}

// keepEvent keeps events as they are.
type keepEvent struct{ load *rulesLoad }

func (k keepEvent) TakeEvent(ev *ecs.Event) { k.load.events = append(k.load.events, ev) }
func (k keepEvent) TakeDead(*parsers.Dead)  {}

// TakeDead leaves out what is no record.
func (l *rulesLoad) TakeDead(*parsers.Dead) {}

// ruleCost is what a rule costs over some records.
type ruleCost struct {
	rule        *sigma.Rule
	nanoseconds float64 // a record
	records     int
	hits        int
}

const (
	measureFor = 20 * time.Millisecond // how long a rule is measured, at least
	// inARow is how often a record is matched at a time: as behind a parser, it is in the processor's cache then.
	inARow = 5
)

// processorTime is what the process has taken of the processor: of a busy machine's time it took but a part.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure holds the records of some data streams, or of all, against rules, again and again.
func (l *rulesLoad) measure(m detections.Matcher, datasets []string) ruleCost {
	var events []*ecs.Event
	for _, ev := range l.events {
		if datasets == nil || slices.Contains(datasets, ev.Dataset) {
			events = append(events, ev)
		}
	}
	c := ruleCost{records: len(events)}
	if len(events) == 0 {
		return c
	}
	var act detections.Act
	began, rounds, took := processorTime(), 0, time.Duration(0)
	for ; rounds == 0 || took < measureFor && rounds < 1000; rounds++ {
		c.hits = 0
		for _, ev := range events {
			for range inARow {
				act.Signs, act.Hits = act.Signs[:0], act.Hits[:0]
				m.Match(ev, &act)
			}
			c.hits += len(act.Signs)
		}
		took = processorTime() - began
	}
	c.nanoseconds = float64(took.Nanoseconds()) / float64(rounds*len(events)*inARow)
	return c
}
