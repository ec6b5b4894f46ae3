package record

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestAppendStringAnywhere puts what needs an escape at each place of a text, which is read eight bytes at a time.
func TestAppendStringAnywhere(t *testing.T) {
	for _, special := range []string{`"`, `\`, "\n", "\x1f", "\x00", "é", "\u20ac", "😀", "\x7f", "\x80", "\xff"} {
		for before := range 18 {
			for after := range 10 {
				text := strings.Repeat("a", before) + special + strings.Repeat("~", after)
				var got string
				if err := json.Unmarshal(AppendString(nil, text), &got); err != nil {
					t.Fatalf("%q: %v", text, err)
				}
				if want := strings.ToValidUTF8(text, "\ufffd"); got != want {
					t.Fatalf("got %q, want %q", got, want)
				}
			}
		}
	}
}
