package service

import (
	"os"
	"time"

	"github.com/idwatch/idwatch/agent/status"
)

// Status says how the service is.
func (s *Service) Status() *status.Status {
	st := &status.Status{Healthy: true, Problems: []status.Problem{}, Running: true, Time: time.Now(), Started: s.started, PID: os.Getpid(), DataDir: s.config.DataDir}
	s.sayRecords(st)
	s.sayDeadLetters(st)
	s.sayListener(st)
	return st
}

// sayRecords tells what became of the records. The counters move while they are read: what is not known to have ended counts as on its way.
func (s *Service) sayRecords(st *status.Status) {
	n := s.pipeline.Stats()
	dead, refused, delivered := n.Dead.Load(), n.Refused.Load(), n.Delivered.Load()
	unreadable := dead - refused
	r := &st.Records
	r.Delivered, r.Dead = max(delivered-unreadable, 0), dead
	r.In = max(n.In.Load(), r.Sum())
	r.Spooled = r.In - r.Sum()
	st.Alerts = status.Alerts{Alerts: n.Alerts.Load(), Signals: n.Signals.Load()}
}

func (s *Service) sayDeadLetters(st *status.Status) {
	n := s.dead.Stats()
	d := &st.DeadLetters
	*d = status.DeadLetters{Entries: n.Entries, Bytes: n.Bytes, MaxBytes: int64(s.config.DeadLetter.MaxBytes), Refused: n.Refused, Damaged: n.Damaged}
	if d.Refused > 0 {
		st.Report(status.DeadLettersFull, "", "what cannot be read is not kept any more: look at the dead letters, then retry or remove them")
	}
}

func (s *Service) sayListener(st *status.Status) {
	if s.listener == nil {
		return
	}
	st.Console = s.listener.Address()
	if err := s.listener.Problem(); err != nil {
		st.Report(status.ListenerDown, s.config.Console.Listen, "console and metrics are not served: "+err.Error())
	}
}
