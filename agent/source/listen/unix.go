package listen

import (
	"errors"
	"io/fs"
	"net"
	"os"
)

var (
	errOther = errors.New("another process listens there")
	errFile  = errors.New("there is a file of that name that is no socket")
)

// openUnix listens on a path. A process that was killed leaves its socket there, which is removed.
func openUnix(path string, mode fs.FileMode) (net.Listener, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.Mode().Type() != fs.ModeSocket:
		return nil, &net.OpError{Op: "listen", Net: "unix", Addr: &net.UnixAddr{Name: path}, Err: errFile}
	default:
		if c, err := net.Dial("unix", path); err == nil {
			_ = c.Close()
			return nil, &net.OpError{Op: "listen", Net: "unix", Addr: &net.UnixAddr{Name: path}, Err: errOther}
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, mode); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}
