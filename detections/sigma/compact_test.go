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
			t.Skip()
		}
		got := appendCompact(nil, r.Root().Raw())
		var one, other any
		if err := json.Unmarshal(got, &one); err != nil {
			t.Fatalf("%s: %v", got, err)
		}
		if err := json.Unmarshal(r.Root().Raw(), &other); err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(one)
		b, _ := json.Marshal(other)
		if !bytes.Equal(a, b) || !bytes.Equal(got, appendCompact(nil, got)) {
			t.Errorf("got %s of %s", got, r.Root().Raw())
		}
	})
}
