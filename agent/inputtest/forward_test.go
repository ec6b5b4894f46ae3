package inputtest

import (
	"context"
	"testing"
	"time"

	"github.com/IBM/fluent-forward-go/fluent/client"
	"github.com/IBM/fluent-forward-go/fluent/protocol"
)

// TestForward: what was acknowledged is there once, however often the agent was killed.
func TestForward(t *testing.T) {
	address := freeAddress(t)
	r := newRig(t, "- {type: forward, listen: '"+address+"', shared_key_file: DIR/key, source: okta}\n")
	r.write("key", secretToken)
	r.start()
	sent := make(chan error)
	go func() { sent <- r.forward(t.Context(), address) }()
	r.crash(nil)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	r.exactlyOnce()
}

// forward sends all records in messages of ten, each again until it is acknowledged.
func (r *rig) forward(ctx context.Context, address string) error {
	var c *client.Client
	for i := 0; i < r.records; i += 10 {
		var entries protocol.EntryList
		for j := i; j < min(i+10, r.records); j++ {
			entries = append(entries, protocol.EntryExt{Timestamp: protocol.EventTimeNow(), Record: map[string]any{"log": record(j)}})
		}
		for ctx.Err() == nil {
			if c == nil {
				c = client.New(client.ConnectionOptions{
					Factory: &client.ConnFactory{Address: address}, RequireAck: true, ConnectionTimeout: patience, AuthInfo: client.AuthInfo{SharedKey: []byte(secretToken)},
				})
				if c.Connect() != nil || c.Handshake() != nil {
					_ = c.Disconnect()
					c = nil
					<-time.After(10 * time.Millisecond) // the agent is being started
					continue
				}
			}
			send := c.SendPacked
			if i/10%2 == 0 {
				send = c.SendCompressed
			}
			if send("audit", entries) == nil {
				break
			}
			_ = c.Disconnect()
			c = nil
		}
	}
	return ctx.Err()
}
