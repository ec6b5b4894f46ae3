package status

// Problem is a reason not to be healthy.
type Problem struct {
	ID   string `json:"id"`             // one of Kinds
	What string `json:"what,omitempty"` // which input, source or output
	Text string `json:"text"`           // one line for a person
}

// The ids of problems. Each has a section in docs/operations.md that says what to do.
const (
	ListenerDown    = "listener_down"
	DeadLettersFull = "dead_letters_full"
)

// Kinds lists the ids of all problems there are.
func Kinds() []string {
	return []string{ListenerDown, DeadLettersFull}
}

// Report adds a problem, which ends being healthy.
func (s *Status) Report(id, what, text string) {
	s.Problems = append(s.Problems, Problem{id, what, text})
	s.Healthy = false
}

// Line is the state in one line.
func (s *Status) Line() string {
	switch {
	case s.Healthy:
		return "healthy"
	case len(s.Problems) == 0:
		return "not healthy"
	}
	p := s.Problems[0]
	line := p.ID
	if p.What != "" {
		line += " (" + p.What + ")"
	}
	return line + ": " + p.Text
}
