package pipeline

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/idwatch/idwatch/agent/spool"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/detections/pack"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// errState says that the detections' state is damaged or of another version.
var errState = errors.New("state of detections not read")

const (
	placesHeader = "idwatch places 1\n"
	// placesMost bounds what stands before the engine's own state, as far as it is read again.
	placesMost = 1 << 30
)

// places are what a state covers.
type places struct {
	engine, outbox spool.Position
	letters        []letter // published, and not in the outbox
	told           []letter // told beyond what the engine knows
}

func (s *places) pack(c *pack.Coder) {
	for _, p := range []*spool.Position{&s.engine, &s.outbox} {
		c.Uint(&p.Number)
		c.Uint(&p.Weight)
	}
	pack.List(c, &s.letters, pack.Most, packLetter)
	pack.List(c, &s.told, pack.Most, packLetter)
}

func packLetter(c *pack.Coder, l *letter) {
	c.Text(&l.alert)
	pack.Number(c, &l.revision)
	c.Fixed(&l.content)
	pack.Word(c, &l.doc.Stream)
	c.Text(&l.doc.ID)
	c.Bytes(&l.doc.Body)
}

// snapshot writes the length of the places, the places, and the engine. Batches wait meanwhile.
func (d *detector) snapshot(w io.Writer) (places, error) {
	d.posting.Lock()
	defer d.posting.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	s := places{engine: d.at, outbox: d.outbox.log.Next(), letters: d.letters}
	for _, a := range d.told {
		s.told = append(s.told, a.last)
	}
	var head bytes.Buffer
	c := pack.NewWriter(&head, placesHeader)
	s.pack(c)
	if err := c.Close(); err != nil {
		return s, fmt.Errorf("write places: %w", err)
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(head.Len()))); err != nil {
		return s, err
	}
	if _, err := head.WriteTo(w); err != nil {
		return s, err
	}
	return s, d.live.Snapshot(w)
}

// restore reads what snapshot wrote.
func (d *detector) restore(r io.Reader, settings detections.LiveSettings) (s places, err error) {
	var size [8]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return s, fmt.Errorf("%w: %w", errState, err)
	}
	length := binary.LittleEndian.Uint64(size[:])
	if length > placesMost {
		return s, fmt.Errorf("%w: %w", errState, pack.ErrDamaged)
	}
	c := pack.NewReader(io.LimitReader(r, int64(length)), placesHeader)
	s.pack(c)
	if err := c.Close(); err != nil {
		return s, fmt.Errorf("%w: %w", errState, err)
	}
	live, err := detections.Restore(r, settings)
	if err != nil {
		return s, fmt.Errorf("%w: %w", errState, err)
	}
	d.live, d.letters = live, s.letters
	return s, nil
}

// goOn takes a detector's place: from it on batches are taken again, and what was told since is known.
func (d *detector) goOn(s places, next spool.Position) error {
	d.at = s.engine
	for _, l := range s.told {
		d.told.put(l)
	}
	since, err := d.outbox.since(s.outbox)
	if err != nil {
		return fmt.Errorf("read outbox: %w", err)
	}
	for _, l := range since {
		d.told.put(l)
	}
	d.show(append(since, s.letters...))
	if d.until = next.Number; d.at.Number >= d.until {
		d.caughtUp()
	}
	d.nudge()
	return nil
}

// show shows the tap letters of the time before the start: a crash may have come before they were kept.
func (d *detector) show(letters []letter) {
	if d.tap == nil || len(letters) == 0 {
		return
	}
	docs := make([]ecs.Doc, len(letters))
	for i := range letters {
		docs[i] = letters[i].doc
	}
	d.tap.TakeLetters(docs)
}
