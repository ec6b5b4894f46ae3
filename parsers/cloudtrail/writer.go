package cloudtrail

import (
	"bytes"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// writer is an ecs.Writer for which "-" and "none" are as empty as "".
type writer struct{ ecs.Writer }

// text is the text of a scalar for a field that takes one text; containers are left out.
func (w *writer) text(v record.Value) string {
	if v.Hollow() {
		return ""
	}
	if v.IsContainer() {
		w.Cleaned = true
	}
	return v.Scalar()
}

// object is the value where it is an object; anything else has no members to be mapped.
func (w *writer) object(v record.Value) record.Value {
	if v.Kind() == record.Object {
		return v
	}
	w.Cleaned = w.Cleaned || !v.Hollow()
	return record.Value{}
}

// keyword writes a scalar, or what is filled of a list, and returns the scalar's text.
// An object, which the field could not take, is written as its JSON text.
func (w *writer) keyword(name string, v record.Value) string {
	if v.Hollow() {
		return ""
	}
	if v.IsContainer() {
		w.list(name, v)
		return ""
	}
	w.Raw(name, v.Raw())
	return v.Scalar()
}

func (w *writer) list(name string, v record.Value) {
	if holdsObject(v) {
		w.Str(name, string(v.Raw()))
		w.Cleaned = true
		return
	}
	w.filled(name, v)
}

// filled writes a value without its hollow members.
func (w *writer) filled(name string, v record.Value) {
	if v.Hollow() {
		return
	}
	w.B = append(append(append(w.B, '"'), name...), '"', ':')
	w.B = append(v.AppendFilled(w.B), ',')
}

func (w *writer) boolean(name string, v record.Value) {
	if !v.Hollow() {
		w.Boolean(name, v)
	}
}

// flattened writes an object, or a list of objects, for a field of type flattened.
func (w *writer) flattened(name string, v record.Value) {
	if v.Hollow() {
		return
	}
	if !isFlattenable(v) {
		w.Cleaned = true
		return
	}
	w.filled(name, v)
}

func holdsObject(v record.Value) bool {
	if v.Kind() == record.Object {
		return true
	}
	for m := v.First(); m.Found(); m = m.NextIn(v) {
		if m.IsContainer() && holdsObject(m) {
			return true
		}
	}
	return false
}

// maxLeaf is how many bytes one value of a flattened field may have together with the names that lead to it and a byte
// after each: Lucene's longest term.
const maxLeaf = 32766

// isFlattenable reports whether Elasticsearch takes a value for a flattened field: objects only, no NUL in
// their names, no overlong values.
func isFlattenable(v record.Value) bool {
	if v.Kind() == record.Array {
		for m := v.First(); m.Found(); m = m.NextIn(v) {
			if m.Kind() != record.Object && !m.Hollow() {
				return false
			}
		}
	} else if v.Kind() != record.Object {
		return false
	}
	if raw := v.Raw(); len(raw) < maxLeaf && !bytes.Contains(raw, []byte(`\u0000`)) {
		return true
	}
	return leavesFit(v, maxLeaf)
}

func leavesFit(v record.Value, room int) bool {
	isObject := v.Kind() == record.Object
	for m := v.First(); m.Found(); m = m.NextIn(v) {
		left := room
		if isObject {
			left -= len(m.RawKey()) + 1
			if bytes.Contains(m.RawKey(), []byte(`\u0000`)) {
				return false
			}
		}
		if m.IsContainer() {
			if !leavesFit(m, left) {
				return false
			}
		} else if len(m.Raw()) > left && len(m.Scalar()) > left {
			return false
		}
	}
	return true
}

// parseTime reads a time in ISO 8601's extended form, or in the basic one that console sessions have: 20131102T010628Z.
func parseTime(text string) (time.Time, bool) {
	if when, ok := ecs.ParseTime(text); ok {
		return when, true
	}
	when, err := time.Parse("20060102T150405Z0700", text) // takes a fraction, too
	return when, err == nil && when.Year() > 0
}

// date writes a time in UTC with milliseconds, and reports whether the value is one.
func (w *writer) date(name string, v record.Value) bool {
	when, ok := parseTime(v.Str())
	if ok {
		w.Time(name, when)
	}
	return ok
}
