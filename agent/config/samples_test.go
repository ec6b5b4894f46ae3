package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the documentation shows can be copied: every sample is a configuration.
func TestSamples(t *testing.T) {
	samples := map[string]string{}
	files, _ := filepath.Glob("../../packaging/*/*.yaml")
	for _, path := range files {
		if dir := filepath.Base(filepath.Dir(path)); dir == "inputs" {
			samples[path] = read(t, path)
		}
	}
	for i, block := range strings.Split(read(t, "../../docs/inputs.md"), "```yaml\n") {
		if text, _, ok := strings.Cut(block, "```"); ok && i > 0 {
			samples["docs/inputs.md: "+text[:min(40, len(text))]] = text
		}
	}
	if len(samples) < 11 {
		t.Errorf("got %d samples, want 11 at least", len(samples))
	}
	for name, text := range samples {
		if _, err := Parse(name, []byte(text)); err != nil {
			t.Error(err)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
