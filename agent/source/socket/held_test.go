package socket

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/source/listen"
	"github.com/idwatch/idwatch/agent/source/sourcetest"
	"github.com/idwatch/idwatch/agent/supervise"
	"github.com/idwatch/idwatch/agent/supervise/supervisetest"
	"github.com/idwatch/idwatch/agent/waittest"
)

// bothKinds runs a test over TCP and over a unix socket, each with a manager that keeps so many sockets.
func bothKinds(t *testing.T, room int, test func(t *testing.T, m *supervisetest.Manager, l listen.Settings)) {
	for name, l := range map[string]listen.Settings{"tcp": tcp(8), "unix": {Network: "unix", Address: filepath.Join(t.TempDir(), "s"), Mode: 0o600, MaxConnections: 8}} {
		t.Run(name, func(t *testing.T) {
			m := supervisetest.New(t)
			for _, set := range m.Environment(room) {
				key, value, _ := strings.Cut(set, "=")
				t.Setenv(key, value)
			}
			l.Manager = supervise.New(nil)
			test(t, m, l)
		})
	}
}

// left is what the manager's connection has in the kernel for the next process.
func left(t *testing.T, m *supervisetest.Manager) string {
	t.Helper()
	kept := m.Kept()
	if len(kept) != 2 {
		t.Fatalf("got %q, want the listener and one connection", kept)
	}
	b := make([]byte, 1<<20)
	n, _, err := syscall.Recvfrom(int(m.File(kept[1]).Fd()), b, syscall.MSG_DONTWAIT)
	if err != nil && !errors.Is(err, syscall.EAGAIN) {
		t.Fatal(err)
	}
	return string(b[:max(n, 0)])
}

// What is safe is taken, and what is not stays: an unfinished line, and lines that there was no room for.
func TestWhatStaysInTheKernel(t *testing.T) {
	bothKinds(t, 8, func(t *testing.T, m *supervisetest.Manager, l listen.Settings) {
		to := &sourcetest.Taker{}
		s, end := run(t, to, l)
		c := dial(t, s.Addr())
		_, _ = io.WriteString(c, "{\"a\":1}\n\n{\"a\":2}\r\n{\"b\":")
		waittest.Until(t, "two lines", func() bool { return to.Got() == `{"a":1}|{"a":2}` })
		to.Fill(true)
		_, _ = io.WriteString(c, "3}\n{\"c\"")
		end()
		if got := left(t, m); got != "{\"b\":3}\n{\"c\"" {
			t.Errorf("got %q, want what is not safe", got)
		}
		if _, err := io.WriteString(c, "more"); err != nil {
			t.Errorf("the sender noticed: %v", err)
		}
	})
}

// An unfinished line that stands still is taken, and goes on when the rest comes.
func TestStillLineIsTaken(t *testing.T) {
	bothKinds(t, 8, func(t *testing.T, m *supervisetest.Manager, l listen.Settings) {
		to := &sourcetest.Taker{}
		s, end := run(t, to, l)
		c := dial(t, s.Addr())
		_, _ = io.WriteString(c, "{\"a\":1}\n{\"b\":")
		waittest.Until(t, "a line", func() bool { return to.Got() == `{"a":1}` })
		var kept string
		waittest.Until(t, "an empty kernel", func() bool {
			kept = m.Kept()[len(m.Kept())-1]
			n, _, err := syscall.Recvfrom(int(m.File(kept).Fd()), make([]byte, 9), syscall.MSG_DONTWAIT|syscall.MSG_PEEK)
			return n <= 0 && errors.Is(err, syscall.EAGAIN)
		})
		_, _ = io.WriteString(c, "2}\n")
		waittest.Until(t, "the second line", func() bool { return to.Got() == `{"a":1}|{"b":2}` })
		end()
	})
}

// A sender that ends within a line, or only stops writing, is heard; its connection is given up then.
func TestEndWhileHeld(t *testing.T) {
	bothKinds(t, 8, func(t *testing.T, m *supervisetest.Manager, l listen.Settings) {
		to := &sourcetest.Taker{}
		s, _ := run(t, to, l)
		c := dial(t, s.Addr())
		_, _ = io.WriteString(c, "{\"a\":1}\n{\"cut")
		_ = c.(interface{ CloseWrite() error }).CloseWrite()
		waittest.Until(t, "the cut line", func() bool { return to.Got() == `{"a":1}|{"cut` })
		waittest.Until(t, "the connection to be given up", func() bool { return len(m.Kept()) == 1 })
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("got %v, want the end", err)
		}
	})
}

// Lines as long as a record and longer pass, and neither they nor a sender of single bytes keep the processor busy.
func TestHeldLines(t *testing.T) {
	bothKinds(t, 8, func(t *testing.T, _ *supervisetest.Manager, l listen.Settings) {
		to := &sourcetest.Taker{}
		s, _ := run(t, to, l)
		c := dial(t, s.Addr())
		lines := []string{strings.Repeat("a", 70<<10), strings.Repeat("b", 1<<20-1), strings.Repeat("c", 900), "[" + strings.Repeat(`{"d":1},`, 200_000) + "{}]"}
		before := busy(t)
		_, _ = io.WriteString(c, strings.Join(lines[:2], "\n")+"\n")
		for i := range lines[2] {
			_, _ = io.WriteString(c, lines[2][i:i+1])
		}
		_, _ = io.WriteString(c, "\n"+lines[3]+"\n")
		waittest.Until(t, "all of them", func() bool { return s.Stats().Records == 3+200_001 })
		if got, want := to.Got()[:len(lines[0])+1+len(lines[1])+1+len(lines[2])], strings.Join(lines[:3], "|"); got != want {
			t.Error("lines are damaged")
		}
		if d := busy(t) - before; d > 10*time.Second {
			t.Errorf("that took %v of the processor", d)
		}
	})
}

// busy is the processor time that this process has used.
func busy(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// What nobody could go on with in the middle is not kept: compressed streams and JSON over several lines.
func TestStreamsThatAreNotKept(t *testing.T) {
	bothKinds(t, 8, func(t *testing.T, m *supervisetest.Manager, l listen.Settings) {
		to := &sourcetest.Taker{}
		s, _ := run(t, to, l)
		c := dial(t, s.Addr())
		_, _ = io.WriteString(c, "[{\"a\":1},\n")
		waittest.Until(t, "the connection to be given up", func() bool { return s.Stats().Files == 1 && len(m.Kept()) == 1 })
		_, _ = io.WriteString(c, "{\"a\":2}]\n")
		_ = c.Close()
		waittest.Until(t, "two records", func() bool { return to.Got() == `{"a":1}|{"a":2}` })
	})
}

// A connection beyond the manager's room is read all the same; too many are refused and not kept.
func TestRoomOfTheManager(t *testing.T) {
	bothKinds(t, 2, func(t *testing.T, m *supervisetest.Manager, l listen.Settings) {
		l.MaxConnections = 2
		to := &sourcetest.Taker{}
		s, end := run(t, to, l)
		for n, line := range []string{"one", "one|two"} {
			_, _ = io.WriteString(dial(t, s.Addr()), []string{"one\n", "two\n"}[n])
			waittest.Until(t, line, func() bool { return to.Got() == line })
		}
		if _, err := dial(t, s.Addr()).Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("got %v, want a closed connection", err)
		}
		if n := len(m.Kept()); n != 2 {
			t.Errorf("got %d sockets kept, want 2", n)
		}
		end()
		if _, err := net.Dial(s.Addr().Network(), s.Addr().String()); err != nil {
			t.Errorf("got %v, want a listener for the next process", err)
		}
	})
}
