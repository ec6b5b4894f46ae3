package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// replayJob runs the engine over files and writes out what is asked for.
type replayJob struct {
	past                      *past
	outlets                   outlets
	toAlerts, toEvents, toSig *outlet
	progress                  *progress
	line                      []byte // kept between documents

	events, dead    int // records
	alerts, signals int
	byRule          map[string]int
	took            time.Duration
}

func (j *replayJob) openOutputs(o *replayOptions, stdout io.Writer, files []string) (err error) {
	j.outlets.stdout = stdout
	if o.alerts == "" && o.events == "" && o.signals == "" {
		o.alerts = "-"
	}
	if j.toAlerts, err = j.outlets.named(o.alerts, files); err != nil {
		return err
	}
	if j.toEvents, err = j.outlets.named(o.events, files); err != nil {
		return err
	}
	j.toSig, err = j.outlets.named(o.signals, files)
	return err
}

// files reads all records, then runs the engine: only the whole is in order.
func (j *replayJob) files(names []string, stdin io.Reader) error {
	began := time.Now()
	in := inputs{stdin: stdin, progress: j.progress}
	err := in.each(names, func(text []byte) error {
		j.past.parser.Parse(text, j)
		if j.toEvents != nil {
			return j.toEvents.err
		}
		return nil
	})
	j.past.replay.Run()
	j.write()
	j.took = time.Since(began)
	return err
}

// TakeEvent hands an event to the engine.
func (j *replayJob) TakeEvent(ev *ecs.Event) {
	j.events++
	j.progress.records.Add(1)
	j.past.replay.Add(ev)
	if j.toEvents != nil && !ev.Context {
		j.past.context.Name(ev)
		j.line = ev.AppendJSON(j.line[:0])
		j.toEvents.line(j.line)
	}
}

// TakeDead counts a text that is no record.
func (j *replayJob) TakeDead(d *parsers.Dead) {
	j.dead++
	j.progress.records.Add(1)
	if j.toEvents != nil {
		j.line = d.AppendJSON(j.line[:0], j.past.namespace, time.Now())
		j.toEvents.line(j.line)
	}
}

// write writes alerts and signals.
func (j *replayJob) write() {
	j.byRule = map[string]int{}
	for _, d := range j.past.replay.Documents(j.past.namespace) {
		to := j.toAlerts
		if d.Alert.Signal {
			to = j.toSig
			j.signals++
		} else {
			j.alerts++
			j.byRule[d.Alert.Rule.ID]++
		}
		j.line = d.AppendJSON(j.line[:0])
		to.line(j.line)
	}
}

// summary says what was read and found.
func (j *replayJob) summary(to io.Writer) {
	records, replay := j.events+j.dead, j.past.replay
	fmt.Fprintf(to, "%d records, %d events, %d dead, %d identities, %d alerts, %d signals, %.1f seconds, %.0f records/s\n",
		records, j.events, j.dead, replay.Known(), j.alerts, j.signals, j.took.Seconds(), float64(records)/j.took.Seconds())
	for _, rule := range slices.Sorted(maps.Keys(j.byRule)) {
		fmt.Fprintf(to, "%8d %s\n", j.byRule[rule], rule)
	}
	for _, rule := range replay.Broken() {
		fmt.Fprintf(to, "switched off because it panicked: %s\n", rule)
	}
}
