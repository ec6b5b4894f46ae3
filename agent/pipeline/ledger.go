package pipeline

import (
	"encoding/binary"
	"sync"

	"github.com/idwatch/idwatch/agent/spool"
)

// ledger keeps account of every batch: how far the engine has come, how far the sender, and what became of each record. The sender's place
// is where all before it is answered; the engine's is where all before it is parsed. The counts belong to these places and are saved
// with them, so that the balance holds after a restart, too.
type ledger struct {
	stats *Stats

	mu       sync.Mutex
	engine   spool.Position // all before it is parsed
	counted  spool.Position // all before it is in Stats.In: beyond engine while a restart parses again
	sender   spool.Position // all before it is answered
	open     map[uint64]*account
	doubtful uint64 // batches before it may have been sent before this process began
	marked   uint64 // batches before it may be sent without saving that first

	lostBefore int64 // before this process began

	given    uint64        // number of the next batch that the engine's workers get
	level    bool          // the sender gets its documents from the engine's workers
	released bool          // a batch that was claimed is to be read again
	behind   chan struct{} // told when the sender is to read for itself
	moved    chan struct{} // closed and replaced when a place has changed
}

// account is what becomes of a batch that is on its way.
type account struct {
	next                             spool.Position
	answered                         bool
	delivered, dead, duplicate, lost int64
}

// markAhead is how many batches may be on their way beyond what was noted on disk as perhaps sent. Noting costs an fsync.
const markAhead = 1024

func newLedger(stats *Stats) *ledger {
	return &ledger{stats: stats, open: map[uint64]*account{}, level: true, behind: make(chan struct{}, 1), moved: make(chan struct{})}
}

// start sets the engine's place. A sender that is not there yet has to read for itself.
func (l *ledger) start(engine spool.Position) {
	l.engine, l.given = engine, engine.Number
	if l.counted.Number < engine.Number {
		l.counted = engine
	}
	if l.sender.Number < engine.Number {
		l.level = false
		l.behind <- struct{}{}
	}
}

// give decides whether the documents of the engine's next batch go straight to the output.
func (l *ledger) give(b *batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.given = b.next.Number
	b.send = l.level && l.claim(b)
}

// claimed reports whether the sender, reading for itself, is to send a batch.
func (l *ledger) claimed(b *batch) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.claim(b)
}

// claim takes a batch on its way, unless it is or was. The caller holds mu.
func (l *ledger) claim(b *batch) bool {
	if b.at.Number < l.sender.Number || l.open[b.at.Number] != nil {
		return false
	}
	b.again = b.at.Number < l.doubtful
	l.open[b.at.Number] = &account{next: b.next}
	return true
}

// release gives batches back that could not be sent: the sender reads them again.
func (l *ledger) release(spans []span) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range spans {
		delete(l.open, spans[i].at)
	}
	l.level, l.released = false, true
	select {
	case l.behind <- struct{}{}:
	default:
	}
}

func (l *ledger) isLevel() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.level
}

// rewound reports whether batches were released since the last time.
func (l *ledger) rewound() (from spool.Position, yes bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	yes, l.released = l.released, false
	return l.sender, yes
}

// caughtUp makes the sender level with the engine if it stands where the engine goes on.
func (l *ledger) caughtUp(at spool.Position) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.released || at.Number < l.given {
		return false
	}
	l.level = true
	return true
}

// answer notes what became of batches.
func (l *ledger) answer(spans []span) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range spans {
		s := &spans[i]
		if a := l.open[s.at]; a != nil {
			a.answered, a.delivered, a.dead, a.duplicate, a.lost = true, s.delivered, s.dead, s.duplicate, s.lost
		}
	}
	l.advance()
}

// parsed notes that the engine has passed a batch of so many records.
func (l *ledger) parsed(next spool.Position, records int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if next.Number > l.engine.Number {
		l.engine = next
	}
	if next.Number > l.counted.Number {
		l.counted = next
		l.stats.In.Add(records)
		l.stats.Spooled.Add(records)
	}
	l.advance()
}

// advance moves the sender's place, which is never beyond the engine's, and counts what it passes. The caller holds mu.
func (l *ledger) advance() {
	s := l.stats
	for a := l.open[l.sender.Number]; a != nil && a.answered && a.next.Number <= l.counted.Number; a = l.open[l.sender.Number] {
		delete(l.open, l.sender.Number)
		l.sender = a.next
		s.Delivered.Add(a.delivered)
		s.Dead.Add(a.dead)
		s.Duplicate.Add(a.duplicate)
		s.Lost.Add(a.lost)
		s.Spooled.Add(-(a.delivered + a.dead + a.duplicate + a.lost))
	}
	if l.sender.Number == l.counted.Number { // a damaged batch may have held more records, or fewer, than texts
		s.Lost.Add(s.Spooled.Load())
		s.Spooled.Store(0)
	}
	close(l.moved)
	l.moved = make(chan struct{})
}

// places tells where engine and sender are, and what to wait on for a change.
func (l *ledger) places() (engine, sender spool.Position, moved <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.engine, l.sender, l.moved
}

// mark reports whether batches up to a number may be sent without noting first that they perhaps are.
func (l *ledger) mark(number uint64) (noted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if number <= l.marked {
		return true
	}
	l.marked = number + markAhead
	return false
}

// note is what is saved with the places.
func (l *ledger) note() (sender spool.Position, note []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.stats
	b := []byte{noteFormat}
	for _, n := range []uint64{l.counted.Number, l.counted.Weight, l.marked} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	for _, n := range []int64{s.In.Load(), s.Delivered.Load(), s.Duplicate.Load(), s.Dead.Load(), s.Lost.Load()} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	return l.sender, b
}

const (
	noteFormat = 1
	noteBytes  = 1 + 8*8
)

// resume goes on from what was saved. Without a note nothing was counted before.
func (l *ledger) resume(sender spool.Position, note []byte, next spool.Position) {
	l.sender, l.counted = sender, sender
	l.doubtful = next.Number
	if len(note) != noteBytes || note[0] != noteFormat {
		return
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(note[1+8*i:]) }
	s := l.stats
	l.counted = spool.Position{Number: min(max(word(0), sender.Number), next.Number), Weight: word(1)}
	l.marked = word(2)
	l.doubtful = min(l.marked, next.Number)
	s.In.Store(int64(word(3)))
	s.Delivered.Store(int64(word(4)))
	s.Duplicate.Store(int64(word(5)))
	s.Dead.Store(int64(word(6)))
	l.lostBefore = int64(word(7))
	s.Lost.Store(l.lostBefore)
	s.Spooled.Store(s.In.Load() - s.Delivered.Load() - s.Duplicate.Load() - s.Dead.Load() - s.Lost.Load())
}
