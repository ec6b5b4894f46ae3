// Package supervisetest has a stand-in for the service manager.
package supervisetest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Manager stands in for systemd: it hears what the agent says and keeps the sockets that it is sent, across agents.
type Manager struct {
	t      *testing.T
	path   string
	socket *net.UnixConn

	mu    sync.Mutex
	names []string
	files []*os.File
	said  []string // but for what is about sockets
}

// New starts one that ends with the test.
func New(t *testing.T) *Manager {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: path})
	if err != nil {
		t.Fatal(err)
	}
	m := &Manager{t: t, path: path, socket: c}
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		m.hear()
	}()
	t.Cleanup(func() {
		_ = c.Close()
		<-heard
		for _, f := range m.files {
			_ = f.Close()
		}
	})
	return m
}

func (m *Manager) hear() {
	text, oob := make([]byte, 4096), make([]byte, 256)
	for {
		n, oobn, _, _, err := m.socket.ReadMsgUnix(text, oob)
		if err != nil {
			return
		}
		m.take(string(text[:n]), oob[:oobn])
	}
}

func (m *Manager) take(state string, oob []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, name, _ := strings.Cut(state, "FDNAME=")
	switch {
	case strings.HasPrefix(state, "FDSTORE=1\n"):
		messages, err := syscall.ParseSocketControlMessage(oob)
		if err != nil || len(messages) != 1 {
			m.t.Errorf("%q came without a descriptor: %v", state, err)
			return
		}
		fds, _ := syscall.ParseUnixRights(&messages[0])
		m.names, m.files = append(m.names, name), append(m.files, os.NewFile(uintptr(fds[0]), name))
	case strings.HasPrefix(state, "FDSTOREREMOVE=1\n"):
		for i := slices.Index(m.names, name); i >= 0; i = slices.Index(m.names, name) {
			_ = m.files[i].Close()
			m.names, m.files = slices.Delete(m.names, i, i+1), slices.Delete(m.files, i, i+1)
		}
	default:
		m.said = append(m.said, state)
	}
}

// Kept are the names of the sockets that are kept.
func (m *Manager) Kept() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.names)
}

// File is the socket that is kept by this name, nil when there is none. It is the manager's.
func (m *Manager) File(name string) *os.File {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.names, name); i >= 0 {
		return m.files[i]
	}
	return nil
}

// Heard reports whether the last process that was launched has said something that is not about sockets.
func (m *Manager) Heard(state string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Contains(m.said, state)
}

// Environment is what tells a process of this manager, which has room for so many sockets.
func (m *Manager) Environment(room int) []string {
	return []string{"NOTIFY_SOCKET=" + m.path, fmt.Sprint("FDSTORE=", room)}
}

// Launch starts a program as systemd starts a service. The shell is there because LISTEN_PID has to be the program's own.
func (m *Manager) Launch(program *exec.Cmd) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.said = nil
	program.Args = append([]string{"sh", "-c", `LISTEN_PID=$$ exec "$@"`, "sh"}, program.Args...)
	program.Path = "/bin/sh"
	program.Env = append(program.Env, m.Environment(64)...)
	program.Env = append(program.Env, fmt.Sprint("LISTEN_FDS=", len(m.files)), "LISTEN_FDNAMES="+strings.Join(m.names, ":"))
	program.ExtraFiles = m.files
	return program.Start()
}
