package chunk

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/tinylib/msgp/msgp"
)

// Every byte of a chunk is in one piece; the end, a cut and damage are told as the plain reader below tells them; a cut
// chunk has the pieces of the whole one; what is made of a map is JSON.
func FuzzPieces(f *testing.F) {
	for _, data := range goldenChunks(f) {
		f.Add([]byte(data), uint16(len(data)/2))
	}
	f.Add([]byte{0x92, 0xdd, 0xff, 0xff, 0xff, 0xff}, uint16(3))
	f.Fuzz(func(t *testing.T, data []byte, cut uint16) {
		pieces := slices.Collect(Pieces(data))
		checkBytes(t, data, pieces)
		if got, want := ending(pieces), plainEnding(data); got != want {
			t.Fatalf("got ending %q, want %q", got, want)
		}
		for _, p := range pieces {
			checkRecord(t, p)
		}
		if int(cut) < len(data) {
			checkCut(t, data, pieces, int(cut))
		}
	})
}

// checkBytes checks that the pieces put together are the chunk, and that only the last gives up.
func checkBytes(t *testing.T, data []byte, pieces []Piece) {
	t.Helper()
	var joined []byte
	for i, p := range pieces {
		joined = append(joined, p.Bytes...)
		if (p.Kind == Truncated || p.Kind == Damaged) && i < len(pieces)-1 {
			t.Fatalf("piece %d of %d is %s", i, len(pieces), kindNames[p.Kind])
		}
		if len(p.Bytes) == 0 || (p.Kind >= Unreadable) != (p.Reason != "") || (p.Kind == Record) != isMap(p.Body) && p.Kind != GroupStart && p.Kind != GroupEnd {
			t.Fatalf("piece %d contradicts itself: %+v", i, show(p))
		}
	}
	if !bytes.Equal(joined, data) {
		t.Fatalf("got pieces of %d bytes, want %d", len(joined), len(data))
	}
}

func ending(pieces []Piece) string {
	if len(pieces) == 0 || pieces[len(pieces)-1].Kind <= Unreadable {
		return "whole"
	}
	return kindNames[pieces[len(pieces)-1].Kind]
}

// plainEnding reads a chunk with nothing but the library's own functions.
func plainEnding(data []byte) string {
	for len(data) > 0 {
		size, _, err := msgp.ReadArrayHeaderBytes(data)
		if err == nil && size != 2 {
			return "damaged"
		}
		if err == nil {
			data, err = msgp.Skip(data)
		}
		switch {
		case errors.Is(err, msgp.ErrShortBytes):
			return "truncated"
		case errors.Is(err, msgp.ErrRecursion):
			return "too deep for this reader"
		case err != nil:
			return "damaged"
		}
	}
	return "whole"
}

func checkRecord(t *testing.T, p Piece) {
	t.Helper()
	if p.Kind != Record {
		return
	}
	text, err := p.AppendRecord([]byte("before"), "")
	if !bytes.HasPrefix(text, []byte("before")) || err != nil && len(text) != len("before") {
		t.Fatalf("got %d bytes and %v", len(text), err)
	}
	if err != nil && !errors.As(err, new(Reason)) {
		t.Fatalf("error is no reason: %v", err)
	}
	if line, _ := find(p.Body, ""); err == nil && line == nil && !json.Valid(text[len("before"):]) {
		t.Fatalf("not JSON: %q", text)
	}
	if len(text) > len("before")+40*len(p.Bytes) {
		t.Fatalf("got %d bytes of JSON for %d of MessagePack", len(text), len(p.Bytes))
	}
}
