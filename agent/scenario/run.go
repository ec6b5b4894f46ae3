package scenario

import (
	"bytes"
	"encoding/json"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/enrich"
)

// run is what the engine gave for some records.
type run struct {
	docs   map[string]detections.Document // alerts and signals that count, by the alert's id
	bodies map[string]string              // their documents, and what was linked
	folded []*detections.Alert
	broken []string // detections that panicked
	dead   int      // records that could not be read
}

// linksKey is where the links stand among the bodies.
const linksKey = "identity links"

// replay runs records through parsers and detections. One enricher serves many.
func (s *Scenario) replay(e *enrich.Enricher, batches [][]byte) (*run, error) {
	p, err := parsers.New(parsers.Options{Enrich: e})
	if err != nil {
		return nil, err
	}
	f := &feed{replay: detections.NewReplay(s.house, s.added)}
	for _, batch := range batches {
		text := bytes.Clone(batch)
		p.Parse(text, f)
		for i := range text {
			text[i] = '#' // what is kept of a record and still looks into it shows
		}
	}
	f.replay.Run()
	r := outcome(f.replay)
	r.dead = f.dead
	links, err := json.Marshal(f.replay.Identities())
	r.bodies[linksKey] = string(links)
	return r, err
}

func newRun() *run {
	return &run{docs: map[string]detections.Document{}, bodies: map[string]string{}}
}

// outcome is what a replay gave.
func outcome(engine *detections.Replay) *run {
	r := newRun()
	r.broken = engine.Broken()
	for _, d := range engine.Documents("default") {
		r.put(d)
	}
	for _, a := range engine.Alerts() {
		if a.Folded != "" {
			r.folded = append(r.folded, a)
		}
	}
	return r
}

// put keeps a document. What may differ between equal ones is taken away.
func (r *run) put(d detections.Document) {
	d.Revision = 0
	r.docs[d.Alert.ID] = d
	r.bodies[d.Alert.ID] = string(d.AppendJSON(nil))
}

// feed hands events to a replay.
type feed struct {
	replay *detections.Replay
	dead   int
}

func (f *feed) TakeEvent(ev *ecs.Event) { f.replay.Add(ev) }
func (f *feed) TakeDead(*parsers.Dead)  { f.dead++ }

// Acts are what the engine keeps of the records.
func (s *Scenario) Acts(e *enrich.Enricher) ([]*detections.Act, error) {
	p, err := parsers.New(parsers.Options{Enrich: e})
	if err != nil {
		return nil, err
	}
	c := &collector{reader: detections.NewReader(detections.Signs())}
	c.reader.Use(s.added)
	for _, record := range s.records {
		p.Parse(record, c)
	}
	return c.acts, nil
}

// collector keeps acts.
type collector struct {
	reader *detections.Reader
	acts   []*detections.Act
}

// TakeEvent keeps what an event tells.
func (c *collector) TakeEvent(ev *ecs.Event) {
	if a, ok := c.reader.Read(ev); ok {
		c.acts = append(c.acts, a)
	}
}

// TakeDead leaves out what is no record.
func (c *collector) TakeDead(*parsers.Dead) {}
