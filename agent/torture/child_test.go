package torture

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/pipeline"
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
	os.Exit(m.Run())
}

// serve runs a service that takes batches as the plugin does: "put N" and N lines, answered "ok" once they are safe. "balance" is
// answered with the balance.
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
		if command == "balance\n" {
			text, _ := json.Marshal(s.Balance())
			fmt.Fprintf(out, "%s\n", text)
			continue
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

// child is a running agent.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

var errGone = errors.New("the agent is gone")

// run starts an agent with a configuration and waits until it is ready.
func run(t *testing.T, config string) *child {
	t.Helper()
	c := &child{cmd: exec.Command(os.Args[0])}
	c.cmd.Env = append(os.Environ(), childConfig+"="+config)
	log, err := os.OpenFile(filepath.Join(filepath.Dir(config), "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	c.cmd.Stderr = log
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kill)
	if line, err := c.out.ReadString('\n'); err != nil || line != "ready\n" {
		text, _ := os.ReadFile(log.Name())
		t.Fatalf("agent does not start: %q, %v\n%s", line, err, text[max(0, len(text)-2000):])
	}
	return c
}

// kill ends the agent as a power cut does, as far as a process goes.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// end has the agent end in good order.
func (c *child) end() error {
	_ = c.in.Close()
	return c.cmd.Wait()
}

// put hands over a batch and returns once it is safe.
func (c *child) put(texts []string) error {
	if _, err := io.WriteString(c.in, fmt.Sprintf("put %d\n%s\n", len(texts), strings.Join(texts, "\n"))); err != nil {
		return errGone
	}
	if line, err := c.out.ReadString('\n'); err != nil || line != "ok\n" {
		return errGone
	}
	return nil
}

func (c *child) balance(t *testing.T) (b pipeline.Balance) {
	t.Helper()
	fmt.Fprintln(c.in, "balance")
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(errGone)
	}
	if err := json.Unmarshal(line, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// lives is an agent that is killed now and then, and started again.
type lives struct {
	t      *testing.T
	config string

	mu    sync.Mutex
	child *child
	kills int
}

// put hands over a batch until an agent says that it is safe.
func (l *lives) put(texts []string) {
	for {
		l.mu.Lock()
		c := l.child
		l.mu.Unlock()
		if c.put(texts) == nil {
			return
		}
		l.again(c)
	}
}

// again starts an agent in the place of one that is gone.
func (l *lives) again(gone *child) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.child == gone {
		gone.kill()
		l.child = run(l.t, l.config)
	}
}

func (l *lives) kill() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.child.cmd.Process.Kill()
	l.kills++
}
