package torture

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tinylib/msgp/msgp"

	"github.com/idwatch/idwatch/plugin/hosttest"
)

// hosted is the plugin in a process that loads it as Fluent Bit does.
type hosted struct {
	*process
	chunk string // file that chunks are handed over in
}

// hosts compiles host and plugin meanwhile, and returns how to start one of them.
func hosts(t *testing.T) func(t *testing.T, config string) carrier {
	dir := t.TempDir()
	host, library := filepath.Join(dir, "host"), filepath.Join(dir, "out_idwatch.so")
	var err error
	var building sync.WaitGroup
	building.Go(func() {
		if err = hosttest.Host(host); err == nil {
			err = hosttest.Library(library)
		}
	})
	return func(t *testing.T, config string) carrier {
		t.Helper()
		if _, none := exec.LookPath("cc"); none != nil {
			t.Skip("no C compiler: the plugin is not tested as a library")
		}
		if building.Wait(); err != nil {
			t.Fatal(err)
		}
		return newHosted(t, exec.Command(host, library), config)
	}
}

// newHosted starts a host with the plugin and waits until it has an instance.
func newHosted(t *testing.T, cmd *exec.Cmd, config string) carrier {
	t.Helper()
	h := hosted{launch(t, cmd, config), filepath.Join(filepath.Dir(config), "chunk")}
	for _, command := range []string{"register 5", "init a 1 config=" + config} {
		if lines, err := h.do(command); err != nil || len(lines) != 1 || lines[0] == "init a 0" {
			t.Fatalf("%s: got %q, %v\n%s", command, lines, err, endOf(logOf(config)))
		}
	}
	return h
}

// do has the host run a command and returns the lines that came until its ok.
func (h hosted) do(command string) (lines []string, err error) {
	for line, err := h.say("%s", command); line != "ok"; line, err = h.hear() {
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// put hands over a batch as a chunk, again and again while the plugin wants it later, and returns once it is safe.
func (h hosted) put(texts []string) error {
	if err := os.WriteFile(h.chunk, chunkOf(texts), 0o600); err != nil {
		return err
	}
	for {
		begun, err := h.do("flush a " + h.chunk)
		if err != nil {
			return err
		}
		ended, err := h.do("wait")
		if err != nil {
			return err
		}
		switch answer := strings.Join(append(begun, ended...), ""); {
		case strings.HasPrefix(answer, "flush a chunk 1 "):
			return nil
		case !strings.HasPrefix(answer, "flush a chunk 2 "):
			return fmt.Errorf("chunk not taken: %q", answer)
		}
	}
}

// end has the instance end and then the host.
func (h hosted) end() error {
	if _, err := h.do("exit a"); err != nil {
		return err
	}
	_ = h.in.Close()
	return h.cmd.Wait()
}

// chunkOf makes what Fluent Bit makes of lines that its tail has read.
func chunkOf(lines []string) (b []byte) {
	for _, line := range lines {
		b = append(b, 0x92, 0x92, 0xd7, 0)                // [[time, metadata], body], and what a time begins with
		b = append(b, 0x69, 0xa5, 0x5b, 0xcd, 0, 0, 0, 0) // seconds and nanoseconds
		b = append(b, 0x80, 0x81)                         // no metadata, a body of one member
		b = msgp.AppendString(msgp.AppendString(b, "log"), line)
	}
	return b
}
