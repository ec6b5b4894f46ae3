package main

import (
	"bytes"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/status"
)

// statusText is a status for a person.
func statusText(s *status.Status) []byte {
	var b bytes.Buffer
	word := "healthy"
	if !s.Healthy {
		word = "NOT HEALTHY"
	}
	fmt.Fprintf(&b, "%s: %s\n", word, whose(s))
	for _, p := range s.Problems {
		fmt.Fprintf(&b, "problem  %s\n", p)
	}
	for _, p := range s.Warnings {
		fmt.Fprintf(&b, "warning  %s\n", p)
	}
	b.WriteByte('\n')
	w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	r := &s.Records
	fmt.Fprintf(w, "records\tin %d = delivered %d + duplicate %d + dead %d + spooled %d + lost %d\n", r.In, r.Delivered, r.Duplicate, r.Dead, r.Spooled, r.Lost)
	fmt.Fprintf(w, "counted\tsince %s; over restarts records, dead letters and sources\n", day(s.Started))
	fmt.Fprintf(w, "alerts\t%d, and %d signals, revisions counted\n", s.Alerts.Alerts, s.Alerts.Signals)
	fmt.Fprintf(w, "spool\t%d records, %s of %s%s\n", s.Spool.Records, size(s.Spool.Bytes), size(s.Spool.MaxBytes), oldest(s))
	for _, o := range s.Outputs {
		fmt.Fprintf(w, "output\t%s: %d documents, %d refused, %d put off, %d failed requests%s\n", o.Name, o.Delivered, o.Refused, o.Retried, o.Failed, trouble(o))
	}
	d := &s.DeadLetters
	fmt.Fprintf(w, "dead letters\t%d, %s of %s\n", d.Entries, size(d.Bytes), size(d.MaxBytes))
	c := &s.Cache
	fmt.Fprintf(w, "cache\t%d of %d identities, %s of %s, %d forgotten\n", c.Identities, c.MaxIdentities, size(c.Bytes), size(c.MaxBytes), c.Forgotten)
	f := &s.Cold
	fmt.Fprintf(w, "forgotten\t%d on disk, %s of %s, %d found again, %d given up\n", f.Records, size(f.Bytes), size(f.MaxBytes), f.Hits, f.Dropped)
	if e := &s.Escalation; e.Targets > 0 {
		fmt.Fprintf(w, "escalation\t%d alerts wait for somebody to acknowledge them, %d targets\n", e.Waiting, e.Targets)
	}
	fmt.Fprintf(w, "state\tsaved %s\n", ago(s.Time, s.State.Saved))
	if s.Console != "" {
		fmt.Fprintf(w, "console\thttp at %s\n", s.Console)
	}
	w.Flush()
	writeInputs(&b, s)
	writeSources(&b, s)
	return printableLines(b.Bytes())
}

func whose(s *status.Status) string {
	if !s.Running {
		return fmt.Sprintf("no process runs in %s; last word of %s", s.DataDir, s.Time.UTC().Format(time.DateTime))
	}
	return fmt.Sprintf("pid %d runs in %s since %s", s.PID, s.DataDir, s.Started.UTC().Format(time.DateTime))
}

func writeInputs(to io.Writer, s *status.Status) {
	if len(s.Inputs) == 0 {
		return
	}
	w := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\nINPUT\tSTATE\tRECORDS\tBYTES\tBEHIND\tLAG\tNEWEST EVENT\tOPEN\tERRORS")
	for _, in := range s.Inputs {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%d\t%d\n", in.Name, in.State, in.Records, size(in.Bytes), behind(&in), lag(&in), day(in.NewestEvent), in.Open, in.Errors)
	}
	w.Flush()
}

// behind is what an input has not taken yet, in its own unit.
func behind(in *status.Input) string {
	switch in.Type {
	case "kafka":
		return fmt.Sprintf("%d records", in.Waiting)
	case "s3":
		return fmt.Sprintf("%d messages", in.Waiting)
	}
	return size(in.LagBytes)
}

// lag is how far behind an input is that asks others.
func lag(in *status.Input) string {
	switch in.Type {
	case "okta", "kafka", "s3":
		return short(in.Lag)
	}
	return "-"
}

func writeSources(to io.Writer, s *status.Status) {
	if len(s.Sources) == 0 {
		return
	}
	w := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\nSOURCE\tRECORDS\tHEARD\tNEWEST EVENT\tUSUALLY\tLAG\tGAP AFTER")
	for _, one := range s.Sources {
		gap := "not known yet"
		if one.SilentAfter > 0 {
			gap = short(one.SilentAfter)
		}
		if one.Silent {
			gap += ", SILENT"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", one.Dataset, one.Records, ago(s.Time, one.LastHeard), day(one.NewestEvent), rate(one.UsualRate), short(one.Lag), gap)
	}
	w.Flush()
}

func size(n int64) string { return config.Rounded(n) }

func oldest(s *status.Status) string {
	if s.Spool.Oldest.IsZero() {
		return ""
	}
	return ", the oldest came " + ago(s.Time, s.Spool.Oldest)
}

func trouble(o status.Output) string {
	if o.Trouble == "" {
		return ""
	}
	return "; takes nothing: " + o.Trouble
}

func rate(perSecond float64) string {
	if perSecond == 0 {
		return "not known yet"
	}
	if perSecond < 1 {
		return fmt.Sprintf("%.1f/h", perSecond*3600)
	}
	return fmt.Sprintf("%.1f/s", perSecond)
}

func short(seconds float64) string {
	return (time.Duration(seconds) * time.Second).String()
}

func ago(now, at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return now.Sub(at).Round(time.Second).String() + " ago"
}
