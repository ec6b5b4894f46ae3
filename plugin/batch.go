package main

import (
	"encoding/base64"
	"errors"
	"strconv"

	"github.com/idwatch/idwatch/plugin/chunk"
)

var errDecoder = errors.New("decoder failed on this chunk")

// batch is the texts that one chunk comes to. They stand in memory of their own, because the chunk's is Fluent Bit's.
type batch struct {
	buffer   []byte
	ends     []int // where each text ends in buffer
	badBytes int   // how many of the chunk's bytes are no record
	why      error // reason for the first of these
}

// readChunk takes a chunk apart. Bytes that are no record become a text too, which ends up in the dead letters, so that
// a chunk always comes to something and never has to be refused for what it holds.
func readChunk(data []byte, key string) (b *batch) {
	defer func() {
		if recover() != nil {
			b = &batch{}
			b.addBad(data, errDecoder)
		}
	}()
	b = &batch{buffer: make([]byte, 0, len(data)+len(data)/4)}
	for p := range chunk.Pieces(data) {
		b.add(&p, key)
	}
	return b
}

func (b *batch) add(p *chunk.Piece, key string) {
	switch p.Kind {
	case chunk.GroupStart, chunk.GroupEnd:
	case chunk.Record:
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
func (b *batch) addBad(data []byte, why error) {
	b.buffer = append(b.buffer, "Fluent Bit chunk: "...)
	b.buffer = append(append(b.buffer, why.Error()...), "; "...)
	b.buffer = append(strconv.AppendInt(b.buffer, int64(len(data)), 10), " bytes, base64: "...)
	b.buffer = base64.StdEncoding.AppendEncode(b.buffer, data)
	b.end()
	b.badBytes += len(data)
	if b.why == nil {
		b.why = why
	}
}

func (b *batch) end() { b.ends = append(b.ends, len(b.buffer)) }

// texts are the batch's texts but for empty ones.
func (b *batch) texts() [][]byte {
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
