package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
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
	if !strings.Contains(talk.String(), `msg=reload err="bad database"`) {
		t.Errorf("log: got %q", talk.String())
	}
	a.breaks <- errors.New("disk gone")
	if err := serve(t.Context(), a, nil, log); err == nil || err.Error() != "disk gone" {
		t.Errorf("broken: got %v, want the agent's own error", err)
	}
}
