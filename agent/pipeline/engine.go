package pipeline

import "github.com/idwatch/idwatch/detections"

// Use gives the detections another context, as after a change of the context file.
func (p *Pipeline) Use(c *detections.Context) {
	if p.detector != nil {
		p.detector.use(c)
		p.context.Store(c)
	}
}

// Add replaces what users added to the detections, for the batches that are parsed from now on.
func (p *Pipeline) Add(added *detections.Added) {
	if p.detector != nil {
		p.detector.add(added)
		p.added.Store(added)
	}
}

// Portrait describes the identity that has a name, nil when nobody has it. Batches wait meanwhile.
func (p *Pipeline) Portrait(name string) *detections.Portrait {
	if p.detector == nil {
		return nil
	}
	p.detector.mu.Lock()
	defer p.detector.mu.Unlock()
	return p.detector.live.Portrait(name)
}

// Sources lists what the detections know of each source.
func (p *Pipeline) Sources() []detections.SourceSeen {
	if p.detector == nil {
		return nil
	}
	p.detector.mu.Lock()
	defer p.detector.mu.Unlock()
	return p.detector.live.Sources()
}
