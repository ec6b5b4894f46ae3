package enrich

import "github.com/idwatch/idwatch/parsers/ecs"

// Enrich adds to an event what its texts stand for, where its parser asks for it.
func (e *Enricher) Enrich(ev *ecs.Event) {
	if ev.UserAgent.Known {
		ev.UserAgent.Parsed = e.Agent(ev.UserAgent.Original)
	}
	if ev.Source.Locate {
		ev.Source.Place = e.Place(ev.Source.Addr)
	}
	if ev.Client.Locate {
		ev.Client.Place = e.Place(ev.Client.Addr)
	}
}
