package context

import (
	"os"
	"strings"
	"testing"
)

// FuzzParse holds that a file is either refused with lines that are in it and none of its values, or gives a context
// that can be asked.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"testdata/full.yaml", "testdata/full.json"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(window))
	f.Add([]byte("hours: {timezone: Local, business: Mon 1:00-2:00}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("f", data)
		if err == nil {
			if c.Threshold < 0 || c.Threshold > 100 {
				t.Errorf("threshold %d", c.Threshold)
			}
			for i := range c.Identities {
				k := &c.Identities[i]
				if got := c.Known(k.ID); got == nil {
					t.Errorf("identity %q is not found again", k.ID)
				}
			}
			return
		}
		errs, ok := err.(Errors)
		if !ok || len(errs) == 0 {
			t.Fatalf("got %T %v", err, err)
		}
		last := strings.Count(string(data), "\n") + 2
		for _, e := range errs {
			if e.Line < 1 || e.Line > last {
				t.Errorf("line %d of %d in %v", e.Line, last, e)
			}
		}
	})
}
