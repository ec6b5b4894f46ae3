package pipeline

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/idwatch/idwatch/agent/spool"
)

// batch is what an input hands over at once, or as much of it as one entry of the spool holds.
type batch struct {
	at, next spool.Position
	source   string
	arrived  time.Time
	tick     bool // no records: the engine looks at the clock
	lost     bool // the entries from at to next are gone
	texts    [][]byte

	order uint64 // counts what the engine is given, from 0
	send  bool   // its documents go straight to the output
	again bool   // may have been sent before a restart
}

const (
	batchFormat = 1
	ticks       = 2
	// entryBytes is how much of an input's batch goes into one entry, unless a single text is larger.
	entryBytes = 1 << 20
)

// entriesOf cuts texts into entries of the spool.
func entriesOf(source string, texts [][]byte, arrived time.Time) (entries []spool.Entry) {
	for len(texts) > 0 {
		n, size := 0, 0
		for n < len(texts) && (n == 0 || size+len(texts[n]) <= entryBytes) {
			size += len(texts[n])
			n++
		}
		entries = append(entries, entryOf(source, texts[:n], arrived))
		texts = texts[n:]
	}
	return entries
}

// entryOf writes a batch: format, time of arrival, source, how many texts and how long each is, and the texts.
func entryOf(source string, texts [][]byte, arrived time.Time) spool.Entry {
	b := make([]byte, 0, 32+len(source)+3*len(texts))
	b = append(b, batchFormat)
	b = binary.LittleEndian.AppendUint64(b, uint64(arrived.UnixNano()))
	b = append(append(b, byte(len(source))), source...)
	b = binary.AppendUvarint(b, uint64(len(texts)))
	for _, t := range texts {
		b = binary.AppendUvarint(b, uint64(len(t)))
	}
	parts := make([][]byte, 0, 1+len(texts))
	return spool.Entry{Parts: append(append(parts, b), texts...), Weight: uint32(len(texts))}
}

func tickEntry(now time.Time) spool.Entry {
	return spool.Entry{Parts: [][]byte{binary.LittleEndian.AppendUint64([]byte{ticks}, uint64(now.UnixNano()))}}
}

var errBatch = errors.New("entry of the spool is of another version")

// batchOf reads what an item of the spool holds. The texts are views over it.
func batchOf(item spool.Item) (b *batch, err error) {
	b = &batch{at: item.At, next: item.Next, lost: item.Missing > 0}
	p := item.Payload
	if b.lost {
		return b, nil
	}
	if len(p) < 9 || p[0] != batchFormat && p[0] != ticks {
		return b, errBatch
	}
	b.arrived = time.Unix(0, int64(binary.LittleEndian.Uint64(p[1:])))
	if b.tick = p[0] == ticks; b.tick {
		return b, nil
	}
	p = p[9:]
	if len(p) < 1 || len(p) < 1+int(p[0]) {
		return b, errBatch
	}
	b.source, p = string(p[1:1+p[0]]), p[1+p[0]:]
	return b, b.readTexts(p)
}

func (b *batch) readTexts(p []byte) error {
	n, used := binary.Uvarint(p)
	if used <= 0 || n > uint64(len(p)) {
		return errBatch
	}
	p = p[used:]
	sizes := make([]uint64, n)
	for i := range sizes {
		if sizes[i], used = binary.Uvarint(p); used <= 0 {
			return errBatch
		}
		p = p[used:]
	}
	b.texts = make([][]byte, n)
	for i, size := range sizes {
		if size > uint64(len(p)) {
			return errBatch
		}
		b.texts[i], p = p[:size:size], p[size:]
	}
	return nil
}

// weight is how many texts are lost with a batch.
func (b *batch) weight() int64 { return int64(b.next.Weight - b.at.Weight) }
