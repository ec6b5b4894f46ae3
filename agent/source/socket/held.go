package socket

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/idwatch/idwatch/agent/source/listen"
)

const (
	// mostHeld is the length at which a line that is not finished is taken into memory. The kernel's buffers have room for more.
	mostHeld = 64 << 10
	// stillAfter is how long such a line may stand still before it is taken. A buffer can be full of less than mostHeld, of a sender that
	// writes byte by byte for instance, and would stay so.
	stillAfter = time.Second
)

// held reads a connection and leaves the bytes in the kernel, for the next process to read again, until they are safe.
type held struct {
	*listen.Conn
	raw     syscall.RawConn
	seen    int    // bytes that were read and are in the kernel still
	taken   int64  // bytes of the stream that are not
	again   []byte // room for those that are looked at again
	through bool   // nothing is left in the kernel any more

	mu  sync.Mutex
	end time.Time // the deadline; none when zero
}

// SetReadDeadline implements net.Conn.
func (h *held) SetReadDeadline(t time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.end = t
	return h.Conn.SetReadDeadline(t)
}

// Read gives the bytes behind those that were read before.
func (h *held) Read(p []byte) (int, error) {
	if h.through || h.seen >= mostHeld {
		if err := h.take(h.seen); err != nil {
			return 0, err
		}
	}
	for {
		if err := h.bound(); err != nil {
			return 0, err
		}
		n, err := h.look(p)
		if errors.Is(err, os.ErrDeadlineExceeded) && !h.isOver() {
			if err := h.take(h.seen); err != nil {
				return 0, err
			}
			continue
		}
		h.seen += n
		return n, err
	}
}

// bound bounds the next look: an unfinished line is not waited with for long.
func (h *held) bound() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	until := h.end
	if still := time.Now().Add(stillAfter); h.seen > 0 && (until.IsZero() || still.Before(until)) {
		until = still
	}
	return h.Conn.SetReadDeadline(until)
}

func (h *held) isOver() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.end.IsZero() && !time.Now().Before(h.end)
}

// look waits until there is more than was seen. The runtime wakes it when something arrives, not as long as something is there.
func (h *held) look(p []byte) (n int, err error) {
	waited := h.raw.Read(func(fd uintptr) bool {
		n, err = h.peek(int(fd), p)
		if err == nil && n == 0 && h.seen > 0 && hasEnded(int(fd)) {
			if n, err = h.peek(int(fd), p); err == nil && n == 0 { // nothing came in between
				err = io.EOF
			}
		}
		return err != syscall.EAGAIN && (n > 0 || err != nil)
	})
	if waited != nil {
		return 0, waited
	}
	if err != nil && err != io.EOF {
		err = os.NewSyscallError("recvmsg", err)
	}
	return n, err
}

// peek gives what stands behind what was seen: nothing when that is nothing yet, io.EOF when nothing was seen and nothing will come.
func (h *held) peek(fd int, p []byte) (int, error) {
	for {
		n, _, _, _, err := unix.RecvmsgBuffers(fd, [][]byte{h.again[:h.seen], p}, nil, unix.MSG_PEEK|unix.MSG_DONTWAIT)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		}
		return max(0, n-h.seen), nil
	}
}

// hasEnded reports whether the sender writes no more.
func hasEnded(fd int) bool {
	asked := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
	n, err := unix.Poll(asked, 0)
	return err == nil && n > 0
}

// Safe implements source.Keeper.
func (h *held) Safe(offset int64) error {
	return h.take(int(min(max(offset-h.taken, 0), int64(h.seen))))
}

// Unkeep implements source.Keeper.
func (h *held) Unkeep() {
	h.through = true
	h.Conn.Unkeep()
}

// take takes the next n bytes, which were seen, out of the kernel.
func (h *held) take(n int) error {
	var failed error
	err := h.raw.Control(func(fd uintptr) {
		for n > 0 && failed == nil {
			var m int
			if m, failed = syscall.Read(int(fd), h.again[:min(n, len(h.again))]); failed == syscall.EINTR {
				failed = nil
			} else if failed == nil && m == 0 {
				failed = io.ErrUnexpectedEOF
			}
			m = max(m, 0)
			n, h.seen, h.taken = n-m, h.seen-m, h.taken+int64(m)
		}
	})
	return errors.Join(err, failed)
}
