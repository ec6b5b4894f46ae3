package pipeline

import (
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/idwatch/idwatch/agent/spool"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// letter is an alert or signal on its way out: one revision.
type letter struct {
	alert    string // the alert's id, which all revisions share
	revision int
	content  uint64 // hash of what it says, but for its revision and when it was made
	doc      ecs.Doc
}

// outbox holds letters on disk until they are sent, and until the state covers the batches that they came of.
type outbox struct {
	log *spool.Log

	mu    sync.Mutex
	moved chan struct{} // closed and replaced when letters were sent

	stuck atomic.Bool // letters did not go for a while, and none has gone since
}

const (
	stateReader  = "state"
	letterFormat = 1
)

func openOutbox(s *Settings, reserve *spool.Reserve) (*outbox, error) {
	log, err := spool.Open(spool.Settings{
		Dir: filepath.Join(s.Dir, "outbox"), MaxBytes: s.SpoolBytes / outboxShare, Readers: []string{senderReader, stateReader},
		Reserve: reserve, Pack: true, Log: s.Logger,
	})
	return &outbox{log: log, moved: make(chan struct{})}, err
}

// put makes letters durable.
func (o *outbox) put(letters []letter) error {
	b := binary.AppendUvarint([]byte{letterFormat}, uint64(len(letters)))
	for i := range letters {
		l := &letters[i]
		b = appendText(b, l.alert)
		b = binary.AppendUvarint(b, uint64(l.revision))
		b = binary.LittleEndian.AppendUint64(b, l.content)
		b = appendText(b, l.doc.Stream)
		b = appendText(b, l.doc.ID)
		b = appendText(b, string(l.doc.Body))
	}
	_, err := o.log.Append(spool.Entry{Parts: [][]byte{b}, Weight: uint32(len(letters))})
	return err
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

var errLetters = errors.New("entry of the outbox is of another version")

// lettersOf reads what put wrote.
func lettersOf(p []byte) (letters []letter, err error) {
	if len(p) == 0 || p[0] != letterFormat {
		return nil, errLetters
	}
	r := byteReader{p[1:], true}
	for range r.number() {
		l := letter{alert: r.text(), revision: int(r.number())}
		l.content = r.word()
		l.doc = ecs.Doc{Stream: r.text(), ID: r.text(), Body: []byte(r.text())}
		if !r.ok {
			return nil, errLetters
		}
		letters = append(letters, l)
	}
	return letters, nil
}

// byteReader reads numbers and texts until something is missing.
type byteReader struct {
	b  []byte
	ok bool
}

func (r *byteReader) number() uint64 {
	n, used := binary.Uvarint(r.b)
	if used <= 0 {
		r.ok, r.b = false, nil
		return 0
	}
	r.b = r.b[used:]
	return n
}

func (r *byteReader) word() uint64 {
	if len(r.b) < 8 {
		r.ok, r.b = false, nil
		return 0
	}
	n := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return n
}

func (r *byteReader) text() string {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.ok, r.b = false, nil
		return ""
	}
	text := string(r.b[:n])
	r.b = r.b[n:]
	return text
}

// run sends letters in order until ctx ends.
func (o *outbox) run(ctx context.Context, p *Pipeline) {
	r := o.log.ReadFrom(o.log.Position(senderReader))
	defer func() { r.Close() }()
	doubtful := o.log.Next().Number // sent before the start, perhaps
	for ctx.Err() == nil {
		changed := o.log.Changed()
		from := r.Position()
		docs, err := o.read(r)
		if err != nil {
			p.settings.Logger.Error("outbox not read, tried again", "err", err)
			sleep(ctx, readPause)
		}
		if r.Position() == from {
			await(ctx, changed)
			continue
		}
		stamp(docs, time.Now())
		if err := p.sendLetters(ctx, docs, from.Number < doubtful); err != nil {
			if ctx.Err() == nil {
				p.settings.Logger.Error("alerts not sent, tried again", "err", err, "documents", len(docs))
				sleep(ctx, resendPause)
			}
			r.Close()
			r = o.log.ReadFrom(from)
			continue
		}
		o.sent(r.Position(), p)
	}
}

// read reads as many letters as go into one request.
func (o *outbox) read(r *spool.Reader) (docs []ecs.Doc, err error) {
	for size := 0; size < parcelBytes; {
		item, ok, err := r.Next()
		if err != nil || !ok {
			return docs, err
		}
		letters, err := lettersOf(item.Payload)
		if item.Missing == 0 && err != nil {
			return docs, err
		}
		for i := range letters {
			docs = append(docs, letters[i].doc)
			size += len(letters[i].doc.Body)
		}
	}
	return docs, nil
}

// sent notes how far letters are sent.
func (o *outbox) sent(at spool.Position, p *Pipeline) {
	o.log.Keep(senderReader, at)
	o.stuck.Store(false)
	if err := o.log.Save(nil); err != nil {
		p.settings.Logger.Error("places of alerts not saved", "err", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.moved)
	o.moved = make(chan struct{})
}

// sendLetters sends alerts and signals. What the output refuses for good is told and kept among the dead letters.
func (p *Pipeline) sendLetters(ctx context.Context, docs []ecs.Doc, again bool) error {
	if len(docs) == 0 {
		return nil
	}
	refused, err := p.output(ctx, docs, again)
	if err != nil {
		return err
	}
	if len(refused) == 0 {
		return nil
	}
	p.stats.Refused.Add(int64(len(refused)))
	for _, r := range refused {
		doc := &docs[r.Index]
		p.bury(&parsers.Dead{Source: doc.Stream + "/" + doc.ID, Reason: refusal(r.Type), Text: doc.Body})
	}
	p.settings.Logger.Error("alerts refused by the output", "documents", len(refused), "type", refused[0].Type)
	if p.settings.Dead != nil {
		return p.settings.Dead.Sync()
	}
	return nil
}

// settle waits until all letters are sent or ctx ends.
func (o *outbox) settle(ctx context.Context) {
	for {
		o.mu.Lock()
		moved := o.moved
		o.mu.Unlock()
		if o.waiting() == 0 {
			return
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return
		}
	}
}

// goFirst waits until the letters that wait now are sent, for a while: alerts go before events. Letters that are stuck, as for want of a
// right on their stream alone, hold events up once.
func (o *outbox) goFirst(ctx context.Context) {
	until := o.log.Next().Weight
	timeout, stop := context.WithTimeout(ctx, firstFor)
	defer stop()
	for !o.stuck.Load() && o.log.Position(senderReader).Weight < until {
		o.mu.Lock()
		moved := o.moved
		o.mu.Unlock()
		if o.log.Position(senderReader).Weight >= until {
			return
		}
		await(timeout, moved)
		if timeout.Err() != nil {
			o.stuck.Store(true)
		}
	}
}

// firstFor bounds how long events wait for alerts.
const firstFor = 10 * time.Second

// waiting is how many letters wait to be sent.
func (o *outbox) waiting() int {
	return int(o.log.Next().Weight - o.log.Position(senderReader).Weight)
}

// since reads the letters that were put since a position.
func (o *outbox) since(at spool.Position) (all []letter, err error) {
	r := o.log.ReadFrom(at)
	defer r.Close()
	for {
		item, ok, err := r.Next()
		if err != nil || !ok {
			return all, err
		}
		letters, err := lettersOf(item.Payload)
		if item.Missing == 0 && err != nil {
			return all, err
		}
		all = append(all, letters...)
	}
}
