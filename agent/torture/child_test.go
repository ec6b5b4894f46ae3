package torture

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/service"
)

// childConfig is set for the process that is an agent and will be killed.
const childConfig = "IDWATCH_TORTURE_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childConfig); path != "" {
		if err := serve(path, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if cache := os.Getenv(crowdCache); cache != "" {
		if err := serveCrowd(os.Getenv(crowdDir), cache, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serve runs a service that takes batches as the plugin does: "put N" and N lines, answered "ok" once they are safe.
func serve(path string, in io.Reader, out io.Writer) error {
	c, err := config.Load(path)
	if err != nil {
		return err
	}
	s, err := service.Open(c, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "ready")
	lines := bufio.NewReaderSize(in, 1<<20)
	for {
		command, err := lines.ReadString('\n')
		if err != nil {
			ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
			defer stop()
			return s.Close(ctx)
		}
		if err := take(s, strings.TrimPrefix(strings.TrimSpace(command), "put "), lines); err != nil {
			return err
		}
		fmt.Fprintln(out, "ok")
	}
}

func take(s *service.Service, count string, lines *bufio.Reader) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	var texts [][]byte
	for range n {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return err
		}
		texts = append(texts, line[:len(line)-1])
	}
	return s.Put(context.Background(), texts, nil)
}

// process is a program that is told what to do on its standard input.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

var errGone = errors.New("the process is gone")

// launch starts a program that logs to a file beside a configuration.
func launch(t *testing.T, cmd *exec.Cmd, config string) *process {
	t.Helper()
	log, err := os.OpenFile(logOf(config), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p := &process{cmd: cmd}
	cmd.Stderr = log
	if p.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

func logOf(config string) string { return filepath.Join(filepath.Dir(config), "log") }

// kill ends the process as a power cut does, as far as a process goes.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// strike kills the process and leaves it to others to see that it is gone.
func (p *process) strike() { _ = p.cmd.Process.Kill() }

// say sends a line and returns the next one that the process says.
func (p *process) say(format string, args ...any) (string, error) {
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		return "", errGone
	}
	return p.hear()
}

func (p *process) hear() (string, error) {
	line, err := p.out.ReadString('\n')
	if err != nil {
		return "", errGone
	}
	return strings.TrimSuffix(line, "\n"), nil
}

// agent is the service in a process of its own.
type agent struct{ *process }

// newAgent starts an agent with a configuration and waits until it is ready.
func newAgent(t *testing.T, config string) carrier {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childConfig+"="+config)
	a := agent{launch(t, cmd, config)}
	if line, err := a.hear(); line != "ready" {
		t.Fatalf("agent does not start: %q, %v\n%s", line, err, endOf(logOf(config)))
	}
	return a
}

// put hands over a batch and returns once it is safe.
func (a agent) put(texts []string) error {
	line, err := a.say("put %d\n%s", len(texts), strings.Join(texts, "\n"))
	if err == nil && line != "ok" {
		err = errGone
	}
	return err
}

// end has the agent end in good order.
func (a agent) end() error {
	_ = a.in.Close()
	return a.cmd.Wait()
}

// endOf is the end of a file.
func endOf(path string) []byte {
	text, _ := os.ReadFile(path)
	return text[max(0, len(text)-3000):]
}
