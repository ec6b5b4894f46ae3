package ecs

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/record"
)

// appendWholeJSON writes a document that was ECS already: its own members as they are, and the data stream it goes to. What it
// says of idwatch is left out: nobody else writes there.
func (e *Event) appendWholeJSON(w Writer) []byte {
	w.Time("@timestamp", e.Time)
	root := e.Record.Root()
	version := false
	for m := root.First(); m.Found(); m = m.NextIn(root) {
		name := m.Key()
		if name == "@timestamp" || isOf(name, "data_stream") || isOf(name, "idwatch") || m.Vacant() {
			continue
		}
		version = version || isOf(name, "ecs")
		w.Name(name)
		w.B = append(append(w.B, m.Raw()...), ',')
	}
	mark := w.Open("data_stream")
	w.Str("type", "logs")
	w.Str("dataset", e.Dataset)
	w.Str("namespace", e.Namespace)
	w.Close(mark)
	if !version {
		mark = w.Open("ecs")
		w.Str("version", e.ECSVersion)
		w.Close(mark)
	}
	e.writeOwn(&w)
	if e.KeepOriginal && e.Record.Mended() {
		w.Name("idwatch.original")
		w.B = append(record.AppendString(w.B, string(e.Original)), ',')
	}
	w.B[len(w.B)-1] = '}'
	return w.B
}

// isOf reports whether a member is an object of that name, or a dotted field of it.
func isOf(name, object string) bool {
	rest, found := strings.CutPrefix(name, object)
	return found && (rest == "" || rest[0] == '.')
}
