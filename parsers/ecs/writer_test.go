package ecs

import (
	"testing"

	"github.com/idwatch/idwatch/parsers/record"
)

func TestWriterLeavesNoTraceOfEmptyObjects(t *testing.T) {
	for _, c := range []struct {
		name  string
		write func(w *Writer)
		want  string
	}{
		{"nothing in it", func(w *Writer) { w.Close(w.Open("a")) }, `{`},
		{"nothing but empty ones", func(w *Writer) {
			outer := w.Open("a")
			inner := w.Open("b")
			w.Str("c", "")
			w.Strings("d", nil)
			w.Raw("e", nil)
			w.True("f", false)
			w.Close(inner)
			w.Close(w.Open("g"))
			w.Close(outer)
		}, `{`},
		{"after a member", func(w *Writer) {
			w.Str("x", "1")
			w.Close(w.Open("a"))
		}, `{"x":"1",`},
		{"one of two", func(w *Writer) {
			outer := w.Open("a")
			w.Close(w.Open("b"))
			inner := w.Open("c")
			w.Number("d", 0)
			w.Close(inner)
			w.Close(outer)
		}, `{"a":{"c":{"d":0}},`},
		{"an empty text that is a value", func(w *Writer) {
			mark := w.Open("a")
			w.Text("b", "")
			w.Close(mark)
		}, `{"a":{"b":""},`},
		{"a value that looks like one", func(w *Writer) {
			mark := w.Open("a")
			w.Text("b", "{")
			w.Raw("c", []byte("{}"))
			w.Close(mark)
		}, `{"a":{"b":"{","c":{}},`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &Writer{B: []byte{'{'}}
			if c.write(w); string(w.B) != c.want {
				t.Errorf("got %s, want %s", w.B, c.want)
			}
		})
	}
}

// What a field cannot take is left out, noted, and never written in part.
func TestWriterCleans(t *testing.T) {
	var r record.Record
	if err := r.Parse([]byte(`{"word":"x","number":7,"text":"7","big":9223372036854775808,"object":{"a":1},"mixed":[1,{"a":2}],"objects":[{},{"a":1},null],` +
		`"flag":"true","ip":"2001:db8::1","zoned":"fe80::1%eth0","day":"2026-09-01T08:15:30Z","null":null,"nan":"NaN","list":[["x"],"y"]}`)); err != nil {
		t.Fatal(err)
	}
	type check func(w *Writer, name string, v record.Value)
	for _, c := range []struct {
		kind    string
		as      check
		member  string
		want    string
		cleaned bool
	}{
		{"long", (*Writer).Long, "number", `"f":7,`, false},
		{"long", (*Writer).Long, "text", `"f":"7",`, false},
		{"long", (*Writer).Long, "big", ``, true},
		{"long", (*Writer).Long, "word", ``, true},
		{"long", (*Writer).Long, "object", ``, true},
		{"long", (*Writer).Long, "null", ``, false},
		{"float", (*Writer).Float, "text", `"f":"7",`, false},
		{"float", (*Writer).Float, "nan", ``, true},
		{"boolean", (*Writer).Boolean, "flag", `"f":"true",`, false},
		{"boolean", (*Writer).Boolean, "number", ``, true},
		{"ip", (*Writer).IP, "ip", `"f":"2001:db8::1",`, false},
		{"ip", (*Writer).IP, "zoned", ``, true},
		{"date", (*Writer).Date, "day", `"f":"2026-09-01T08:15:30Z",`, false},
		{"date", (*Writer).Date, "word", ``, true},
		{"object", (*Writer).Object, "objects", `"f":[{},{"a":1},null],`, false},
		{"object", (*Writer).Object, "mixed", ``, true},
		{"object", (*Writer).Object, "word", ``, true},
		{"keyword", (*Writer).Keyword, "list", `"f":[["x"],"y"],`, false},
		{"keyword", (*Writer).Keyword, "mixed", `"f":"[1,{\"a\":2}]",`, true},
	} {
		t.Run(c.kind+" "+c.member, func(t *testing.T) {
			w := &Writer{}
			c.as(w, "f", r.Root().Get(c.member))
			if string(w.B) != c.want || w.Cleaned != c.cleaned {
				t.Errorf("got %s, cleaned %v, want %s, %v", w.B, w.Cleaned, c.want, c.cleaned)
			}
		})
	}
}
