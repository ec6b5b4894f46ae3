package supervise

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
)

const (
	firstSocket = 3 // as sd_listen_fds(3) says
	longestName = 200
)

// Socket is one that the manager kept.
type Socket struct {
	Name string
	File *os.File
}

// Name makes a name of an input's type and address that the protocol allows: no colon, nothing but printable ASCII, 255 bytes at most.
func Name(kind, address string) string {
	name := kind + "-" + url.QueryEscape(address)
	if len(name) > longestName {
		sum := sha256.Sum256([]byte(address))
		name = kind + "-" + hex.EncodeToString(sum[:])
	}
	return name
}

// part separates what belongs to an address from its name, in which it cannot stand.
const part = "="

// Part is the name of something that belongs to what is called name, such as a connection.
func Part(name, id string) string { return name + part + id }

// Take returns what the last process left under a name, and its parts.
func (m *Manager) Take(name string) (own, parts []Socket) {
	if m == nil {
		return nil, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var rest []Socket
	for _, s := range m.given {
		switch {
		case s.Name == name:
			own = append(own, s)
		case strings.HasPrefix(s.Name, name+part):
			parts = append(parts, s)
		default:
			rest = append(rest, s)
		}
	}
	m.given = rest
	return own, parts
}

func (m *Manager) takeAll() []Socket {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.given
	m.given = nil
	return all
}

// inherited are the descriptors that the manager left open for this process, from first on.
func inherited(first int) (given []Socket) {
	if pid, err := strconv.Atoi(os.Getenv("LISTEN_PID")); err != nil || pid != os.Getpid() {
		return nil // it is another process that is meant
	}
	n, _ := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	names := strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	for i := range n {
		name := "unknown" // as sd_listen_fds_with_names(3) has it
		if i < len(names) && names[i] != "" {
			name = names[i]
		}
		syscall.CloseOnExec(first + i)
		given = append(given, Socket{name, os.NewFile(uintptr(first+i), name)})
	}
	return given
}
