package socket

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/source/listen"
	"github.com/idwatch/idwatch/agent/source/sourcetest"
	"github.com/idwatch/idwatch/agent/waittest"
	"github.com/idwatch/idwatch/parsers"
)

// run starts a server that ends with the test, or when the function it returns is called.
func run(t *testing.T, to *sourcetest.Taker, l listen.Settings) (*Server, func()) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	l.Log = log
	s, err := Open(Settings{Listen: l, Taker: to, Split: parsers.Split, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	end := sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(end)
	return s, end
}

func tcp(most int) listen.Settings {
	return listen.Settings{Network: "tcp", Address: "127.0.0.1:0", MaxConnections: most}
}

func dial(t *testing.T, address net.Addr) net.Conn {
	t.Helper()
	c, err := net.Dial(address.Network(), address.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// A line is a record as soon as it is there; a line that the connection ends within is one, too.
func TestLines(t *testing.T) {
	to := &sourcetest.Taker{}
	s, end := run(t, to, tcp(8))
	c := dial(t, s.Addr())
	for _, step := range [][2]string{
		{"{\"a\":1}\n", `{"a":1}`},
		{"\n{\"a\":2}\n{\"b\":", `{"a":1}|{"a":2}`},
		{"3}\r\nno JSON\n", `{"a":1}|{"a":2}|{"b":3}|no JSON`},
	} {
		if _, err := io.WriteString(c, step[0]); err != nil {
			t.Fatal(err)
		}
		waittest.Until(t, step[1], func() bool { return to.Got() == step[1] })
	}
	_, _ = io.WriteString(c, `{"cut`)
	_ = c.Close()
	waittest.Until(t, "the cut line", func() bool { return strings.HasSuffix(to.Got(), `|{"cut`) })
	end()
	if st := s.Stats(); st.Records != 5 || st.Files != 0 {
		t.Errorf("stats: got %+v", st)
	}
}

// A line beyond the size of a record neither fills the memory nor keeps the next from being read.
func TestLongLine(t *testing.T) {
	to := &sourcetest.Taker{}
	s, _ := run(t, to, tcp(8))
	c := dial(t, s.Addr())
	if _, err := io.WriteString(c, strings.Repeat("x", 5<<20)+"\n{\"a\":1}\n"); err != nil {
		t.Fatal(err)
	}
	waittest.Until(t, "the next line", func() bool { return strings.HasSuffix(to.Got(), `|{"a":1}`) })
	if n := len(to.Got()); n > 2<<20 {
		t.Errorf("got %d bytes of a line that is no record", n)
	}
}

// While there is no room the sender's writes wait, and afterwards nothing is missing.
func TestBackPressure(t *testing.T) {
	to := &sourcetest.Taker{}
	to.Fill(true)
	s, _ := run(t, to, tcp(8))
	c := dial(t, s.Addr())
	const lines = 60000
	text := []byte(strings.Repeat("x", 999) + "\n")
	written := make(chan error, 1)
	go func() {
		for range lines {
			if _, err := c.Write(text); err != nil {
				written <- err
				return
			}
		}
		written <- c.Close()
	}()
	select {
	case err := <-written:
		t.Fatalf("60 MB were written though nobody took them: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	to.Fill(false)
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	waittest.Until(t, "all lines", func() bool { return s.Stats().Records == lines })
}

func TestTooManyConnections(t *testing.T) {
	s, _ := run(t, &sourcetest.Taker{}, tcp(1))
	first := dial(t, s.Addr())
	waittest.Until(t, "the first", func() bool { return s.Stats().Files == 1 })
	second := dial(t, s.Addr())
	if _, err := second.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("got %v, want a closed connection", err)
	}
	_ = first.Close()
	waittest.Until(t, "the end of the first", func() bool { return s.Stats().Files == 0 })
	if n := s.Stats().Refused; n != 1 {
		t.Errorf("refused: got %d, want 1", n)
	}
}

// The socket of a killed process is replaced, that of a running one is not, nor is a file.
func TestUnixSocketLeftBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	l := listen.Settings{Network: "unix", Address: path, Mode: 0o660, MaxConnections: 2}
	if _, err := Open(Settings{Listen: l}); err == nil || !strings.Contains(err.Error(), "another process listens there") {
		t.Errorf("in use: got %v", err)
	}
	old.SetUnlinkOnClose(false)
	_ = old.Close()
	to := &sourcetest.Taker{}
	s, end := run(t, to, l)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("got %v, %v, want mode 0660", info, err)
	}
	_, _ = io.WriteString(dial(t, s.Addr()), "{\"a\":1}\n")
	waittest.Until(t, "a record", func() bool { return to.Got() == `{"a":1}` })
	end()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Settings{Listen: l}); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("a file: got %v", err)
	}
}
