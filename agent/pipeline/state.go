package pipeline

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/detections/pack"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// ErrState says that the detections' state is damaged or of another version. A pipeline without it starts with an empty memory.
var ErrState = errors.New("state of detections not read")

const (
	lettersHeader = "idwatch letters 1\n"
	// lettersMost bounds what waits to be sent, as far as it is read again.
	lettersMost = 1 << 30
)

// Snapshot writes what the detections remember, and the alerts that are not sent yet. Batches wait meanwhile.
func (p *Pipeline) Snapshot(w io.Writer) error {
	if p.detector == nil {
		return nil
	}
	return p.detector.snapshot(w)
}

// snapshot writes the letters' length, the letters, and the engine.
func (d *detector) snapshot(w io.Writer) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var letters bytes.Buffer
	c := pack.NewWriter(&letters, lettersHeader)
	waiting := append(d.sending[:len(d.sending):len(d.sending)], d.letters...)
	pack.List(c, &waiting, pack.Most, packDoc)
	if err := c.Close(); err != nil {
		return fmt.Errorf("write letters: %w", err)
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(letters.Len()))); err != nil {
		return err
	}
	if _, err := letters.WriteTo(w); err != nil {
		return err
	}
	return d.live.Snapshot(w)
}

// restore reads what snapshot wrote.
func (d *detector) restore(r io.Reader, s detections.LiveSettings) error {
	var size [8]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return fmt.Errorf("%w: %w", ErrState, err)
	}
	length := binary.LittleEndian.Uint64(size[:])
	if length > lettersMost {
		return fmt.Errorf("%w: %w", ErrState, pack.ErrDamaged)
	}
	var letters []ecs.Doc
	c := pack.NewReader(io.LimitReader(r, int64(length)), lettersHeader)
	pack.List(c, &letters, pack.Most, packDoc)
	if err := c.Close(); err != nil {
		return fmt.Errorf("%w: %w", ErrState, err)
	}
	live, err := detections.Restore(r, s)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrState, err)
	}
	d.live, d.letters = live, letters
	if len(letters) > 0 {
		if d.tap != nil {
			d.tap.TakeLetters(letters) // a crash may have come before they were kept
		}
		d.nudge()
	}
	return nil
}

func packDoc(c *pack.Coder, d *ecs.Doc) {
	pack.Word(c, &d.Stream)
	c.Text(&d.ID)
	c.Bytes(&d.Body)
}
