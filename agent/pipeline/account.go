package pipeline

import "github.com/idwatch/idwatch/detections"

// Memory says what the detections remember.
type Memory struct {
	Identities int
	Bytes      int64
	Forgotten  detections.Forgotten
	Groups     int      // of correlations, that are open
	Counted    int      // records in these
	Open       int      // acts that may still change their place in time
	Late       int      // acts that came after the lateness limit
	Broken     []string // detections that panicked and are switched off
}

// Memory says what the detections remember; nothing without detection.
func (p *Pipeline) Memory() (m Memory) {
	if p.detector == nil {
		return m
	}
	d := p.detector
	d.mu.Lock()
	defer d.mu.Unlock()
	m.Identities, m.Bytes = d.live.Identities()
	m.Groups, m.Counted = d.live.Groups()
	m.Forgotten, m.Open, m.Late, m.Broken = d.live.Forgotten(), d.live.Open(), d.live.Late(), d.live.Broken()
	return m
}
