package detections

import (
	"maps"
	"slices"
)

// Documents makes documents of what counts after Run, in event-time order: alerts and signals that stand in no bigger one.
func (r *Replay) Documents(namespace string) []Document {
	var docs []Document
	for _, a := range r.Alerts() {
		if a.Folded == "" {
			docs = append(docs, Document{Alert: a, Namespace: namespace, Context: r.machine.context})
		}
	}
	return docs
}

// Known counts the identities that were seen to act.
func (r *Replay) Known() int { return r.machine.memory.Profiles.Len() }

// Broken lists the detections that were switched off because they panicked.
func (r *Replay) Broken() []string { return r.machine.switchedOff() }

// Broken lists the detections that are switched off because they panicked.
func (l *Live) Broken() []string { return l.machine.switchedOff() }

func (m *machine) switchedOff() []string { return slices.Sorted(maps.Keys(m.broken)) }

// Take keeps an act that was read already.
func (r *Replay) Take(a *Act) { r.acts = append(r.acts, a) }
