package filesink

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

func openSink(t *testing.T, s Settings) *Sink {
	t.Helper()
	s.Log = slog.New(slog.DiscardHandler)
	sink, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close(context.Background()) })
	return sink
}

// docs makes n documents of one stream, numbered from first.
func docs(stream string, first, n int) []ecs.Doc {
	var all []ecs.Doc
	for i := range n {
		all = append(all, ecs.Doc{Stream: stream, ID: fmt.Sprint(first + i), Body: fmt.Appendf(nil, `{"n":%d}`, first+i)})
	}
	return all
}

func send(t *testing.T, s *Sink, all []ecs.Doc) {
	t.Helper()
	if refused, err := s.Send(t.Context(), all); err != nil || len(refused) > 0 {
		t.Fatalf("send: %v, %v", refused, err)
	}
}

// linesIn returns the lines of a stream's files, the rotated ones first.
func linesIn(t *testing.T, dir, stream string) []string {
	t.Helper()
	rotated, err := filepath.Glob(filepath.Join(dir, stream+".ndjson.*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(rotated)
	var all []string
	for _, path := range append(rotated, filepath.Join(dir, stream+".ndjson")) {
		b, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if len(b) > 0 && b[len(b)-1] != '\n' {
			t.Errorf("%s ends within a line", filepath.Base(path))
		}
		all = append(all, strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")...)
	}
	return slices.DeleteFunc(all, func(line string) bool { return line == "" })
}

func wantLines(t *testing.T, dir, stream string, first, n int) {
	t.Helper()
	var want []string
	for _, doc := range docs(stream, first, n) {
		want = append(want, string(doc.Body))
	}
	if got := linesIn(t, dir, stream); !slices.Equal(got, want) {
		t.Errorf("got lines %q, want %q", got, want)
	}
}

func TestEachStreamHasItsFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	s := openSink(t, Settings{Dir: dir})
	okta, vault := docs("logs-okta.system-default", 0, 3), docs("logs-hashicorp_vault.audit-default", 0, 3)
	send(t, s, []ecs.Doc{okta[0], vault[0], okta[1], vault[1], vault[2], okta[2]})
	wantLines(t, dir, "logs-okta.system-default", 0, 3)
	wantLines(t, dir, "logs-hashicorp_vault.audit-default", 0, 3)
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "logs-okta.system-default.ndjson"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("got mode %v, %v of %s, want %v", info.Mode(), err, filepath.Base(path), want)
		}
	}
	if got := s.Stats(); got.Documents != 6 {
		t.Errorf("got %d documents, want 6", got.Documents)
	}
}

func TestDocumentsThatAreNoneAreRefused(t *testing.T) {
	dir := t.TempDir()
	s := openSink(t, Settings{Dir: dir})
	all := docs("logs-a-b", 0, 1)
	for _, stream := range []string{"", "../x", "a/b", ".hidden", "-rf", "UPPER", "a\x00b", "ü", strings.Repeat("a", maxName+1)} {
		all = append(all, ecs.Doc{Stream: stream, Body: []byte(`{}`)})
	}
	all = append(all, ecs.Doc{Stream: "logs-a-b"}, ecs.Doc{Stream: "logs-a-b", Body: []byte("{\n}")})
	refused, err := s.Send(t.Context(), append(all, docs("logs-a-b", 1, 1)...))
	if err != nil || len(refused) != len(all)-1 || refused[0].Index != 1 || refused[0].Type != "invalid_stream_name" {
		t.Errorf("got %v, %v, want all but the first and the last refused", refused, err)
	}
	wantLines(t, dir, "logs-a-b", 0, 2)
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("got %d files, want 1", len(files))
	}
}

func TestRotationBySizeKeepsTheNewest(t *testing.T) {
	dir := t.TempDir()
	for restart := range 3 { // numbers go on after a restart
		s := openSink(t, Settings{Dir: dir, MaxBytes: 40, Keep: 2})
		for i := range 10 {
			send(t, s, docs("s", 10*restart+i, 1))
		}
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.Stats(); restart == 2 && (got.Removed == 0 || got.Removed != got.Rotated) {
			t.Errorf("got %d removed of %d rotated, want as many", got.Removed, got.Rotated)
		}
	}
	got := linesIn(t, dir, "s")
	if len(got) < 10 || got[len(got)-1] != `{"n":29}` {
		t.Errorf("got %q, want the newest lines", got)
	}
	if files, _ := os.ReadDir(dir); len(files) != 3 {
		t.Errorf("got %d files, want 3", len(files))
	}
}

func TestRotationByAge(t *testing.T) {
	dir := t.TempDir()
	s := openSink(t, Settings{Dir: dir, MaxAge: time.Hour})
	now := time.Now()
	s.now = func() time.Time { return now }
	send(t, s, docs("s", 0, 1))
	send(t, s, docs("s", 1, 1))
	now = now.Add(2 * time.Hour)
	send(t, s, docs("s", 2, 1))
	wantLines(t, dir, "s", 0, 3)
	if got := s.Stats().Rotated; got != 1 {
		t.Errorf("got %d rotated, want 1", got)
	}
}

func TestUnfinishedLineIsCutAtOpening(t *testing.T) {
	whole := "{\"n\":0}\n{\"n\":1}\n"
	for n := range len(whole) + 1 {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "s.ndjson"), []byte(whole[:n]), 0o600); err != nil {
			t.Fatal(err)
		}
		kept := strings.Count(whole[:n], "\n")
		s := openSink(t, Settings{Dir: dir})
		send(t, s, docs("s", kept, 1))
		wantLines(t, dir, "s", 0, kept+1)
		if got, want := s.Stats().Cut, int64(n-8*kept); got != want {
			t.Errorf("got %d bytes cut, want %d", got, want)
		}
	}
}

func TestLongUnfinishedLineIsCut(t *testing.T) {
	dir := t.TempDir()
	content := "{\"n\":0}\n" + strings.Repeat("x", 200<<10)
	if err := os.WriteFile(filepath.Join(dir, "s.ndjson"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	send(t, openSink(t, Settings{Dir: dir}), docs("s", 1, 1))
	wantLines(t, dir, "s", 0, 2)
}

func TestFileMovedAwayIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	s := openSink(t, Settings{Dir: dir})
	send(t, s, docs("s", 0, 2))
	if err := os.Rename(filepath.Join(dir, "s.ndjson"), filepath.Join(dir, "s.ndjson.000001")); err != nil {
		t.Fatal(err)
	}
	send(t, s, docs("s", 2, 2))
	wantLines(t, dir, "s", 0, 4)
}

func TestConcurrentSendsLoseNothingOverRotations(t *testing.T) {
	dir := t.TempDir()
	s := openSink(t, Settings{Dir: dir, MaxBytes: 256, Keep: -1})
	var senders sync.WaitGroup
	for w := range 8 {
		senders.Go(func() {
			for i := range 50 {
				if _, err := s.Send(t.Context(), docs("s", 1000*w+i*3, 3)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	senders.Wait()
	got := linesIn(t, dir, "s")
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != 8*50*3 || n != len(got) {
		t.Errorf("got %d lines, %d of them different, want %d", len(got), n, 8*50*3)
	}
	if s.Stats().Rotated < 10 {
		t.Errorf("got %d rotations, want many", s.Stats().Rotated)
	}
}
