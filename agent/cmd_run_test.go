package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestRunRefusesABadConfiguration(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "idwatch.yaml")
	for _, c := range []struct{ name, text, want string }{
		{"errors with file and line", "data_dir: /d\nlatenes: 5m\nqueue: {max_bytes: 1}\n",
			path + ":2: latenes: unknown key (did you mean lateness?)\n" + path + ":3: queue.max_bytes: is too small (at least 4MiB)\n"},
		{"nothing to read", "data_dir: /d\n", "idwatch: " + path + ": inputs: none is named, so there is nothing to read\nSee 'idwatch run --help'.\n"},
		{"key file that is not there", "outputs:\n  elasticsearch:\n    url: https://es:9200\n    api_key_file: " + dir + "/hunter2\n",
			path + ":4: outputs.elasticsearch.api_key_file: there is no such file\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			write(t, path, []byte(c.text))
			status, stdout, stderr := idwatch(t, "", "run", "--config", path)
			if status != misused || stdout != "" || stderr != c.want {
				t.Errorf("got %d, %q, %q, want %q", status, stdout, stderr, c.want)
			}
		})
	}
	if status, _, stderr := idwatch(t, "", "run", "--config", dir+"/none"); status != misused || !strings.Contains(stderr, dir+"/none") {
		t.Errorf("no file: got %d, %q", status, stderr)
	}
	if status, _, stderr := idwatch(t, "", "run"); status != misused || !strings.Contains(stderr, "--config FILE") {
		t.Errorf("none named: got %d, %q", status, stderr)
	}
}

// fakeAgent runs until its context ends or it breaks.
type fakeAgent struct {
	breaks  chan error
	reloads chan struct{}
	reload  error
}

func (a *fakeAgent) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-a.breaks:
		return err
	}
}

func (a *fakeAgent) Reload() error {
	a.reloads <- struct{}{}
	return a.reload
}

func TestServe(t *testing.T) {
	var talk bytes.Buffer
	log := slog.New(slog.NewTextHandler(&talk, nil))
	a := &fakeAgent{make(chan error, 1), make(chan struct{}, 1), errors.New("bad database")}
	hangups := make(chan os.Signal)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- serve(ctx, a, hangups, log) }()
	hangups <- syscall.SIGHUP
	<-a.reloads
	stop()
	if err := <-ended; err != nil {
		t.Errorf("told to end: got %v, want no error", err)
	}
	if !strings.Contains(talk.String(), `msg="not reloaded" err="bad database"`) {
		t.Errorf("log: got %q", talk.String())
	}
	a.breaks <- errors.New("disk gone")
	if err := serve(t.Context(), a, nil, log); err == nil || err.Error() != "disk gone" {
		t.Errorf("broken: got %v, want the agent's own error", err)
	}
}

// runConfig writes a configuration that reads standard input, which the test sets, and returns its path and the folder
// of the documents.
func runConfig(t *testing.T, stdin *os.File) (path, out string) {
	t.Helper()
	dir := t.TempDir()
	before := os.Stdin
	os.Stdin = stdin
	t.Cleanup(func() { os.Stdin = before })
	path = filepath.Join(dir, "idwatch.yaml")
	write(t, path, []byte("data_dir: "+dir+"/data\ninputs: [{type: stdin, source: okta}]\n"))
	return path, filepath.Join(dir, "data", "out")
}

func TestRunEndsWithItsInputs(t *testing.T) {
	records := filepath.Join(t.TempDir(), "records")
	write(t, records, []byte(oktaRecord(1)+"\n"+oktaRecord(2)+"\nnot JSON\n"))
	stdin, err := os.Open(records)
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	path, out := runConfig(t, stdin)
	status, stdout, stderr := idwatch(t, "", "run", "--config", path)
	if status != done || stdout != "" || !strings.Contains(stderr, `msg="agent ended" records=3 documents=2 dead=1`) {
		t.Errorf("got %d, %q, %q", status, stdout, stderr)
	}
	var lines int
	files, _ := filepath.Glob(out + "/*")
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		lines += bytes.Count(data, []byte("\n"))
	}
	if lines != 3 {
		t.Errorf("documents: got %d in %q, want 3", lines, files)
	}
}

func TestRunEndsAtSIGTERM(t *testing.T) {
	stdin, feeder, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	defer feeder.Close()
	path, _ := runConfig(t, stdin)
	talk := &awaited{text: "agent started", seen: make(chan struct{})}
	ended := make(chan int)
	go func() { ended <- run([]string{"run", "--config", path}, nil, io.Discard, talk) }()
	<-talk.seen
	status, _, stderr := idwatch(t, "", "run", "--config", path)
	if status != wrong || !strings.Contains(stderr, "data directory is in use") {
		t.Errorf("a second one: got %d, %q", status, stderr)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := <-ended; status != done {
		t.Errorf("got %d, want %d", status, done)
	}
}

// awaited closes seen when text is written to it.
type awaited struct {
	text string
	seen chan struct{}
	once sync.Once
}

func (a *awaited) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(a.text)) {
		a.once.Do(func() { close(a.seen) })
	}
	return len(b), nil
}
