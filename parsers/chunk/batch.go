package chunk

import (
	"encoding/base64"
	"errors"
	"strconv"
)

var errDecoder = errors.New("decoder failed on this chunk")

// Batch is the texts that one chunk comes to. They stand in memory of their own.
type Batch struct {
	BadBytes int   // how many of the chunk's bytes are no record
	Why      error // reason for the first of these

	from   string
	buffer []byte
	ends   []int // where each text ends in buffer
}

// Read takes a chunk apart; from says whose it is, such as "Fluent Bit chunk", and key names the member that holds the record, as in
// AppendRecord. Bytes that are no record become a text too, which ends up in the dead letters, so that a chunk always comes to
// something and never has to be refused for what it holds.
func Read(data []byte, from, key string) (b *Batch) {
	defer func() {
		if recover() != nil {
			b = &Batch{from: from}
			b.addBad(data, errDecoder)
		}
	}()
	b = &Batch{from: from, buffer: make([]byte, 0, len(data)+len(data)/4)}
	for p := range Pieces(data) {
		b.add(&p, key)
	}
	return b
}

func (b *Batch) add(p *Piece, key string) {
	switch p.Kind {
	case GroupStart, GroupEnd:
	case Record:
		var err error
		if b.buffer, err = p.AppendRecord(b.buffer, key); err != nil {
			b.addBad(p.Bytes, err)
			return
		}
		b.end()
	default:
		b.addBad(p.Bytes, p.Reason)
	}
}

// addBad adds bytes that are no record, as a line of text that no parser takes for one.
func (b *Batch) addBad(data []byte, why error) {
	b.buffer = append(append(b.buffer, b.from...), ": "...)
	b.buffer = append(append(b.buffer, why.Error()...), "; "...)
	b.buffer = append(strconv.AppendInt(b.buffer, int64(len(data)), 10), " bytes, base64: "...)
	b.buffer = base64.StdEncoding.AppendEncode(b.buffer, data)
	b.end()
	b.BadBytes += len(data)
	if b.Why == nil {
		b.Why = why
	}
}

// Bad returns the text that stands for bytes of which nothing can be read.
func Bad(data []byte, from string, why error) []byte {
	b := &Batch{from: from}
	b.addBad(data, why)
	return b.buffer
}

func (b *Batch) end() { b.ends = append(b.ends, len(b.buffer)) }

// Texts are the batch's texts but for empty ones.
func (b *Batch) Texts() [][]byte {
	texts := make([][]byte, 0, len(b.ends))
	start := 0
	for _, end := range b.ends {
		if end > start {
			texts = append(texts, b.buffer[start:end:end])
		}
		start = end
	}
	return texts
}
