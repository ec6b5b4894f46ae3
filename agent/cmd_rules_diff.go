package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// diffOptions are the flags of idwatch rules diff.
type diffOptions struct {
	pastOptions
	json bool
}

func rulesDiffCommand() *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff [flags] OLD NEW FILE...",
		Short: "Compare the alerts of two folders of Sigma rules over past records",
		Long: `Run the whole engine over past records twice, with the Sigma rules of one folder and with those of another, and print on standard
output which alerts are gained (+), lost (-) and changed (~): score, rule, time, identity, reason. An alert that sinks below
the threshold and becomes a signal is lost.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 3 {
				return errors.New("name two folders of rules and the files with records")
			}
			return nil
		},
		RunE: begun(func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0], args[1], args[2:]) }),
	}
	o.addFlags(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "print NDJSON")
	return cmd
}

func (o *diffOptions) run(cmd *cobra.Command, before, after string, files []string) error {
	complaints := cmd.ErrOrStderr()
	total, err := sizes(files)
	if err != nil {
		return failure{err, misused}
	}
	o.rules = before
	past, err := o.open(complaints)
	if err != nil {
		return failure{err, misused}
	}
	defer past.close()
	house, err := loadContext(o.context)
	if err != nil {
		return failure{err, misused}
	}
	added, err := loadRules(after, complaints)
	if err != nil {
		return failure{err, misused}
	}
	both := twice{past.replay, detections.NewReplay(house, added)}
	in := inputs{stdin: cmd.InOrStdin(), progress: startProgress(complaints, total)}
	err = in.each(files, func(text []byte) error {
		past.parser.Parse(text, &both)
		return nil
	})
	in.progress.stop()
	if err != nil {
		return err
	}
	both.before.Run()
	both.after.Run()
	return o.tell(cmd, compareAlerts(both.before.Documents(past.namespace), both.after.Documents(past.namespace)))
}

// twice hands events to two replays.
type twice struct{ before, after *detections.Replay }

func (t *twice) TakeEvent(ev *ecs.Event) {
	t.before.Add(ev)
	t.after.Add(ev)
}

func (t *twice) TakeDead(*parsers.Dead) {}

// alertChange is what another set of rules does to an alert.
type alertChange struct {
	Change   string    `json:"change"` // gained, lost, changed
	ID       string    `json:"id"`
	Rule     string    `json:"rule"`
	Name     string    `json:"name"`
	Time     time.Time `json:"time"`
	Identity string    `json:"identity"`
	Score    int       `json:"score"`
	Was      *int      `json:"was,omitempty"` // score before
	Reason   string    `json:"reason"`
}

// compareAlerts lists what is different, by time.
func compareAlerts(before, after []detections.Document) []alertChange {
	old := map[string]*detections.Document{}
	for i := range before {
		if !before[i].Alert.Signal {
			old[before[i].Alert.ID] = &before[i]
		}
	}
	var all []alertChange
	for i := range after {
		d := &after[i]
		if d.Alert.Signal {
			continue
		}
		was := old[d.Alert.ID]
		delete(old, d.Alert.ID)
		switch {
		case was == nil:
			all = append(all, changeOf("gained", d))
		case string(was.AppendJSON(nil)) != string(d.AppendJSON(nil)):
			c := changeOf("changed", d)
			c.Was = &was.Alert.Score
			all = append(all, c)
		}
	}
	for _, d := range old {
		all = append(all, changeOf("lost", d))
	}
	slices.SortFunc(all, func(a, b alertChange) int {
		if c := a.Time.Compare(b.Time); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}

func changeOf(kind string, d *detections.Document) alertChange {
	a := d.Alert
	return alertChange{Change: kind, ID: a.ID, Rule: a.Rule.ID, Name: a.Rule.Name, Time: a.Anchor.Time, Identity: a.Who, Score: a.Score, Reason: a.Sentence()}
}

var changeSigns = map[string]string{"gained": "+", "lost": "-", "changed": "~"}

func (o *diffOptions) tell(cmd *cobra.Command, changes []alertChange) error {
	count := map[string]int{}
	for _, c := range changes {
		count[c.Change]++
		if err := o.line(cmd.OutOrStdout(), c); err != nil {
			return err
		}
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%d alerts gained, %d lost, %d changed\n", count["gained"], count["lost"], count["changed"])
	return nil
}

func (o *diffOptions) line(to io.Writer, c alertChange) error {
	if o.json {
		return json.NewEncoder(to).Encode(c)
	}
	score := fmt.Sprint(c.Score)
	if c.Was != nil && *c.Was != c.Score {
		score = fmt.Sprintf("%d (was %d)", c.Score, *c.Was)
	}
	_, err := fmt.Fprintf(to, "%s %s %s %s %s: %s\n", changeSigns[c.Change], c.Time.UTC().Format(time.RFC3339), score, c.Rule, c.Identity, c.Reason)
	return err
}
