package inputtest

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/source/socket"
)

// sender is, like Vault, one that sees only whether a write went through. It writes each record until that is so, as fast as it can, over
// a new connection when the old one breaks.
type sender struct {
	network, address string
	records          int
	last             int           // the first record of the last connection
	underWay         chan struct{} // gets something when an eighth of all records was written to a connection
	stopped          chan struct{}
}

func newSender(network, address string, records int) *sender {
	s := &sender{network: network, address: address, records: records, underWay: make(chan struct{}, 8), stopped: make(chan struct{})}
	go s.run()
	return s
}

func (s *sender) run() {
	defer close(s.stopped)
	var c net.Conn
	for next := 0; next < s.records; {
		if c == nil {
			if c, _ = net.Dial(s.network, s.address); c == nil {
				<-time.After(5 * time.Millisecond) // the agent is being started
				continue
			}
			if tcp, ok := c.(*net.TCPConn); ok {
				_ = tcp.SetWriteBuffer(sendBuffer) // Linux lets it grow to 4 MiB otherwise, which would hide what the agent costs
			}
			s.last = next
		}
		if _, err := c.Write([]byte(record(next) + "\n")); err != nil {
			_ = c.Close()
			c = nil
			continue
		}
		if next++; next-s.last == s.records/8 {
			s.underWay <- struct{}{}
		}
	}
	_ = c.Close()
}

const (
	sendBuffer  = 16 << 10
	leastInFlow = 8000 // records that are more than all buffers hold
)

// socketCase is an input of this kind.
type socketCase struct {
	input, network, address string
	onItsWay                int // bytes that a kill can cost: what is read and not on the disk yet, and what the kernels keep
}

func socketCases(t *testing.T) map[string]socketCase {
	address := freeAddress(t)
	return map[string]socketCase{
		"unix": {"- {type: unix, path: DIR/s, source: okta}\n", "unix", "DIR/s", socket.ReadBytes + 208<<10},
		"tcp":  {"- {type: tcp, listen: '" + address + "', source: okta}\n", "tcp", address, socket.ReadBytes + 2*socket.ReceiveBuffer + 2*sendBuffer},
	}
}

// interrupt has a sender write to the agent at full speed, ends the agent three times meanwhile, and returns how many records are missing.
func (c *socketCase) interrupt(t *testing.T, end func(r *rig)) (r *rig, lost int) {
	t.Helper()
	r = newRig(t, c.input)
	r.records, r.cutLines = max(r.records, leastInFlow), c.network == "tcp"
	r.start()
	s := newSender(c.network, strings.Replace(c.address, "DIR", r.dir, 1), r.records)
	for range 3 {
		select {
		case <-s.underWay:
			end(r)
			r.start()
		case <-s.stopped: // all is written: it was faster
		}
	}
	lost = r.missing(s)
	t.Logf("%d of %d records, %d bytes, were on their way when the agent ended three times", lost, r.records, lost*(len(record(0))+1))
	return r, lost
}

// TestSocketKilled: what was on its way when the agent was killed may be missing, and that is little; everything written between a
// connection and the next crash is there, nothing is there that was not sent, and nothing is damaged.
func TestSocketKilled(t *testing.T) {
	for name, c := range socketCases(t) {
		t.Run(name, func(t *testing.T) {
			_, lost := c.interrupt(t, (*rig).kill)
			if got, most := lost*(len(record(0))+1), 3*c.onItsWay; got > most {
				t.Errorf("%d bytes of records are lost after three kills, want %d at most", got, most)
			}
		})
	}
}

// TestSocketStopped: an agent that is told to end takes all that was written to a unix socket. Over TCP the sender does not hear of the end
// in time, and what it writes in that moment is on its way as with a kill.
func TestSocketStopped(t *testing.T) {
	for name, c := range socketCases(t) {
		t.Run(name, func(t *testing.T) {
			r, lost := c.interrupt(t, (*rig).stop)
			if name == "unix" {
				r.exactlyOnce()
			} else if got, most := lost*(len(record(0))+1), 3*c.onItsWay; got > most {
				t.Errorf("%d bytes of records are lost after three ends, want %d at most", got, most)
			}
		})
	}
}

// missing waits for what the last connection brought, and returns how many records are missing.
func (r *rig) missing(s *sender) (lost int) {
	r.t.Helper()
	<-s.stopped
	r.until("the last connection's records", func() bool {
		r.documents()
		for i := s.last; i < r.records; i++ {
			if r.seen[recordID(i)] == 0 {
				return false
			}
		}
		return true
	})
	for i := range r.records {
		if r.seen[recordID(i)] == 0 {
			lost++
		}
	}
	if got := len(r.seen); got != r.records-lost {
		r.t.Errorf("got %d documents, want %d: some were never sent", got, r.records-lost)
	}
	return lost
}
