package config

import (
	"os"
	"testing"
	"time"
)

func writeFile(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]Size{"0": 0, "4096": 4096, "7B": 7, "4GiB": 4 << 30, "256 MiB": 256 << 20, "10MB": 10e6, "3kB": 3000} {
		if got, ok := parseSize(text); !ok || got != want {
			t.Errorf("parse size %q: got %d, %v, want %d", text, got, ok, want)
		}
		if got, ok := parseSize(want.String()); !ok || got != want {
			t.Errorf("parse size %q back: got %d, %v, want %d", want, got, ok, want)
		}
	}
	for _, text := range []string{"", "-1", "+1", "1.5GiB", "GiB", "9223372036854775808", "8388608TiB", "0x10", "1_000"} {
		if got, ok := parseSize(text); ok {
			t.Errorf("parse size %q: got %d, want none", text, got)
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{"15m": 15 * time.Minute, "7d": 168 * time.Hour, "1d12h": 36 * time.Hour,
		"0": 0, "1.5h": 90 * time.Minute, "250ms": 250 * time.Millisecond} {
		if got, ok := ParseDuration(text); !ok || got != want {
			t.Errorf("parse duration %q: got %v, %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "d", "-1d", "1d-2h", "15", "9999999999d", "1dd", "1h1d"} {
		if got, ok := ParseDuration(text); ok {
			t.Errorf("parse duration %q: got %v, want none", text, got)
		}
	}
}
