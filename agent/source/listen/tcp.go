package listen

import (
	"context"
	"net"
	"syscall"
)

// openTCP listens with so large a receive buffer for each connection. It has to be set before there is one: the window of TCP is
// agreed upon in the handshake.
func openTCP(network, address string, receive int) (net.Listener, error) {
	var c net.ListenConfig
	if receive > 0 {
		c.Control = func(_, _ string, raw syscall.RawConn) error {
			var failed error
			err := raw.Control(func(fd uintptr) {
				failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, receive)
			})
			if err != nil {
				return err
			}
			return failed
		}
	}
	return c.Listen(context.Background(), network, address)
}
