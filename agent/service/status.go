package service

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/idwatch/idwatch/agent/elastic"
	"github.com/idwatch/idwatch/agent/filesink"
	"github.com/idwatch/idwatch/agent/status"
	"github.com/idwatch/idwatch/detections"
)

const (
	troubleAfter = time.Minute // how long an output may be away before that is a problem
	staleState   = 15 * time.Minute
	lateShare    = 50 // one late record in so many is worth a warning
)

// Status says how the service is.
func (s *Service) Status() *status.Status {
	st := &status.Status{
		Healthy: true, Problems: []status.Problem{}, Warnings: []status.Problem{}, Running: true,
		Time: time.Now(), Started: s.started, PID: os.Getpid(), DataDir: s.config.DataDir,
		Inputs: s.inputs.describe(), Sources: s.sources.Sources(), Outputs: []status.Output{},
	}
	s.sayRecords(st)
	s.sayInputs(st)
	s.saySources(st)
	s.sayLacks(st)
	s.sayOutputs(st)
	s.sayDeadLetters(st)
	s.sayMemory(st)
	s.sayListener(st)
	s.sayEscalation(st)
	return st
}

// sayRecords tells what became of the records.
func (s *Service) sayRecords(st *status.Status) {
	b := s.pipeline.Balance()
	st.Records = status.Records{In: b.In, Delivered: b.Delivered, Duplicate: b.Duplicate, Dead: b.Dead, Spooled: b.Spooled, Lost: b.Lost}
	n := s.pipeline.Stats()
	st.Alerts = status.Alerts{Alerts: n.Alerts.Load(), Signals: n.Signals.Load()}
	st.Spool = status.Spool{Records: b.Spooled, Bytes: b.SpoolBytes + b.OutboxBytes, MaxBytes: int64(s.config.Spool.MaxBytes)}
	if b.Refusing {
		st.Report(status.SpoolFull, "", "no records are taken, inputs wait: the spool is full, or the disk")
	}
	if b.Standing {
		st.Report(status.OutboxFull, "", "detections stand still: alerts that wait for the output have no more room on the disk")
	}
	if b.LostNow > 0 {
		st.Report(status.RecordsLost, "", fmt.Sprintf("%d records are lost to damage on the disk", b.LostNow))
	}
}

func (s *Service) sayInputs(st *status.Status) {
	for _, in := range st.Inputs {
		if in.State == status.Failed {
			st.Report(status.InputFailed, in.Name, "is not read any more: "+in.Error)
		}
	}
}

func (s *Service) saySources(st *status.Status) {
	for _, source := range st.Sources {
		if source.Silent {
			st.Report(status.SourceSilent, source.Dataset, fmt.Sprintf("nothing for %s, usually a record comes within %s",
				span(source.Silence), span(source.SilentAfter)))
		}
	}
}

func span(seconds float64) string {
	return (time.Duration(seconds) * time.Second).String()
}

// sayOutputs tells of each output of the configuration.
func (s *Service) sayOutputs(st *status.Status) {
	for _, out := range outputsOf(s.output) {
		one := describeOutput(out)
		if one.TroubleSince.IsZero() {
			one.Trouble = ""
		} else if st.Time.Sub(one.TroubleSince) >= troubleAfter {
			st.Report(status.OutputUnreachable, one.Name, "takes nothing since "+one.TroubleSince.UTC().Format(time.DateTime)+" UTC: "+one.Trouble)
		}
		st.Outputs = append(st.Outputs, one)
	}
}

func outputsOf(out output) []output {
	if all, ok := out.(tee); ok {
		return all
	}
	return []output{out}
}

func describeOutput(out output) (o status.Output) {
	switch out := out.(type) {
	case *elastic.Sender:
		n := out.Stats()
		o = status.Output{Name: "elasticsearch", Delivered: n.Delivered, Refused: n.Refused, Retried: n.Retried, Requests: n.Requests, Failed: n.Failed, Bytes: n.Bytes}
		o.TroubleSince, o.Trouble = out.Trouble()
	case *filesink.Sink:
		n := out.Stats()
		o = status.Output{Name: "file", Delivered: n.Documents, Refused: n.Refused, Failed: n.Errors, Bytes: n.Bytes}
		o.TroubleSince, o.Trouble = out.Trouble()
	}
	return o
}

func (s *Service) sayDeadLetters(st *status.Status) {
	n := s.dead.Stats()
	d := &st.DeadLetters
	*d = status.DeadLetters{Entries: n.Entries, Bytes: n.Bytes, MaxBytes: int64(s.config.DeadLetter.MaxBytes), Refused: n.Refused, Damaged: n.Damaged}
	if d.Refused > 0 {
		st.Report(status.DeadLettersFull, "", "what cannot be read is not kept any more: look at the dead letters, then retry or remove them")
	} else if d.Entries > 0 {
		st.Warn(status.DeadLetter, "", fmt.Sprintf("%d records could not be read or were refused: idwatch deadletter list", d.Entries))
	}
}

// sayMemory tells of what the detections remember, in memory and on disk.
func (s *Service) sayMemory(st *status.Status) {
	m := s.pipeline.Memory()
	st.Cache = status.Cache{
		Identities: m.Identities, MaxIdentities: s.config.Cache.Identities, Bytes: m.Bytes, MaxBytes: int64(s.config.Cache.Bytes),
		Forgotten: forgotten(m.Forgotten), Open: m.Open, Late: m.Late, Early: m.Forgotten.Early,
	}
	st.Correlations = status.Correlations{
		Groups: m.Groups, Records: m.Counted, DroppedGroups: m.Forgotten.Windows, DroppedRecords: m.Forgotten.Entries, Ungrouped: m.Forgotten.Ungrouped,
	}
	st.DetectionsOff = m.Broken
	for _, rule := range m.Broken {
		st.Warn(status.DetectionOff, rule, "panicked and is switched off until the next start; all other detections go on")
	}
	if n := m.Forgotten.Windows; n > 0 {
		st.Warn(status.CacheSmall, "correlations", fmt.Sprintf("%d open groups of correlations had to make room: what they would have found is missed", n))
	}
	if n := m.Forgotten.Early; n > 0 {
		st.Warn(status.CacheSmall, "lateness", fmt.Sprintf("more records came within %s than there is room for: %d times the oldest of them were taken as settled before that", s.config.Lateness, n))
	}
	if in := st.Records.In; int64(m.Late)*lateShare > in && m.Late > lateShare {
		st.Warn(status.LateRecords, "", fmt.Sprintf("%d records came more than %s late, which alerts on what was before them do not see", m.Late, s.config.Lateness))
	}
	c := s.cold.Stats()
	st.Cold = status.Cold{
		Records: c.Records, Bytes: c.Bytes, MaxBytes: int64(s.config.Cache.Disk), Hits: c.Hits, Misses: c.Misses, Dropped: c.Dropped, Damaged: c.Damaged, Failed: c.Failed,
	}
	if n := st.Cache.Forgotten; n > 0 {
		st.Warn(status.CacheSmall, "", fmt.Sprintf("%d identities had to go from memory to disk for want of room; %d records of such were given up there, and what is new to those cannot be told", n, c.Dropped))
	}
	st.State = s.saved.describe()
	if since := st.State.Saved; st.State.Error != "" && st.Time.Sub(since) > staleState && st.Time.Sub(s.started) > staleState {
		st.Report(status.StateNotSaved, "", "what the detections remember is not safe on disk: "+st.State.Error)
	}
}

func forgotten(f detections.Forgotten) int64 { return int64(f.Identities) }

func (s *Service) sayListener(st *status.Status) {
	if s.listener == nil {
		return
	}
	st.Console = s.listener.Address()
	if err := s.listener.Problem(); err != nil {
		st.Warn(status.ListenerDown, s.config.Console.Listen, "console and metrics are not served: "+err.Error())
	}
}

func (s *Service) sayEscalation(st *status.Status) {
	l := s.govern.ladder
	if l == nil {
		return
	}
	e := &st.Escalation
	e.Targets, e.Waiting = len(s.config.Escalation.Targets), l.Waiting()
	if e.Failing, e.Since = l.Failing(); e.Failing != "" && st.Time.Sub(e.Since) >= troubleAfter {
		st.Warn(status.TargetAway, e.Failing, "cannot be told of alerts since "+e.Since.UTC().Format(time.DateTime)+" UTC")
	}
}

// keepStatus writes the status to the data directory until ctx ends.
func (s *Service) keepStatus(ctx context.Context) {
	s.writeStatus(true)
	tick := time.NewTicker(status.WriteEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.writeStatus(true)
		}
	}
}

// writeStatus writes the status for whoever finds the process dead. The first failure is told.
func (s *Service) writeStatus(running bool) {
	st := s.Status()
	st.Running = running
	err := st.Write(s.config.DataDir)
	if err != nil && s.unwritten == "" {
		s.log.Error("status not written", "err", err)
	}
	s.unwritten = ""
	if err != nil {
		s.unwritten = strings.TrimSpace(err.Error())
	}
}
