package supervise

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// hear makes this process one whose manager listens here, with room for so many sockets.
func hear(t *testing.T, room string) *net.UnixConn {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("FDSTORE", room)
	return c
}

// next is the next message, with the descriptor that came with it.
func next(t *testing.T, c *net.UnixConn) (state string, fd int) {
	t.Helper()
	text, oob := make([]byte, 1024), make([]byte, 64)
	n, oobn, _, _, err := c.ReadMsgUnix(text, oob)
	if err != nil {
		t.Fatal(err)
	}
	fd = -1
	if messages, _ := syscall.ParseSocketControlMessage(oob[:oobn]); len(messages) > 0 {
		fds, err := syscall.ParseUnixRights(&messages[0])
		if err != nil {
			t.Fatal(err)
		}
		fd = fds[0]
	}
	return string(text[:n]), fd
}

func listener(t *testing.T) *net.TCPListener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.(*net.TCPListener)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// The manager is told what happens, and gets a descriptor of the very socket.
func TestWhatIsSaid(t *testing.T) {
	c := hear(t, "2")
	m := New(quiet())
	if !m.Keeps() || os.Getenv("NOTIFY_SOCKET") != "" {
		t.Errorf("got %v and %q, want a manager that children know nothing of", m.Keeps(), os.Getenv("NOTIFY_SOCKET"))
	}
	l := listener(t)
	if err := m.Keep("tcp-a", l); err != nil {
		t.Fatal(err)
	}
	state, fd := next(t, c)
	if want := "FDSTORE=1\nFDPOLL=0\nFDNAME=tcp-a"; state != want || fd < 0 {
		t.Fatalf("got %q with descriptor %d, want %q with one", state, fd, want)
	}
	file := os.NewFile(uintptr(fd), "kept")
	again, err := net.FileListener(file)
	if err != nil || again.Addr().String() != l.Addr().String() {
		t.Fatalf("got %v, want the listener", err)
	}
	_, _ = file.Close(), again.Close()
	m.Ready()
	m.Forget("tcp-a")
	m.Forget("tcp-a")
	m.Forget("never kept")
	m.Stopping()
	for _, want := range []string{"READY=1", "FDSTOREREMOVE=1\nFDNAME=tcp-a", "STOPPING=1"} {
		if state, _ := next(t, c); state != want {
			t.Errorf("got %q, want %q", state, want)
		}
	}
}

// More than the manager has room for it would drop without a word.
func TestFullStore(t *testing.T) {
	hear(t, "1")
	m := New(quiet())
	if err := m.Keep("a", listener(t)); err != nil {
		t.Fatal(err)
	}
	if err := m.Keep("b", listener(t)); err != errFull {
		t.Errorf("got %v, want %v", err, errFull)
	}
	m.Forget("a")
	if err := m.Keep("b", listener(t)); err != nil {
		t.Errorf("got %v, want room again", err)
	}
}

func TestNobody(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	for name, m := range map[string]*Manager{"nil": nil, "no socket": New(quiet())} {
		m.Ready()
		m.Stopping()
		m.Forget("a")
		if own, parts := m.Take("a"); m.Keeps() || m.Keep("a", nil) == nil || own != nil || parts != nil {
			t.Errorf("%s: keeps something", name)
		}
	}
	c := hear(t, "") // of a container, for instance
	m := New(quiet())
	m.Ready()
	if state, _ := next(t, c); m.Keeps() || state != "READY=1" {
		t.Errorf("got %q and %v, want one that is told and keeps nothing", state, m.Keeps())
	}
}

// What the last process left comes back by its name; what nobody takes is closed, removed and said.
func TestTakenBack(t *testing.T) {
	c := hear(t, "9")
	names := []string{Name("tcp", "a:1"), Part(Name("tcp", "a:1"), "X"), Name("tcp", "a:10"), Part(Name("tcp", "a:10"), "Y"), "", "of another=1"}
	const first = 200 // the numbers from 3 on are in use in a test
	for i := range names {
		file, err := listener(t).File()
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Dup3(int(file.Fd()), first+i, 0); err != nil {
			t.Fatal(err)
		}
		_ = file.Close()
	}
	t.Setenv("LISTEN_FDS", fmt.Sprint(len(names)))
	t.Setenv("LISTEN_FDNAMES", strings.Join(names, ":"))
	t.Setenv("LISTEN_PID", fmt.Sprint(os.Getpid()+1))
	if given := inherited(first); given != nil {
		t.Errorf("got %v, want nothing of what another process is given", given)
	}
	t.Setenv("LISTEN_PID", fmt.Sprint(os.Getpid()))
	var talk bytes.Buffer
	m := newManager(slog.New(slog.NewTextHandler(&talk, nil)), first)
	own, parts := m.Take(names[0])
	if len(own) != 1 || len(parts) != 1 || parts[0].Name != names[1] {
		t.Fatalf("got %v and %v, want the listener and its connection", own, parts)
	}
	if flags, _, _ := syscall.Syscall(syscall.SYS_FCNTL, first, syscall.F_GETFD, 0); flags&syscall.FD_CLOEXEC == 0 {
		t.Error("a child would inherit it")
	}
	if _, err := net.FileListener(own[0].File); err != nil {
		t.Error(err)
	}
	m.Ready()
	for _, want := range []string{names[2], names[3], "unknown", "of another=1"} {
		if state, _ := next(t, c); state != "FDSTOREREMOVE=1\nFDNAME="+want {
			t.Errorf("got %q, want the end of %q", state, want)
		}
		if !strings.Contains(talk.String(), want) {
			t.Errorf("%q was closed without a word", want)
		}
	}
	if err := syscall.Fstat(first+2, new(syscall.Stat_t)); err != syscall.EBADF {
		t.Errorf("got %v, want it closed", err)
	}
}

func TestNames(t *testing.T) {
	for _, address := range []string{"[::1]:9090", "/run/idwatch/vault.sock", "/run/\xc3\xbc\x01=:", "/" + strings.Repeat("\xff", 106)} {
		name := Part(Name("unix", address), strings.Repeat("X", 26))
		if len(name) > 255 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r >= 127 || r == ':' }) {
			t.Errorf("%q: not allowed: %q", address, name)
		}
		if strings.Count(name, part) != 1 {
			t.Errorf("%q: not clear where the part begins: %q", address, name)
		}
	}
}
