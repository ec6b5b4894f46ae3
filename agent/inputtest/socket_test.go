package inputtest

import (
	"net"
	"testing"
	"time"
)

// TestSocket: a sender that, like Vault, sees only whether a write went through. What was on its way when the agent was killed may be
// missing; everything written between a connection and the next crash is there, nothing is there that was not sent, and nothing is damaged.
func TestSocket(t *testing.T) {
	r := newRig(t, "- {type: unix, path: DIR/s, source: okta}\n")
	path := r.path("s")
	r.start()
	last := 0 // the first record of the last connection
	next, stopped := 0, make(chan struct{})
	until := make(chan int)
	go func() { // writes up to the record it is told, over a new connection when the old one breaks
		defer close(stopped)
		var c net.Conn
		for end := range until {
			for next < end {
				if c == nil {
					if c, _ = net.Dial("unix", path); c == nil {
						<-time.After(5 * time.Millisecond) // the agent is being started
						continue
					}
					last = next
				}
				if _, err := c.Write([]byte(record(next) + "\n")); err != nil {
					c = nil
					continue
				}
				next++
			}
		}
		if c != nil {
			_ = c.Close()
		}
	}()
	for n := 1; n <= 3; n++ {
		until <- r.records * n / 4
		r.until("documents", func() bool { return r.documents() > r.records*(2*n-1)/8 }) // about half of what was written
		r.kill()
		r.start()
	}
	until <- r.records
	close(until)
	<-stopped
	r.until("the last connection's records", func() bool {
		r.documents()
		for i := last; i < r.records; i++ {
			if r.seen[recordID(i)] == 0 {
				return false
			}
		}
		return true
	})
	missing := 0
	for i := range r.records {
		if r.seen[recordID(i)] == 0 {
			missing++
		}
	}
	if got := len(r.seen); got != r.records-missing {
		t.Errorf("got %d documents, want %d: some were never sent", got, r.records-missing)
	}
	t.Logf("%d of %d records were on their way when the agent was killed, and are lost", missing, r.records)
}
