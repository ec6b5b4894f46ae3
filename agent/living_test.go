package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/idwatch/idwatch/agent/waittest"
)

var (
	buildOnce sync.Once
	built     string
	buildErr  error
)

// program builds the agent once for all tests that need a process of its own.
func program(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped: builds and runs the program")
	}
	buildOnce.Do(func() {
		dir, err := os.MkdirTemp("", "idwatch-program-")
		if err != nil {
			buildErr = err
			return
		}
		built = filepath.Join(dir, "idwatch")
		var out []byte
		if out, buildErr = exec.Command("go", "build", "-tags", "netgo,osusergo", "-o", built, ".").CombinedOutput(); buildErr != nil {
			t.Logf("%s", out)
		}
	})
	if buildErr != nil {
		t.Fatal(buildErr)
	}
	return built
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		os.RemoveAll(filepath.Dir(built))
	}
	os.Exit(code)
}

// living is a process that runs the agent.
type living struct {
	t      *testing.T
	dir    string
	config string
	cmd    *exec.Cmd
	talk   *waittest.Log
}

// live starts an agent that reads in.ndjson in a folder of its own; more are lines of its configuration.
func live(t *testing.T, more ...string) *living {
	t.Helper()
	program(t)
	dir := t.TempDir()
	l := &living{t: t, dir: dir, config: filepath.Join(dir, "idwatch.yaml")}
	text := "data_dir: " + dir + "/data\ninputs: [{type: file, path: " + dir + "/in.ndjson}]\n" + strings.Join(more, "\n") + "\n"
	if !strings.Contains(text, "console:") {
		text += "console: {listen: 'off'}\n"
	}
	write(t, l.config, []byte(text))
	l.start()
	t.Cleanup(func() {
		if l.cmd != nil {
			l.kill()
		}
		if t.Failed() {
			t.Logf("log of the agent:\n%s", l.talk)
		}
	})
	return l
}

// start starts the process and returns when its socket is there.
func (l *living) start() {
	l.t.Helper()
	l.talk = &waittest.Log{}
	l.cmd = exec.Command(built, "run", "--config", l.config)
	l.cmd.Stderr = l.talk
	if err := l.cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	l.until("the agent to answer", func() bool {
		status, _, _ := l.ask("status")
		return status == done || strings.Contains(l.talk.String(), "agent started")
	})
}

func (l *living) kill() {
	l.cmd.Process.Signal(syscall.SIGKILL)
	l.cmd.Wait()
	l.cmd = nil
}

// stop ends the process as systemd does.
func (l *living) stop() {
	l.t.Helper()
	l.cmd.Process.Signal(syscall.SIGTERM)
	if err := l.cmd.Wait(); err != nil {
		l.t.Errorf("the agent ended: %v", err)
	}
	l.cmd = nil
}

// add appends records to the file that the agent reads.
func (l *living) add(lines ...string) {
	l.t.Helper()
	file, err := os.OpenFile(l.dir+"/in.ndjson", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		l.t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(strings.Join(lines, "\n") + "\n"); err != nil {
		l.t.Fatal(err)
	}
}

// ask runs a command with the agent's configuration.
func (l *living) ask(args ...string) (status int, stdout, stderr string) {
	l.t.Helper()
	return idwatch(l.t, "", append(args, "--config", l.config)...)
}

// must runs a command that has to succeed.
func (l *living) must(args ...string) string {
	l.t.Helper()
	status, stdout, stderr := l.ask(args...)
	if status != done {
		l.t.Fatalf("%v: got %d, %s%s", args, status, stdout, stderr)
	}
	return stdout
}

// until waits for something that another process does.
func (l *living) until(what string, is func() bool) {
	l.t.Helper()
	waittest.Until(l.t, what, is, l.talk.String)
}
