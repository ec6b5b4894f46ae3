// Package supervise speaks with the service manager that started the process: it says when the process is ready and when it ends, and
// has sockets kept that the next process goes on with. The protocol is that of sd_notify(3), sd_listen_fds(3) and systemd's file
// descriptor store. Where there is no such manager, nothing is said and nothing is kept.
package supervise

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// sayTimeout is how long a message to a manager that reads none is waited for.
const sayTimeout = 5 * time.Second

var (
	errFull   = errors.New("the service manager's store is full: FileDescriptorStoreMax and FDSTORE are to be raised")
	errNobody = errors.New("nobody keeps sockets")
)

// Manager is the service manager. A nil one is none.
type Manager struct {
	address *syscall.SockaddrUnix // nil when it wants to hear nothing
	room    int                   // how many sockets it keeps; 0 when it keeps none
	log     *slog.Logger

	mu    sync.Mutex
	given []Socket        // by the last process, and not taken yet
	kept  map[string]bool // names of what it keeps
}

// New finds the manager in the environment, and removes it from there, so that no child takes itself for the service.
func New(log *slog.Logger) *Manager { return newManager(log, firstSocket) }

func newManager(log *slog.Logger, first int) *Manager {
	m := &Manager{log: log, kept: map[string]bool{}}
	if at := os.Getenv("NOTIFY_SOCKET"); at != "" && (at[0] == '/' || at[0] == '@') {
		m.address = &syscall.SockaddrUnix{Name: at}
		// systemd sets it from version 254 on; for older ones the unit does. Others who want to be notified keep nothing.
		m.room, _ = strconv.Atoi(os.Getenv("FDSTORE"))
	}
	m.given = inherited(first)
	for _, s := range m.given {
		m.kept[s.Name] = true
	}
	for _, name := range []string{"NOTIFY_SOCKET", "FDSTORE", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
		_ = os.Unsetenv(name)
	}
	return m
}

// Keeps reports whether the manager keeps sockets.
func (m *Manager) Keeps() bool { return m != nil && m.room > 0 }

// Ready says that the process does its work now. What the last process left and nobody has taken until now is closed.
func (m *Manager) Ready() {
	if m == nil {
		return
	}
	for _, s := range m.takeAll() {
		m.log.Warn("socket of the last process belongs to no input any more and was closed", "name", s.Name)
		_ = s.File.Close()
		m.Forget(s.Name)
	}
	m.tell("READY=1")
}

// Stopping says that the process ends.
func (m *Manager) Stopping() {
	if m != nil {
		m.tell("STOPPING=1")
	}
}

// Keep has the manager keep a socket for the next process. Names are unique.
func (m *Manager) Keep(name string, socket syscall.Conn) error {
	if !m.Keeps() {
		return errNobody
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.kept) >= m.room {
		return errFull
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	// FDPOLL=0: one whose sender has gone is kept, too, because of what the sender wrote before.
	told := raw.Control(func(fd uintptr) { err = m.say("FDSTORE=1\nFDPOLL=0\nFDNAME="+name, syscall.UnixRights(int(fd))) })
	if err = errors.Join(told, err); err != nil {
		return fmt.Errorf("keep socket: %w", err)
	}
	m.kept[name] = true
	return nil
}

// Forget ends the keeping of a socket.
func (m *Manager) Forget(name string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	known := m.kept[name]
	delete(m.kept, name)
	m.mu.Unlock()
	if known {
		m.tell("FDSTOREREMOVE=1\nFDNAME=" + name)
	}
}

// tell says something that nobody waits for.
func (m *Manager) tell(state string) {
	if err := m.say(state, nil); err != nil {
		m.log.Warn("service manager not told", "err", err)
	}
}

func (m *Manager) say(state string, rights []byte) error {
	if m.address == nil {
		return nil
	}
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	patience := syscall.NsecToTimeval(int64(sayTimeout))
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &patience); err != nil {
		return err
	}
	for {
		err = syscall.Sendmsg(fd, []byte(state), rights, m.address, syscall.MSG_NOSIGNAL)
		if err != syscall.EINTR {
			return err
		}
	}
}
