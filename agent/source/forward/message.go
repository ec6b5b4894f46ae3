package forward

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/tinylib/msgp/msgp"

	"github.com/idwatch/idwatch/agent/source"
	"github.com/idwatch/idwatch/parsers/chunk"
)

const (
	origin = "Forward chunk"
	// maxID is far more than clients send: 16 bytes in base64.
	maxID      = 256
	zstdMemory = 64 << 20
)

var (
	errShape      = errors.New("message is none of the protocol's")
	errCompressed = errors.New("message is compressed in an unknown way")
	errInflated   = errors.New("message inflates to more than max_inflated")
)

// message is one message of any of the four modes.
type message struct {
	entries    []byte // records with their times, one after the other, as in a chunk
	id         []byte // to acknowledge; empty when nobody waits for that
	compressed string
	signal     int64 // what Fluent Bit sends: logs are 0
}

// parse reads a message. Its slices are views of data.
func parse(data []byte) (m message, err error) {
	size, b, err := msgp.ReadArrayHeaderBytes(data)
	if err != nil || size < 2 || size > 4 {
		return m, errShape
	}
	if b, err = skip(b); err != nil { // the tag, which decides nothing here
		return m, errShape
	}
	switch msgp.NextType(b) {
	case msgp.ArrayType: // Forward: [tag, [[time, record], …], option]
		m.entries, b, err = elements(b)
		size -= 2
	case msgp.StrType, msgp.BinType: // PackedForward: [tag, entries, option]
		m.entries, b, err = msgp.ReadMapKeyZC(b)
		size -= 2
	default: // Message: [tag, time, record, option]
		if size < 3 {
			return m, errShape
		}
		m.entries, b, err = single(b)
		size -= 3
	}
	if err == nil && size > 0 {
		err = m.option(b)
	}
	return m, err
}

// elements returns what stands between an array's header and its end.
func elements(b []byte) (inside, rest []byte, err error) {
	if rest, err = skip(b); err != nil {
		return nil, b, err
	}
	_, inside, err = msgp.ReadArrayHeaderBytes(b[:len(b)-len(rest)])
	return inside, rest, err
}

// skip returns what follows the value at the start of b, however deep that is.
func skip(b []byte) ([]byte, error) {
	var scan chunk.Scanner
	end, err := scan.End(b)
	if err != nil || end == 0 {
		return b, errShape
	}
	return b[end:], nil
}

// single makes an entry of a time and a record that stand in the message itself.
func single(b []byte) (entry, rest []byte, err error) {
	if rest, err = skip(b); err == nil {
		rest, err = skip(rest)
	}
	if err != nil {
		return nil, b, err
	}
	entry = append([]byte{0x92}, b[:len(b)-len(rest)]...)
	return entry, rest, nil
}

// option reads the map behind the records; nil stands for none.
func (m *message) option(b []byte) error {
	if msgp.IsNil(b) {
		return nil
	}
	size, b, err := msgp.ReadMapHeaderBytes(b)
	for i := uint32(0); i < size && err == nil; i++ {
		var key, text []byte
		if key, b, err = msgp.ReadMapKeyZC(b); err != nil {
			break
		}
		value := b
		if b, err = skip(b); err != nil {
			break
		}
		switch string(key) {
		case "chunk":
			if text, _, err = msgp.ReadMapKeyZC(value); len(text) <= maxID {
				m.id = text
			}
		case "compressed":
			text, _, err = msgp.ReadMapKeyZC(value)
			m.compressed = string(text)
		case "fluent_signal":
			m.signal, _, err = msgp.ReadInt64Bytes(value)
		}
	}
	if err != nil {
		return errShape
	}
	return nil
}

// inflate returns the entries as they were before compression.
func (m *message) inflate(limit int64) ([]byte, error) {
	var r io.Reader
	var err error
	switch m.compressed {
	case "", "text":
		return m.entries, nil
	case "gzip":
		r, err = gzip.NewReader(bytes.NewReader(m.entries))
	case "zstd":
		var z *zstd.Decoder
		z, err = zstd.NewReader(bytes.NewReader(m.entries), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(zstdMemory))
		if err == nil {
			defer z.Close()
			r = z
		}
	default:
		return nil, errCompressed
	}
	if err != nil {
		return nil, fmt.Errorf("inflate message: %w", err)
	}
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case int64(len(content)) > limit:
		return nil, errInflated
	case err != nil:
		return nil, fmt.Errorf("inflate message: %w", err)
	}
	return content, nil
}

// take hands the records of a message over. An error ends the connection: the client has the message still.
func (s *Server) take(ctx context.Context, data []byte, out *acks) error {
	if msgp.IsNil(data) {
		return nil // a heartbeat
	}
	m, err := parse(data)
	if err != nil {
		return err
	}
	delivery := source.NewDelivery(source.Patient(s.Taker, s.Log))
	if m.signal == 0 {
		if err := s.deliver(ctx, delivery, &m); err != nil {
			return err
		}
	} else if s.errors.Add(1) == 1 {
		s.Log.Warn("client sends metrics or traces, which are left out", "signal", m.signal)
	}
	safe, err := delivery.End(ctx)
	s.records.Add(int64(delivery.Records()))
	s.bytes.Add(int64(len(data)))
	if err != nil || len(m.id) == 0 {
		return err
	}
	return out.wait(ctx, safe, m.id)
}

// deliver adds the records of a message. What cannot be inflated becomes a dead letter: sent again it would be the same.
func (s *Server) deliver(ctx context.Context, d *source.Delivery, m *message) error {
	entries, err := m.inflate(s.MaxInflated)
	if err != nil {
		s.errors.Add(1)
		s.Log.Warn("message cannot be inflated, which becomes a dead letter", "err", err, "bytes", len(m.entries))
		return d.Add(ctx, chunk.Bad(m.entries, origin, err))
	}
	batch := chunk.Read(entries, origin, s.Key)
	if batch.Why != nil {
		s.errors.Add(1)
		s.Log.Warn("message has bytes that are no record, which become dead letters", "err", batch.Why, "bytes", batch.BadBytes)
	}
	for _, text := range batch.Texts() {
		if err := d.Add(ctx, text); err != nil {
			return err
		}
	}
	return nil
}
