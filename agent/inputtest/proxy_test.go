package inputtest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// proxy stands before a counterpart and can cut all connections to it, as its restart would.
type proxy struct {
	t       *testing.T
	address string // of the proxy
	to      string

	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]bool
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	p := &proxy{t: t, address: freeAddress(t), to: to, open: map[net.Conn]bool{}}
	p.up()
	t.Cleanup(p.down)
	return p
}

// up lets connections through.
func (p *proxy) up() {
	p.t.Helper()
	l, err := net.Listen("tcp4", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.listener = l
	p.mu.Unlock()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(c)
		}
	}()
}

// down cuts all connections and refuses new ones.
func (p *proxy) down() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
	for c := range p.open {
		_ = c.Close()
	}
}

func (p *proxy) pass(c net.Conn) {
	up, err := net.Dial("tcp", p.to)
	if err != nil {
		_ = c.Close()
		return
	}
	for _, end := range []net.Conn{c, up} {
		p.note(end, true)
		defer p.note(end, false)
	}
	done := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{c, up}, {up, c}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			_ = way[0].Close()
			done <- struct{}{}
		}()
	}
	<-done
	<-done
}

func (p *proxy) note(c net.Conn, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if open {
		p.open[c] = true
	} else {
		delete(p.open, c)
	}
}
