package detections

import (
	"strings"
	"testing"
)

// TestCounterfactual: what is named keeps the alert quiet when it is left out, less does not, and what it says of the score is true.
func TestCounterfactual(t *testing.T) {
	for name, test := range map[string]struct {
		parts []Part
		want  string
	}{
		"the least that is enough": {[]Part{{"rule", 40, "a"}, {"x", 15, "b"}, {"y", 10, "c"}}, `without "b" the score would have been 50`},
		"above a hundred":          {[]Part{{"rule", 70, "a"}, {"x", 60, "b"}}, `without "a" and "b" the score would have been 0`},
		"above a hundred, one":     {[]Part{{"rule", 90, "a"}, {"x", 20, "b"}}, `without "a" the score would have been 20`},
		"several":                  {[]Part{{"rule", 30, "a"}, {"x", 25, "b"}, {"y", 25, "c"}, {"z", 20, "d"}}, `without "a" and "b" the score would have been 45`},
		"below nothing":            {[]Part{{"rule", 70, "a"}, {"blocked", -15, "b"}}, `without "a" the score would have been 0`},
	} {
		t.Run(name, func(t *testing.T) {
			score, parts := total(test.parts)
			threshold := 50
			if name == "the least that is enough" {
				threshold = 51
			}
			if got := counterfactual(&Alert{Score: score, Parts: parts}, threshold); !strings.HasPrefix(got, test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
