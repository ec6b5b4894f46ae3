package elastic

import "time"

// Trouble says since when the cluster takes nothing, and why; "" when it does, or has not been asked.
func (s *Sender) Trouble() (since time.Time, what string) {
	t := s.trouble
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.what == "" {
		return time.Time{}, ""
	}
	return t.since, t.why.Error()
}
