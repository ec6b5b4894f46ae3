package sigma

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/idwatch/idwatch/parsers/record"
)

func TestCompact(t *testing.T) {
	text := `{ "a" : [ 1, "x y", "\u00e9\/\u0026\n\u0001\u0008\"\\\ud83d\ude00" ] , "b\u0041" : { } }`
	want := `{"a":[1,"x y","é/&\n\u0001\b\"\\😀"],"bA":{}}`
	if got := string(appendCompact(nil, []byte(text))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzCompact: the text means the same, and compacting it again changes nothing.
func FuzzCompact(f *testing.F) {
	f.Add([]byte(`{"a":"\u00e9\u000c","b":[null,1e3 , "\ud83d\ude00\/"]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r record.Record
		if r.Parse(text) != nil {
			return
		}
		got := appendCompact(nil, r.Root().Raw())
		a, b := meaning(t, got), meaning(t, r.Root().Raw())
		if !bytes.Equal(a, b) || !bytes.Equal(got, appendCompact(nil, got)) {
			t.Errorf("got %s of %s", got, r.Root().Raw())
		}
	})
}

// meaning writes JSON in one way. Numbers stay what they are: not all fit into 64 bits.
func meaning(t *testing.T, text []byte) []byte {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	again, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return again
}
