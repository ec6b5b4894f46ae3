package hosttest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// built are the host and the two libraries: the product, and the one with an intake that fails on demand.
type built struct{ host, product, faulty string }

var build = sync.OnceValues(func() (built, error) {
	dir, err := os.MkdirTemp("", "idwatch-hosttest-")
	if err != nil {
		return built{}, err
	}
	b := built{filepath.Join(dir, "host"), filepath.Join(dir, "out_idwatch.so"), filepath.Join(dir, "faulty.so")}
	return b, errors.Join(Host(b.host), Library(b.faulty, "hosttest"), Library(b.product))
})

func TestMain(m *testing.M) {
	code := m.Run()
	if b, err := build(); err == nil {
		_ = os.RemoveAll(filepath.Dir(b.host))
	}
	os.Exit(code)
}

func libraries(t *testing.T) built {
	t.Helper()
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("no C compiler: the plugin is not tested as a library")
	}
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// host is a running host with a library.
type host struct {
	t     *testing.T
	in    io.WriteCloser
	out   *bufio.Scanner
	log   bytes.Buffer // what the plugin logs; read it after close
	lines []string     // answers so far, without the oks
	wait  func() error
	proc  string // the host's folder in /proc
	kill  func() error
	gone  bool // killed
}

func start(t *testing.T, library string) *host {
	t.Helper()
	h := &host{t: t}
	cmd := exec.Command(libraries(t).host, library)
	cmd.Stderr = &h.log
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h.in, h.out = in, bufio.NewScanner(out)
	h.proc = fmt.Sprintf("/proc/%d", cmd.Process.Pid)
	h.wait = sync.OnceValue(cmd.Wait)
	h.kill = func() error {
		h.gone = true
		return cmd.Process.Kill()
	}
	t.Cleanup(h.close)
	return h
}

// do runs a command and returns the lines that came until its ok.
func (h *host) do(format string, args ...any) []string {
	h.t.Helper()
	command := fmt.Sprintf(format, args...)
	if _, err := io.WriteString(h.in, command+"\n"); err != nil {
		h.t.Fatalf("%s: %v\n%s", command, err, h.log.String())
	}
	begin := len(h.lines)
	for h.out.Scan() {
		if h.out.Text() == "ok" {
			return h.lines[begin:]
		}
		h.lines = append(h.lines, h.out.Text())
	}
	h.t.Fatalf("%s: the host ended: %v\n%s", command, h.wait(), h.log.String())
	return nil
}

// want runs a command and checks how its line begins. Answers of workers may come before it.
func (h *host) want(line, format string, args ...any) {
	h.t.Helper()
	got := h.do(format, args...)
	if len(got) == 0 || !strings.HasPrefix(got[len(got)-1], line) {
		h.t.Fatalf("%s: got %q, want %q\n%s", fmt.Sprintf(format, args...), got, line, h.log.String())
	}
}

// close ends the host, which must not crash.
func (h *host) close() {
	_ = h.in.Close()
	for h.out.Scan() {
	}
	if err := h.wait(); err != nil && !h.gone {
		h.t.Errorf("host: %v\n%s", err, h.log.String())
	}
}

// answers counts the answers to flushes so far.
func (h *host) answers() map[string]int {
	counts := map[string]int{}
	for _, line := range h.lines {
		if words := strings.Fields(line); words[0] == "flush" {
			counts[words[3]]++
		}
	}
	return counts
}

// count counts what a folder of the host's process lists, such as "fd" or "task".
func (h *host) count(folder string) int {
	h.t.Helper()
	entries, err := os.ReadDir(filepath.Join(h.proc, folder))
	if err != nil {
		h.t.Fatal(err)
	}
	return len(entries)
}

// chunkFile is the path of a golden chunk.
func chunkFile(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "parsers", "chunk", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}
