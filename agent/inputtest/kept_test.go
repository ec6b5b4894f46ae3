package inputtest

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/agent/supervise/supervisetest"
)

const leastKept = 20_000

// TestSocketKept: with a service manager that keeps the sockets, a sender that writes each record once, over one connection, notices
// nothing of five kills and a restart of the agent, and each record is there.
func TestSocketKept(t *testing.T) {
	for name, c := range socketCases(t) {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, strings.Replace(c.input, "okta", "vault", 1))
			r.records, r.manager = max(r.records, leastKept), supervisetest.New(t)
			r.start()
			r.ready()
			written := make(chan error, 1)
			go func() { written <- writeOnce(c.network, strings.Replace(c.address, "DIR", r.dir, 1), r.records) }()
			for n := 1; n <= 6; n++ {
				r.until("documents", func() bool { return r.documents() >= r.records*n/7 })
				if n < 6 {
					r.kill()
				} else {
					r.ready()
					r.stop()
				}
				r.start()
			}
			if err := <-written; err != nil {
				t.Fatalf("the sender saw the agent end: %v", err)
			}
			r.exactlyOnce()
			r.until("the connection to be given up", func() bool { return len(r.manager.Kept()) == 1 })
			r.ready()
			r.stop()
		})
	}
}

// ready waits until the agent says that it is.
func (r *rig) ready() {
	r.t.Helper()
	r.until("the agent to be ready", func() bool { return r.manager.Heard("READY=1") })
}

// writeOnce is a sender that has one connection and writes nothing twice.
func writeOnce(network, address string, records int) error {
	c, err := net.Dial(network, address)
	if err != nil {
		return err
	}
	for i := range records {
		if _, err := fmt.Fprintln(c, vaultRecord(i)); err != nil {
			return err
		}
	}
	return c.Close()
}

// vaultRecord is Vault's, with a number.
func vaultRecord(i int) string {
	return fmt.Sprintf(`{"time":"2026-09-01T08:%02d:%02d.%03dZ","type":"response","auth":{"accessor":"hmac-sha256:%d","display_name":"ldap-user%d",`+
		`"policies":["default"],"entity_id":"e-%d"},"request":{"id":%q,"operation":"read","mount_type":"kv","path":"secret/data/app%d",`+
		`"remote_address":"192.0.2.%d"},"response":{"mount_type":"kv"}}`, i/60000%60, i/1000%60, i%1000, i%50, i%50, i%50, recordID(i), i%20, i%250)
}
