package pipeline

import "sync/atomic"

// Stats count records, over restarts too where the balance is concerned:
//
//	In = Delivered + Duplicate + Dead + Spooled + Lost
//
// What the engine has not parsed yet is in none of them. Balance reads them together.
type Stats struct {
	In        atomic.Int64 // records accepted, envelopes counted by what is in them
	Delivered atomic.Int64 // records whose documents the output has
	Duplicate atomic.Int64 // records whose documents another record had made lately
	Dead      atomic.Int64 // records in the dead letters: unreadable, or refused by the output
	Spooled   atomic.Int64 // records not answered yet
	Lost      atomic.Int64 // records that damage on the disk has taken

	Alerts   atomic.Int64 // alerts published since the start, revisions counted
	Signals  atomic.Int64 // signals published since the start, revisions counted
	Context  atomic.Int64 // ECS documents that were context only: none of the above counts them
	Refused  atomic.Int64 // documents that the output refused since the start, letters about dead ones among them
	Buried   atomic.Int64 // dead letters made since the start; the same one counts again when it is read again
	Unburied atomic.Int64 // of these, those whose bytes could not be kept on disk
}

// Balance is the counters of Stats that add up, and the places in the spool.
type Balance struct {
	In, Delivered, Duplicate, Dead, Spooled, Lost int64

	LostNow     int64  // of Lost, those that were found since the start
	Refusing    bool   // the spool takes nothing: it is full, or the disk
	SpoolBytes  int64  // on disk
	OutboxBytes int64  // of alerts and signals that wait
	Next        uint64 // number of the next batch that comes
	Engine      uint64 // number of the batch that is parsed next
	Sender      uint64 // number of the oldest batch that is not answered
	Level       bool   // the sender keeps up with the engine
	Damaged     int64  // places of the spool found damaged since the start
	Waiting     int    // alerts and signals that wait to be sent
	Standing    bool   // the engine stands still: alerts have no room in the outbox
}

// Balance reads the counters together, so that they add up.
func (p *Pipeline) Balance() Balance {
	l := p.ledger
	l.mu.Lock()
	s := l.stats
	b := Balance{
		In: s.In.Load(), Delivered: s.Delivered.Load(), Duplicate: s.Duplicate.Load(), Dead: s.Dead.Load(), Spooled: s.Spooled.Load(), Lost: s.Lost.Load(),
		LostNow: s.Lost.Load() - l.lostBefore, Refusing: p.refusal.is(), Engine: l.engine.Number, Sender: l.sender.Number, Level: l.level,
	}
	l.mu.Unlock()
	spooled, outbox := p.spool.Stats(), p.outbox.log.Stats()
	b.SpoolBytes, b.Next, b.Damaged = spooled.Bytes, spooled.Next, spooled.Damaged+outbox.Damaged
	b.OutboxBytes = outbox.Bytes
	if p.detector != nil {
		b.Waiting, b.Standing, _ = p.detector.held()
	}
	b.Waiting += p.outbox.waiting() // after those in memory: one that is on its way counts twice and not never
	return b
}
