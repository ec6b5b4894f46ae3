package strict

import (
	"strings"
	"testing"
)

func TestYAML(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {"", ""},
		"comment":       {"# nothing\n", ""},
		"one":           {"a: 1\n", ""},
		"comments deep": {"# " + strings.Repeat("[", 9) + "\na: [[1]]\n", ""},
		"two documents": {"a: 1\n---\nb: 2\n", "f:3: has more than one YAML document"},
		"deep":          {"a:\n  [[[[1]]]]\n", "f:2: is nested too deeply"},
		"deep dashes":   {"a:\n- - - - 1\n", "f:2: is nested too deeply"},
		"no UTF-8":      {"a: \xff\n", "f:1: is not UTF-8"},
		"no YAML":       {"a: 1\nb: [hunter2\n", "f:2: is not YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if _, err := YAML("f", []byte(c.text), 3); err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" || strings.Contains(got, "hunter2") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestOneOf(t *testing.T) {
	for word, want := range map[string]string{
		"servce": " (did you mean service?)", "hum": " (did you mean human?)", "x": " (one of human, service)", strings.Repeat("service", 10): " (one of human, service)",
	} {
		if got := OneOf(word, []string{"human", "service"}); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}
