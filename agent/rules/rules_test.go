package rules

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

const rule = "title: Any\nlogsource: {product: okta, service: okta}\ndetection: {s: {eventType: x}, condition: s}\n"

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "b.yml"), rule)
	write(t, filepath.Join(dir, "deep/a.yaml"), rule)
	write(t, filepath.Join(dir, "bad.yml"), "title: bad\n")
	write(t, filepath.Join(dir, "README.md"), "no rule")
	write(t, filepath.Join(dir, ".hidden/c.yml"), rule)
	if err := os.Symlink(filepath.Join(dir, ".hidden/c.yml"), filepath.Join(dir, "c.yml")); err != nil {
		t.Fatal(err)
	}
	s, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Rules) != 3 || len(s.Faults()) != 1 {
		t.Errorf("got %d rules and %v, want 3 rules and one fault", len(s.Rules), s.Problems)
	}
	if got, want := s.Faults()[0].File, filepath.Join(dir, "bad.yml"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := Load(filepath.Join(dir, "none")); err == nil {
		t.Error("got no error for a folder that is not there")
	}
}

func TestStamp(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.yml")
	write(t, path, rule)
	first := Stamp(dir)
	if Stamp(dir) != first || first == 0 {
		t.Error("the stamp of a folder that stays the same changes")
	}
	if err := os.Chtimes(path, time.Time{}, time.Unix(1_700_000_000, 0)); err != nil {
		t.Fatal(err)
	}
	if Stamp(dir) == first {
		t.Error("the stamp stays the same when a file changes")
	}
}
