package status

// Problem is a reason not to be healthy, or a warning.
type Problem struct {
	ID   string `json:"id"`             // one of Kinds
	What string `json:"what,omitempty"` // which input, source or output
	Text string `json:"text"`           // one line for a person
}

// The ids of problems and warnings. Each has a section in docs/operations.md that says what to do.
const (
	NotRunning        = "not_running"
	Starting          = "starting"
	Hanging           = "hanging"
	OutputUnreachable = "output_unreachable"
	SpoolFull         = "spool_full"
	OutboxFull        = "outbox_full"
	RecordsLost       = "records_lost"
	DeadLettersFull   = "dead_letters_full"
	InputFailed       = "input_failed"
	SourceSilent      = "source_silent"
	StateNotSaved     = "state_not_saved"

	ListenerDown = "listener_down"
	DeadLetter   = "dead_letters"
	FieldLacking = "field_lacking"
	CacheSmall   = "cache_small"
	LateRecords  = "late_records"
	TargetAway   = "target_away"
	DetectionOff = "detection_off"
)

// Kinds lists the ids of all problems and warnings there are.
func Kinds() []string {
	return []string{
		NotRunning, Starting, Hanging, OutputUnreachable, SpoolFull, OutboxFull, RecordsLost, DeadLettersFull, InputFailed, SourceSilent,
		StateNotSaved, ListenerDown, DeadLetter, FieldLacking, CacheSmall, LateRecords, TargetAway, DetectionOff,
	}
}

// Report adds a problem, which ends being healthy.
func (s *Status) Report(id, what, text string) {
	s.Problems = append(s.Problems, Problem{id, what, text})
	s.Healthy = false
}

// Warn adds a warning.
func (s *Status) Warn(id, what, text string) {
	s.Warnings = append(s.Warnings, Problem{id, what, text})
}

// Line is the state in one line.
func (s *Status) Line() string {
	switch {
	case s.Healthy:
		return "healthy"
	case len(s.Problems) == 0:
		return "not healthy"
	}
	return s.Problems[0].String()
}

// String is the problem in one line.
func (p Problem) String() string {
	if p.What == "" {
		return p.ID + ": " + p.Text
	}
	return p.ID + " (" + p.What + "): " + p.Text
}
