package detections

import (
	"slices"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Added is what users add to the built-in detections. It is made once and never changes; a nil one adds nothing.
type Added struct {
	Signs      []*Sign // that matchers give
	Detections []*Detection
	NewMatcher func() Matcher // one for each goroutine that reads; nil when there are no signs
}

// Matcher finds in a record what users look for. It serves one goroutine.
type Matcher interface {
	// Match adds to an act the signs and hits of the rules that its record meets. The event is valid during the call only.
	Match(ev *ecs.Event, a *Act)
}

// matcher returns a new matcher, nil when there is nothing to match.
func (a *Added) matcher() Matcher {
	if a == nil || a.NewMatcher == nil {
		return nil
	}
	return a.NewMatcher()
}

// signs lists the built-in signs and those that were added.
func (a *Added) signs() []*Sign {
	if a == nil {
		return Signs()
	}
	return slices.Concat(Signs(), a.Signs)
}

// Rules lists the rules of what was added and raises alerts.
func (a *Added) Rules() []*Rule {
	if a == nil {
		return nil
	}
	var all []*Rule
	for _, s := range a.Signs {
		if !s.Quiet {
			all = append(all, &s.Rule)
		}
	}
	for _, d := range a.Detections {
		if d.Correlation == nil || !d.Correlation.Quiet {
			all = append(all, &d.Rule)
		}
	}
	return all
}

// Has reports whether what was added has a rule with an id, be it one that alerts by itself or not.
func (a *Added) Has(id string) bool {
	return a != nil && (slices.ContainsFunc(a.Signs, func(s *Sign) bool { return s.ID == id }) ||
		slices.ContainsFunc(a.Detections, func(d *Detection) bool { return d.ID == id }))
}

// detections lists the built-in detections and those that were added.
func (a *Added) detections() []*Detection {
	if a == nil {
		return Detections()
	}
	return slices.Concat(Detections(), a.Detections)
}
