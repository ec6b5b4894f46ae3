package estest

import (
	_ "embed" // leash.sh
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Own is the server of one test alone. The test may stop it, kill it, have it pause, and start it again on the same data.
type Own struct {
	*Server
	instance *instance
	running  *exec.Cmd
	ended    chan struct{} // closed when what runs has ended
}

//go:embed leash.sh
var leash string

// StartOwn starts a server that watches its disk, which is roomy enough until a test says otherwise. With -short it skips the test.
func StartOwn(t testing.TB) *Own {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a real Elasticsearch")
	}
	o, err := newOwn(t)
	if err != nil {
		t.Fatalf("real Elasticsearch: %v", err)
	}
	return o
}

// watching has the server look at its disk as often as it can.
const watching = `cluster.info.update.interval: 10s
cluster.routing.allocation.disk.watermark.low: 1mb
cluster.routing.allocation.disk.watermark.high: 1mb
cluster.routing.allocation.disk.watermark.flood_stage: 1mb`

func newOwn(t testing.TB) (*Own, error) {
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	i, server, err := prepare(cache, "768m", watching)
	if err != nil {
		return nil, err
	}
	o := &Own{Server: server, instance: i}
	if err := o.hold(t); err != nil {
		return nil, err
	}
	return o, o.Start()
}

// hold has all of the server removed when the test ends, or its process does in whatever way.
func (o *Own) hold(t testing.TB) error {
	c := exec.Command("sh", "-c", leash, "leash", o.instance.base)
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	end, err := c.StdinPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return fmt.Errorf("start leash: %w", err)
	}
	t.Cleanup(func() {
		_ = end.Close()
		_ = c.Wait()
		if o.running != nil {
			<-o.ended
		}
	})
	return nil
}

func (o *Own) pidFile() string { return filepath.Join(o.instance.base, "pid") }

// Start starts the server on its data and returns when it answers.
func (o *Own) Start() error {
	path := filepath.Join(o.instance.base, logName)
	log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	c := o.instance.command(filepath.Join(o.instance.home, "bin", "elasticsearch"))
	c.Stdout, c.Stderr = log, log
	c.SysProcAttr = asOther()
	c.SysProcAttr.Setpgid = true // the program starts another one, which is the server
	if err := c.Start(); err != nil {
		return fmt.Errorf("start elasticsearch: %w", err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = c.Wait() }()
	o.running, o.ended = c, ended
	if err := os.WriteFile(o.pidFile(), fmt.Appendln(nil, c.Process.Pid), 0o600); err != nil {
		return err
	}
	gone := func() bool {
		select {
		case <-ended:
			return true
		default:
			return false
		}
	}
	if err := o.instance.wait(o.Server, gone); err != nil {
		return withLog(err, path)
	}
	return nil
}

// Stop ends the server in good order.
func (o *Own) Stop() error {
	return errors.Join(o.running.Process.Signal(syscall.SIGTERM), o.over())
}

// Kill ends the server at once.
func (o *Own) Kill() error {
	return errors.Join(o.signal(syscall.SIGKILL), o.over())
}

// Pause has the server stand still until Resume.
func (o *Own) Pause() error { return o.signal(syscall.SIGSTOP) }

// Resume has it go on.
func (o *Own) Resume() error { return o.signal(syscall.SIGCONT) }

func (o *Own) signal(s syscall.Signal) error { return syscall.Kill(-o.running.Process.Pid, s) }

var errStays = errors.New("the server does not end")

// over waits until the server has ended and nobody listens in its place.
func (o *Own) over() error {
	_ = os.Remove(o.pidFile())
	late := time.After(2 * time.Minute)
	select {
	case <-o.ended:
	case <-late:
		return errStays
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.Dial("tcp", strings.TrimPrefix(o.URL, "https://"))
		if err != nil {
			return nil
		}
		conn.Close()
		select {
		case <-tick.C:
		case <-late:
			return errStays
		}
	}
}
