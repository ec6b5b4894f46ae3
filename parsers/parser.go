package parsers

import (
	"bytes"
	"slices"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/enrich"
	"github.com/idwatch/idwatch/parsers/record"
)

// Options say how records are read.
type Options struct {
	Source           string           // one of SourceNames; empty is Auto
	Namespace        string           // data_stream.namespace; empty is "default"
	PreserveOriginal bool             // event.original on every event
	Enrich           *enrich.Enricher // nil: no places; user agents are always parsed
	// Streams are the data streams that ECS documents may go to, such as "logs-github.audit-default". A document names its own,
	// and whoever writes documents could name any.
	Streams []string
}

// Taker takes what comes out of a text, in order.
type Taker interface {
	// TakeEvent takes one event. It is valid until TakeEvent returns.
	TakeEvent(*ecs.Event)
	// TakeDead takes a text that is no record. It is valid until TakeDead returns.
	TakeDead(*Dead)
}

// Parser reads texts. It keeps memory between them and serves one goroutine.
type Parser struct {
	options Options
	fixed   *Source // what Options.Source names
	record  record.Record
	event   ecs.Event
}

// New returns a parser, or an error when the source is unknown.
func New(o Options) (*Parser, error) {
	fixed, err := named(o.Source)
	if err != nil {
		return nil, err
	}
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	if o.Enrich == nil {
		o.Enrich = enrich.New(nil)
	}
	return &Parser{options: o, fixed: fixed}, nil
}

// Use makes the parser read what follows as records of a source: one of SourceNames. It reports whether there is such a source.
func (p *Parser) Use(source string) bool {
	fixed, err := named(source)
	if err != nil {
		return false
	}
	p.fixed = fixed
	return true
}

// Parse reads one text: a record, an envelope of records, either of them compressed, or anything else, which becomes
// a dead letter. Blank texts are nothing.
func (p *Parser) Parse(text []byte, to Taker) {
	text = trim(text)
	if len(text) == 0 {
		return
	}
	if len(text) > record.MaxBytes || text[0] == '[' || isCompressed(text) {
		p.parseStream(text, to)
		return
	}
	err := p.record.Parse(text)
	if err != nil || isEnvelope(p.record.Root()) {
		p.parseApart(text, err, to)
		return
	}
	p.parseIndexed(text, to)
}

// parseApart reads a text that is an envelope of records, several records, or none: then err says why not.
func (p *Parser) parseApart(text []byte, err error, to Taker) {
	p.parseParts(text, to, func(part []byte) {
		if err != nil && len(part) == len(text) {
			to.TakeDead(&Dead{Source: p.sourceName(), Reason: err, Text: text})
			return
		}
		p.parseOne(part, to)
	})
}

func (p *Parser) parseStream(text []byte, to Taker) {
	p.parseParts(text, to, func(part []byte) { p.parseOne(part, to) })
}

// parseParts takes a text apart. When that ends early, all of the text goes to the dead letters: its ids tell what of it was read.
func (p *Parser) parseParts(text []byte, to Taker, take func(part []byte)) {
	splitter := splitter{apart: true, emit: func(part []byte, _ int64) error {
		take(part)
		return nil
	}}
	if err := splitter.read(bytes.NewReader(text), MaxInflated); err != nil {
		to.TakeDead(&Dead{Source: p.sourceName(), Reason: err, Text: text})
	}
}

// parseOne reads one text that is a record or nothing.
func (p *Parser) parseOne(text []byte, to Taker) {
	if err := p.record.Parse(text); err != nil {
		to.TakeDead(&Dead{Source: p.sourceName(), Reason: err, Text: text})
		return
	}
	p.parseIndexed(text, to)
}

// parseIndexed makes an event of the record on the tape.
func (p *Parser) parseIndexed(text []byte, to Taker) {
	if detail := eventBridgeDetail(p.record.Root()); detail.Exists() {
		inner := bytes.Clone(detail.Raw())
		p.parseOne(inner, to)
		return
	}
	source := p.fixed
	if source == nil {
		source = sourceOf(p.record.Root())
	}
	if source == nil {
		to.TakeDead(&Dead{Reason: ErrUnknownSource, Text: text})
		return
	}
	ev := &p.event
	ev.Reset()
	ev.Record, ev.Original = &p.record, text
	ev.Namespace, ev.KeepOriginal = p.options.Namespace, p.options.PreserveOriginal
	err := source.parse(ev)
	if err == nil && ev.Time.IsZero() { // year 1 is .NET's word for no time, and no document goes without one
		err = ecs.Malformed(ev.Dataset, "@timestamp")
	}
	if err == nil && ev.Whole && !ev.Context && !slices.Contains(p.options.Streams, "logs-"+ev.Dataset+"-"+ev.Namespace) {
		err = &ecs.ParseError{Dataset: ev.Module, Field: "data_stream", Problem: "is none that this input may write to"}
	}
	if err != nil {
		to.TakeDead(&Dead{Source: source.Name, Reason: err, Text: text})
		return
	}
	if p.record.Mended() {
		ev.KeepOriginal = true
	}
	p.options.Enrich.Enrich(ev)
	to.TakeEvent(ev)
}

func (p *Parser) sourceName() string {
	if p.fixed != nil {
		return p.fixed.Name
	}
	return ""
}

// Append reads one text and appends its documents to docs. Their bodies are the caller's.
func (p *Parser) Append(docs []ecs.Doc, text []byte, received time.Time) []ecs.Doc {
	list := docList{docs: docs, namespace: p.options.Namespace, received: received}
	p.Parse(text, &list)
	return list.docs
}

// docList makes documents of what a parser finds.
type docList struct {
	docs      []ecs.Doc
	namespace string
	received  time.Time
}

func (l *docList) TakeEvent(ev *ecs.Event) {
	l.docs = append(l.docs, ecs.Doc{
		Stream: "logs-" + ev.Dataset + "-" + l.namespace,
		ID:     string(ev.AppendID(nil)),
		Body:   ev.AppendJSON(nil),
	})
}

func (l *docList) TakeDead(d *Dead) {
	l.docs = append(l.docs, ecs.Doc{
		Stream: "logs-" + DeadDataset + "-" + l.namespace,
		ID:     string(d.AppendID(nil)),
		Body:   d.AppendJSON(nil, l.namespace, l.received),
	})
}
