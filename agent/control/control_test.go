package control

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type question struct {
	Word string `json:"word"`
}

// serve runs a server in a directory until the test ends.
func serve(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Listen(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.Handle("POST /echo", func(r *http.Request) (any, error) { return Body[question](r) })
	s.Handle("GET /peer", func(r *http.Request) (any, error) { return PeerOf(r), nil })
	s.Handle("GET /no", func(*http.Request) (any, error) { return nil, Refusal{http.StatusConflict, "not <now>"} })
	s.Handle("GET /broken", func(*http.Request) (any, error) { return nil, errors.New("disk gone") })
	s.Handle("GET /panic", func(*http.Request) (any, error) { panic("secret") })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-ended
		if _, err := os.Stat(filepath.Join(dir, SocketName)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("after the end: got %v, want no socket", err)
		}
	})
	return s
}

func TestAsking(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, SocketName), nil, 0o600); err != nil { // of a process that was killed
		t.Fatal(err)
	}
	serve(t, dir)
	info, err := os.Stat(filepath.Join(dir, SocketName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: got %v, %v, want mode 0600", info.Mode(), err)
	}
	c := Dial(dir)
	var got question
	if err := c.Call(t.Context(), "POST", "/echo", question{"hello"}, &got); err != nil || got.Word != "hello" {
		t.Errorf("echo: got %q, %v", got.Word, err)
	}
	var peer Peer
	if err := c.Call(t.Context(), "GET", "/peer", nil, &peer); err != nil || peer != (Peer{os.Getuid(), os.Getpid()}) {
		t.Errorf("peer: got %+v, %v, want this process", peer, err)
	}
	for path, want := range map[string]Refusal{
		"/no": {409, "not <now>"}, "/broken": {500, "disk gone"}, "/none": {404, "the running process is of another version: it answers 404 Not Found"},
	} {
		var refused Refusal
		if err := c.Call(t.Context(), "GET", path, nil, nil); !errors.As(err, &refused) || refused != want {
			t.Errorf("%s: got %v, want %v", path, err, want)
		}
	}
	var refused Refusal
	if err := c.Call(t.Context(), "POST", "/echo", map[string]int{"wrod": 1}, nil); !errors.As(err, &refused) || refused.Status != 400 {
		t.Errorf("unknown member: got %v, want status 400", err)
	}
	if err := c.Call(t.Context(), "GET", "/panic", nil, nil); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("panic: got %v, want an error without its value", err)
	}
	if err := c.Call(t.Context(), "POST", "/echo", question{"still there"}, &got); err != nil {
		t.Errorf("after the panic: %v", err)
	}
}

func TestLongPaths(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	serve(t, dir)
	var got question
	if err := Dial(dir).Call(t.Context(), "POST", "/echo", question{"far"}, &got); err != nil || got.Word != "far" {
		t.Errorf("got %q, %v", got.Word, err)
	}
}

func TestNobodyThere(t *testing.T) {
	dir := t.TempDir()
	if err := Dial(dir).Call(t.Context(), "GET", "/peer", nil, nil); !errors.Is(err, ErrNotRunning) {
		t.Errorf("no socket: got %v, want %v", err, ErrNotRunning)
	}
	old, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: filepath.Join(dir, SocketName)})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	old.Close()
	if err := Dial(dir).Call(t.Context(), "GET", "/peer", nil, nil); !errors.Is(err, ErrNotRunning) {
		t.Errorf("socket of a process that was killed: got %v, want %v", err, ErrNotRunning)
	}
}

// Other users do not get past the socket's mode; one that did would be told apart by the kernel.
func TestOtherUsers(t *testing.T) {
	for p, want := range map[Peer]bool{{0, 1}: true, {os.Getuid(), 1}: true, {54321, 1}: false, {-1, -1}: false} {
		if got := p.allowed(); got != want {
			t.Errorf("uid %d: got %v, want %v", p.UID, got, want)
		}
	}
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if got := peerOf(a); got.allowed() {
		t.Errorf("no unix socket: got %+v, want nobody", got)
	}
}
