package status

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	if _, err := Judge(dir, at); !os.IsNotExist(err) {
		t.Errorf("no file: got %v", err)
	}
	s := &Status{Healthy: true, Running: true, PID: 4711, Time: at, Records: Records{In: 3, Delivered: 3}}
	if err := s.Write(dir); err != nil {
		t.Fatal(err)
	}
	got, err := Judge(dir, at)
	if err != nil || got.Healthy || got.Running || got.Problems[0].ID != NotRunning || got.Records.In != 3 {
		t.Errorf("nobody has the directory: got %+v, %v", got, err)
	}
	lock, err := os.Create(filepath.Join(dir, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if got, err = Judge(dir, at); err != nil || got.Healthy || got.Problems[0].ID != Starting {
		t.Errorf("another process has it: got %+v, %v", got, err)
	}
	if _, err := lock.WriteString("4711\n"); err != nil {
		t.Fatal(err)
	}
	if got, err = Judge(dir, at.Add(WriteEvery)); err != nil || !got.Healthy || !got.Running {
		t.Errorf("somebody has it: got %+v, %v", got, err)
	}
	if got, err = Judge(dir, at.Add(time.Hour)); err != nil || got.Healthy || got.Problems[0].ID != Hanging {
		t.Errorf("somebody has it and says nothing: got %+v, %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Judge(dir, at); err == nil || err.Error() != "status file is damaged" {
		t.Errorf("damaged: got %v", err)
	}
}

func TestHealth(t *testing.T) {
	s := &Status{Healthy: true}
	answer := func() (int, string) {
		w := httptest.NewRecorder()
		Health(func() *Status { return s }).ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
		return w.Code, w.Body.String()
	}
	s.Warn(DeadLetter, "", "three")
	if code, text := answer(); code != 200 || text != "healthy\n" {
		t.Errorf("got %d, %q", code, text)
	}
	s.Report(SourceSilent, "okta.system", "nothing for 1h")
	if code, text := answer(); code != 503 || text != "source_silent (okta.system): nothing for 1h\n" {
		t.Errorf("got %d, %q", code, text)
	}
}

// Whoever meets a problem finds what to do.
func TestEveryProblemHasARunbook(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range Kinds() {
		if !strings.Contains(string(text), "\n### `"+id+"`\n") {
			t.Errorf("docs/operations.md: no section for %s", id)
		}
	}
}
