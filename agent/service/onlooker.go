package service

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/source"
	"github.com/idwatch/idwatch/agent/status"
	"github.com/idwatch/idwatch/agent/watch"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/enrich"
)

// onlooker looks at records of one input on their way into the pipeline, which mixes the records of all: so it is known which input's
// records lack something. Of a busy input it looks at so few that it costs nothing.
type onlooker struct {
	to      source.Taker
	sources *watch.Sources // as this input brings them

	mu     sync.Mutex
	parser *parsers.Parser
	second int64 // of the clock
	left   int   // bytes that may be looked at in it
}

const looksPerSecond = 256 << 10

// lookOn puts an onlooker in front of a feed.
func (s *Service) lookOn(to source.Taker, from string) (*onlooker, error) {
	parser, err := parsers.New(parsers.Options{Source: from, Namespace: s.config.Namespace(), Enrich: enrich.New(s.places), Streams: allowedStreams(s.config)})
	if err != nil {
		return nil, err
	}
	return &onlooker{to: to, sources: watch.New(nil, s.config.GeoIP.City != ""), parser: parser}, nil
}

// Put implements source.Taker.
func (o *onlooker) Put(ctx context.Context, records [][]byte, safe func()) error {
	o.look(records)
	return o.to.Put(ctx, records, safe)
}

func (o *onlooker) look(records [][]byte) {
	if !o.mu.TryLock() {
		return // somebody else looks
	}
	defer o.mu.Unlock()
	if now := time.Now().Unix(); now != o.second {
		o.second, o.left = now, looksPerSecond
	}
	for _, text := range records {
		if o.left <= 0 {
			return
		}
		o.left -= len(text)
		o.parser.Parse(text, o)
	}
}

// TakeEvent implements parsers.Taker.
func (o *onlooker) TakeEvent(ev *ecs.Event) { o.sources.TakeEvent(ev) }

// TakeDead implements parsers.Taker. The pipeline buries what is no record.
func (o *onlooker) TakeDead(*parsers.Dead) {}

// describe says what the input's records lack, and how far their own times go.
func (o *onlooker) describe(d *status.Input) {
	d.Lacks = []status.InputLack{}
	for _, one := range o.sources.Sources() {
		if one.NewestEvent.After(d.NewestEvent) {
			d.NewestEvent = one.NewestEvent
		}
		for _, lack := range one.Lacks {
			d.Lacks = append(d.Lacks, status.InputLack{Dataset: one.Dataset, Lack: lack})
		}
	}
}

// sayLacks warns of what records lack: of the input that brings them, or of the source where that is not known.
func (s *Service) sayLacks(st *status.Status) {
	told := map[[2]string]bool{}
	for _, in := range st.Inputs {
		for _, l := range in.Lacks {
			told[[2]string{l.Dataset, l.Field}] = true
			st.Warn(status.FieldLacking, in.Name, fmt.Sprintf("the last %d records of %s have no %s: %s", l.Records, l.Dataset, l.Field, l.Effect))
		}
	}
	for _, one := range st.Sources {
		for _, l := range one.Lacks {
			if !told[[2]string{one.Dataset, l.Field}] {
				st.Warn(status.FieldLacking, one.Dataset, fmt.Sprintf("the last %d records have no %s: %s", l.Records, l.Field, l.Effect))
			}
		}
	}
}
