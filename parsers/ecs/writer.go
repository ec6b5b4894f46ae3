package ecs

import (
	"strconv"
	"time"

	"github.com/idwatch/idwatch/parsers/record"
)

// Writer appends members of a JSON object to B. Every member ends with a comma, which Close turns into the
// object's end; objects without members leave no trace.
type Writer struct {
	B []byte
	// Cleaned is set when a value was left out because Elasticsearch would refuse the document for it.
	Cleaned bool
}

// Open starts the object name and returns the mark that Close needs.
func (w *Writer) Open(name string) int {
	mark := len(w.B)
	w.key(name)
	w.B = append(w.B, '{')
	return mark
}

// Close ends the object opened at mark, or takes it back when nothing was written into it.
func (w *Writer) Close(mark int) {
	last := len(w.B) - 1
	if w.B[last] == '{' {
		w.B = w.B[:mark]
		return
	}
	w.B[last] = '}'
	w.B = append(w.B, ',')
}

func (w *Writer) key(name string) {
	b := append(w.B, '"')
	b = append(b, name...) // field names of ours and of ECS need no escapes
	w.B = append(b, '"', ':')
}

// Str writes a text unless it is empty.
func (w *Writer) Str(name, text string) {
	if text != "" {
		w.Text(name, text)
	}
}

// Text writes a text, also an empty one.
func (w *Writer) Text(name, text string) {
	w.key(name)
	w.B = append(record.AppendString(w.B, text), ',')
}

// Strings writes a list unless it is empty.
func (w *Writer) Strings(name string, list []string) {
	if len(list) == 0 {
		return
	}
	w.key(name)
	w.B = append(w.B, '[')
	for _, s := range list {
		w.B = append(record.AppendString(w.B, s), ',')
	}
	w.B[len(w.B)-1] = ']'
	w.B = append(w.B, ',')
}

// Raw writes JSON text unless it is empty.
func (w *Writer) Raw(name string, json []byte) {
	if len(json) == 0 {
		return
	}
	b := append(w.B, '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	b = append(b, json...)
	w.B = append(b, ',')
}

// Number writes a whole number.
func (w *Writer) Number(name string, n int64) {
	w.key(name)
	w.B = append(strconv.AppendInt(w.B, n, 10), ',')
}

// True writes a boolean when it is true.
func (w *Writer) True(name string, b bool) {
	if b {
		w.key(name)
		w.B = append(w.B, "true,"...)
	}
}

// Copy writes a value as it is, whatever it is, unless it is vacant.
func (w *Writer) Copy(name string, v record.Value) {
	if !v.Vacant() {
		w.Raw(name, v.Raw())
	}
}

// Kept writes a value without its vacant members.
func (w *Writer) Kept(name string, v record.Value) {
	if v.Vacant() {
		return
	}
	w.key(name)
	w.B = append(v.AppendKept(w.B), ',')
}

// Keyword writes a scalar or a list of scalars for a keyword field. An object, which the field could not take,
// is written as its JSON text.
func (w *Writer) Keyword(name string, v record.Value) {
	if v.Vacant() {
		return
	}
	if v.Kind() == record.Object || v.Kind() == record.Array && holdsObject(v) {
		w.Str(name, string(v.Raw()))
		w.Cleaned = true
		return
	}
	w.Raw(name, v.Raw())
}

func holdsObject(array record.Value) bool {
	for m := array.First(); m.Kind() != record.Absent; m = m.NextIn(array) {
		if m.Kind() == record.Object || m.Kind() == record.Array && holdsObject(m) {
			return true
		}
	}
	return false
}

// Object writes an object, or a list of objects, for an object or flattened field; anything else is left out.
func (w *Writer) Object(name string, v record.Value) {
	if v.Vacant() {
		return
	}
	isObject := v.Kind() == record.Object || v.Kind() == record.Array && allObjects(v)
	if !isObject {
		w.Cleaned = true
		return
	}
	w.Raw(name, v.Raw())
}

func allObjects(array record.Value) bool {
	for m := array.First(); m.Kind() != record.Absent; m = m.NextIn(array) {
		if m.Kind() != record.Object && m.Exists() {
			return false
		}
	}
	return true
}

// Long writes a whole number, also one given as text; anything else is left out.
func (w *Writer) Long(name string, v record.Value) {
	w.checked(name, v, func(text string) bool {
		_, err := strconv.ParseInt(text, 10, 64)
		return err == nil
	})
}

// Float writes a number, also one given as text; anything else is left out.
func (w *Writer) Float(name string, v record.Value) {
	w.checked(name, v, func(text string) bool {
		_, err := strconv.ParseFloat(text, 32)
		return err == nil && text[len(text)-1]-'0' < 10
	})
}

// Boolean writes true or false, also as text; anything else is left out.
func (w *Writer) Boolean(name string, v record.Value) {
	w.checked(name, v, func(text string) bool { return text == "true" || text == "false" })
}

// IP writes an address; anything else is left out.
func (w *Writer) IP(name string, v record.Value) {
	w.checked(name, v, IsIP)
}

// Date writes an ISO 8601 time as it is; anything else is left out.
func (w *Writer) Date(name string, v record.Value) {
	w.checked(name, v, func(text string) bool {
		_, ok := ParseTime(text)
		return ok
	})
}

// checked writes a scalar that the field can take and notes one that it cannot.
func (w *Writer) checked(name string, v record.Value, fits func(string) bool) {
	if v.Vacant() {
		return
	}
	text := v.Scalar()
	if text == "" || !fits(text) {
		w.Cleaned = true
		return
	}
	w.Raw(name, v.Raw())
}

// Time writes a time in UTC, cut to milliseconds.
func (w *Writer) Time(name string, t time.Time) {
	w.key(name)
	w.B = append(w.B, '"')
	w.B = append(AppendTime(w.B, t), '"', ',')
}

// Name writes a member's name, which may be anybody's. The value and a comma must follow.
func (w *Writer) Name(name string) { w.B = append(record.AppendString(w.B, name), ':') }

// Version is the version of ECS that documents of our own follow.
const Version = "8.17.0"

// Stream writes which data stream a document is for, and by which version of ECS it is made.
func (w *Writer) Stream(dataset, namespace, version string) {
	mark := w.Open("data_stream")
	w.Str("type", "logs")
	w.Str("dataset", dataset)
	w.Str("namespace", namespace)
	w.Close(mark)
	mark = w.Open("ecs")
	w.Str("version", version)
	w.Close(mark)
}

// EndList ends a list whose elements each end with a comma.
func (w *Writer) EndList() {
	if last := len(w.B) - 1; w.B[last] == ',' {
		w.B = w.B[:last]
	}
	w.B = append(w.B, ']', ',')
}
