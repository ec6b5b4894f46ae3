package pipeline

import (
	"context"
	"errors"
	"time"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// resender is an output that can find out what it has of documents that were perhaps sent before.
type resender interface {
	SendAgain(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error)
}

// syncer is an output whose deliveries are safe from a crash of the machine only when it is told to make them so.
type syncer interface{ Sync() error }

// sendAll sends parcels until there are no more.
func (p *Pipeline) sendAll(ctx context.Context) {
	for c := range p.parcels {
		if err := p.send(ctx, c); err != nil {
			if ctx.Err() == nil {
				p.settings.Logger.Error("documents not sent, tried again", "err", err, "documents", len(c.cuts))
				sleep(ctx, resendPause)
			}
			p.ledger.release(c.spans)
		} else {
			p.ledger.answer(c.spans)
			p.answered.Add(1)
		}
		p.recycle(c)
	}
}

// send returns when each document of the parcel is delivered or in the dead letters.
func (p *Pipeline) send(ctx context.Context, c *parcel) error {
	if len(c.cuts) == 0 { // batches may be context and nothing else
		return nil
	}
	p.outbox.goFirst(ctx)
	p.noteSending(c.spans[len(c.spans)-1].next)
	refused, err := p.output(ctx, c.documents(), c.again)
	if err != nil {
		return err
	}
	if len(refused) > 0 {
		if err := p.refuse(ctx, c, refused); err != nil {
			return err
		}
	}
	if (c.deadStream != "" || len(refused) > 0) && p.settings.Dead != nil {
		if err := p.settings.Dead.Sync(); err != nil {
			p.settings.Logger.Error("dead letters not safe on disk", "err", err)
		}
	}
	return nil
}

func (p *Pipeline) output(ctx context.Context, docs []ecs.Doc, again bool) ([]ecs.Refused, error) {
	if r, can := p.settings.Output.(resender); can && again {
		return r.SendAgain(ctx, docs)
	}
	return p.settings.Output.Send(ctx, docs)
}

// noteSending makes durable that batches up to a number are perhaps sent, before they are: after a crash they are looked for first.
func (p *Pipeline) noteSending(number uint64) {
	p.marking.Lock()
	defer p.marking.Unlock()
	if p.ledger.mark(number) {
		return
	}
	if err := p.savePlaces(); err != nil {
		p.settings.Logger.Error("places not saved", "err", err)
	}
}

// refuse makes dead letters of documents that the output will never take.
func (p *Pipeline) refuse(ctx context.Context, c *parcel, refused []ecs.Refused) error {
	letters := newParcel()
	for _, r := range refused {
		doc := &c.docs[r.Index]
		if doc.Stream == c.deadStream {
			continue // a refused dead letter stays on disk alone
		}
		dead := parsers.Dead{Reason: refusal(r.Type), Text: doc.Body}
		p.bury(&parsers.Dead{Source: doc.Stream + "/" + doc.ID, Reason: dead.Reason, Text: dead.Text}) // so that it can be sent again
		letters.addDead(&dead, p.settings.Parse.Namespace, time.Now())
	}
	p.settings.Logger.Warn("documents refused by the output", "documents", len(refused), "type", refused[0].Type, "status", refused[0].Status)
	if len(letters.cuts) > 0 {
		if _, err := p.settings.Output.Send(ctx, letters.documents()); err != nil {
			return errors.Join(errors.New("dead letters not sent"), err)
		}
	}
	p.stats.Refused.Add(int64(len(refused)))
	for _, r := range refused {
		if c.docs[r.Index].Stream != c.deadStream {
			c.refused(r.Index)
		}
	}
	return nil
}

// refusal is the reason of a dead letter that was a document.
type refusal string

func (r refusal) Error() string { return "document refused by the output: " + string(r) }

// bury keeps all bytes of a dead letter.
func (p *Pipeline) bury(d *parsers.Dead) {
	p.stats.Buried.Add(1)
	if p.settings.Dead == nil {
		return
	}
	if err := p.settings.Dead.Bury(d.Source, d.Reason.Error(), d.Text); err != nil {
		p.stats.Unburied.Add(1)
		p.settings.Logger.Error("dead letter not kept on disk", "err", err, "bytes", len(d.Text))
	}
}
