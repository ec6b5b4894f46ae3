package detections

import (
	"maps"
	"slices"
)

// Documents makes documents of what counts after Run, in event-time order: alerts and signals that stand in no bigger one.
func (r *Replay) Documents(namespace string) []Document {
	names := r.names()
	var docs []Document
	for _, a := range r.Alerts() {
		if a.Folded != "" {
			continue
		}
		who := r.machine.memory.Graph.Find(a.Who)
		d := Document{Alert: a, Namespace: namespace, Context: r.machine.context, Who: r.machine.memory.Profiles.Get(who), Names: names[who]}
		if d.Names == nil && who != "" {
			d.Names = []string{who}
		}
		docs = append(docs, d)
	}
	return docs
}

// names lists the names of each identity that has more than one.
func (r *Replay) names() map[string][]string {
	all := map[string][]string{}
	for _, i := range r.Identities() {
		all[i.ID] = i.Names
	}
	return all
}

// Known counts the identities that were seen to act.
func (r *Replay) Known() int { return r.machine.memory.Profiles.Len() }

// Broken lists the detections that were switched off because they panicked.
func (r *Replay) Broken() []string { return slices.Sorted(maps.Keys(r.machine.broken)) }
