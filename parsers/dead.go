package parsers

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// DeadDataset is event.dataset of what cannot be read.
const DeadDataset = "idwatch.deadletter"

// originalBytes is how much of an unreadable text its document carries. All of it is kept on disk.
const originalBytes = 32 << 10

// ErrUnknownSource says that a JSON object has the shape of no known record.
var ErrUnknownSource = errors.New("record has the shape of no known source")

// Dead is a text that is no record: it becomes a document too, and is never a loss.
type Dead struct {
	Source string // the source it was read as, empty where not even that is known
	Reason error  // names fields, never values
	Text   []byte // all of it
}

// AppendJSON appends the dead letter's document. received is the time of arrival: what cannot be read has no other.
func (d *Dead) AppendJSON(dst []byte, namespace string, received time.Time) []byte {
	w := ecs.Writer{B: append(dst, '{')}
	w.Time("@timestamp", received)
	mark := w.Open("event")
	w.Str("kind", "pipeline_error")
	w.Str("dataset", DeadDataset)
	w.Str("module", "idwatch")
	w.Str("original", cut(d.Text, originalBytes))
	w.Close(mark)
	mark = w.Open("error")
	w.Strings("message", []string{d.Reason.Error()})
	w.Close(mark)
	w.Stream(DeadDataset, namespace, ecs.Version)
	mark = w.Open("idwatch")
	letter := w.Open("deadletter")
	w.Str("source", d.Source)
	w.Number("bytes", int64(len(d.Text)))
	w.Close(letter)
	w.Close(mark)
	w.B[len(w.B)-1] = '}'
	return w.B
}

// AppendID appends the dead letter's id, a function of its bytes alone.
func (d *Dead) AppendID(dst []byte) []byte {
	sum := sha256.Sum256(d.Text)
	return base32.HexEncoding.WithPadding(base32.NoPadding).AppendEncode(dst, sum[:20])
}

// cut is at most n bytes of text, not ending inside a character.
func cut(text []byte, n int) string {
	if len(text) <= n {
		return string(text)
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return string(text[:n])
}
