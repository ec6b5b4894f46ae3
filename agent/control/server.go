// Package control is how the tools talk to the process that has a data directory: HTTP with JSON over a unix socket in it. Who may
// use the directory may use the socket; each request tells which user makes it.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/idwatch/idwatch/agent/source/listen"
)

// SocketName is the socket's name in the data directory.
const SocketName = "control.sock"

const (
	maxPath       = 107 // bytes that the kernel takes for a socket's address
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 5 * time.Minute // a long list of dead letters
	idleTimeout   = time.Minute
	shutdownFor   = time.Second
	maxRequest    = 96 << 20 // a dead letter is 64 MiB at most
)

// Server answers the tools.
type Server struct {
	log      *slog.Logger
	mux      *http.ServeMux
	listener net.Listener
	path     string
}

// Listen makes the socket in a data directory that the caller has locked: what an earlier process left there is in nobody's use.
func Listen(dir string, log *slog.Logger) (*Server, error) {
	path := filepath.Join(dir, SocketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	listener, err := openSocket(dir)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return &Server{log: log, mux: http.NewServeMux(), listener: listener, path: path}, nil
}

// openSocket creates the socket with mode 0600. The directory lets nobody else in meanwhile.
func openSocket(dir string) (net.Listener, error) {
	address, done, err := addressIn(dir)
	if err != nil {
		return nil, err
	}
	defer done()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: address})
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false) // by the name it was made with, which may be gone
	if err := os.Chmod(filepath.Join(dir, SocketName), 0o600); err != nil {
		listener.Close()
		return nil, err
	}
	return listener, nil
}

// addressIn is the socket's address. A path too long for the kernel is taken through the open directory.
func addressIn(dir string) (address string, done func(), err error) {
	path := filepath.Join(dir, SocketName)
	if len(path) <= maxPath {
		return path, func() {}, nil
	}
	open, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", open.Fd(), SocketName), func() { open.Close() }, nil
}

// Handle mounts an answer: do gets the request's body, and what it returns is sent as JSON. Its error, if it is a Refusal, is told
// with its status, any other as a fault of ours.
func (s *Server) Handle(pattern string, do func(r *http.Request) (any, error)) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		answer, err := do(r)
		code := http.StatusOK
		if err != nil {
			code = http.StatusInternalServerError
			var refused Refusal
			if errors.As(err, &refused) {
				code = refused.Status
			}
			answer = fault{err.Error()}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		_ = e.Encode(answer)
	})
}

// HandleRaw mounts a handler that writes its answer itself.
func (s *Server) HandleRaw(pattern string, h http.HandlerFunc) { s.mux.HandleFunc(pattern, h) }

// Refusal is an answer that something cannot be done, with an HTTP status.
type Refusal struct {
	Status int
	Text   string
}

func (r Refusal) Error() string { return r.Text }

// fault is the body of an answer that is none.
type fault struct {
	Error string `json:"error"`
}

// Body reads a request's body as JSON.
func Body[T any](r *http.Request) (body T, err error) {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil && !errors.Is(err, io.EOF) {
		return body, Refusal{http.StatusBadRequest, "the request is not what this version understands"}
	}
	return body, nil
}

// Peer is the process at the other end of a request.
type Peer struct {
	UID int
	PID int
}

type peerKey struct{}

// PeerOf tells who makes a request.
func PeerOf(r *http.Request) Peer {
	p, ok := r.Context().Value(peerKey{}).(Peer)
	if !ok {
		return Peer{-1, -1}
	}
	return p
}

// peerOf asks the kernel.
func peerOf(conn net.Conn) Peer {
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return Peer{-1, -1}
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return Peer{-1, -1}
	}
	p := Peer{-1, -1}
	_ = raw.Control(func(fd uintptr) {
		if cred, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); err == nil {
			p = Peer{int(cred.Uid), int(cred.Pid)}
		}
	})
	return p
}

// allowed are this process's own user and root.
func (p Peer) allowed() bool { return p.UID == 0 || p.UID == os.Getuid() }

// Run answers until ctx ends, and removes the socket.
func (s *Server) Run(ctx context.Context) {
	server := &http.Server{
		Handler: http.HandlerFunc(s.answer),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, peerKey{}, peerOf(c))
		},
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },

		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
	}
	if err := listen.HTTP(ctx, server, s.listener, shutdownFor); err != nil {
		s.log.Error("control socket is not served any more", "err", err)
	}
	_ = os.Remove(s.path)
}

// Close closes a socket that Run was never called for.
func (s *Server) Close() {
	s.listener.Close()
	_ = os.Remove(s.path)
}

// answer lets in who is allowed, and keeps a panic from whoever's process this is.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic while answering a tool", "stack", string(debug.Stack()))
			w.WriteHeader(http.StatusInternalServerError)
		}
	}()
	if !PeerOf(r).allowed() {
		http.Error(w, `{"error":"this user may not"}`, http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	s.mux.ServeHTTP(w, r)
}
