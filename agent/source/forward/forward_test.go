package forward

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/IBM/fluent-forward-go/fluent/client"
	"github.com/IBM/fluent-forward-go/fluent/protocol"
	"github.com/tinylib/msgp/msgp"

	"github.com/idwatch/idwatch/agent/elastic/estest"
	"github.com/idwatch/idwatch/agent/source/listen"
	"github.com/idwatch/idwatch/agent/source/sourcetest"
	"github.com/idwatch/idwatch/agent/waittest"
)

const theKey = "0123456789abcdef0123"

func run(t *testing.T, to *sourcetest.Taker, change func(s *Settings)) *Server {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	s := Settings{
		Listen:     listen.Settings{Network: "tcp", Address: "127.0.0.1:0", MaxConnections: 16, Log: log},
		MaxMessage: 1 << 20, MaxInflated: 2 << 20, Hostname: "idwatch", Taker: to, Log: log,
	}
	if change != nil {
		change(&s)
	}
	srv, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- srv.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return srv
}

// connect returns a client of others' making, with the key when there is one.
func connect(t *testing.T, s *Server, key string, roots *x509.CertPool) (*client.Client, error) {
	t.Helper()
	options := client.ConnectionOptions{RequireAck: true, ConnectionTimeout: 20 * time.Second}
	factory := &client.ConnFactory{Address: s.Addr().String()}
	if roots != nil {
		factory.TLSConfig = &tls.Config{RootCAs: roots}
	}
	options.Factory = factory
	if key != "" {
		options.AuthInfo = client.AuthInfo{SharedKey: []byte(key)}
	}
	c := client.New(options)
	c.Hostname = "client.example"
	if err := c.Connect(); err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = c.Disconnect() })
	if key == "" {
		return c, nil
	}
	return c, c.Handshake()
}

func entry(n int) protocol.EntryExt {
	return protocol.EntryExt{Timestamp: protocol.EventTimeNow(), Record: map[string]any{"log": fmt.Sprintf(`{"n":%d}`, n)}}
}

// Every mode of the protocol, each acknowledged, over plain connections and over TLS with a shared key.
func TestModes(t *testing.T) {
	dir := t.TempDir()
	authority, err := estest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := authority.Issue()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"cert": cert, "key": key, "shared": []byte(theKey + "\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.PEM)
	for name, c := range map[string]struct {
		key    string
		roots  *x509.CertPool
		change func(s *Settings)
	}{
		"plain": {},
		"TLS and shared key": {theKey, roots, func(s *Settings) {
			s.SharedKeyFile, s.Listen.CertFile, s.Listen.KeyFile = dir+"/shared", dir+"/cert", dir+"/key"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			to := &sourcetest.Taker{}
			s := run(t, to, c.change)
			cl, err := connect(t, s, c.key, c.roots)
			if err != nil {
				t.Fatal(err)
			}
			err = errors.Join(
				cl.SendMessage("a", map[string]any{"log": `{"n":1}`}),
				cl.SendMessageExt("a", map[string]any{"message": `{"n":2}`}),
				cl.SendForward("a", protocol.EntryList{entry(3), entry(4)}),
				cl.SendPacked("a", protocol.EntryList{entry(5)}),
				cl.SendCompressed("a", protocol.EntryList{entry(6), entry(7)}),
			)
			if err != nil {
				t.Error(err)
			}
			if want := `{"n":1}|{"n":2}|{"n":3}|{"n":4}|{"n":5}|{"n":6}|{"n":7}`; to.Got() != want {
				t.Errorf("got %s, want %s", to.Got(), want)
			}
		})
	}
}

func TestWrongKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(theKey), 0o600); err != nil {
		t.Fatal(err)
	}
	to := &sourcetest.Taker{}
	s := run(t, to, func(s *Settings) { s.SharedKeyFile = path })
	if _, err := connect(t, s, "some other key of theirs", nil); err == nil {
		t.Error("a client with another key was let in")
	}
	c, err := connect(t, s, "", nil) // one that does not even wait for the handshake
	if err == nil {
		err = c.SendForward("a", protocol.EntryList{entry(1)})
	}
	if err == nil || to.Got() != "" {
		t.Errorf("a client without a key: got %v, %q", err, to.Got())
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(s.Settings); err == nil || !strings.HasPrefix(err.Error(), "shared_key_file "+path+": holds a key of less than 16") {
		t.Errorf("got %v", err)
	}
}

// An acknowledgement waits until the records are safe, and messages behind it do not wait for it.
func TestAcknowledgesWhenSafe(t *testing.T) {
	to := &sourcetest.Taker{}
	to.Hold(true)
	s := run(t, to, nil)
	c := dial(t, s)
	write := func(n int) {
		t.Helper()
		if _, err := c.Write(packed(fmt.Sprintf("id%d", n), fmt.Sprintf(`{"n":%d}`, n))); err != nil {
			t.Fatal(err)
		}
	}
	write(1)
	write(2)
	waittest.Until(t, "both messages", func() bool { return to.Got() == `{"n":1}|{"n":2}` })
	_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := c.Read(make([]byte, 1)); n > 0 || err == nil {
		t.Error("acknowledged what was not safe")
	}
	to.Hold(false)
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	seen := map[string]bool{}
	for r := msgp.NewReader(c); len(seen) < 2; {
		var ack protocol.AckMessage
		if err := ack.DecodeMsg(r); err != nil {
			t.Fatal(err)
		}
		seen[ack.Ack] = true
	}
	if !seen["id1"] || !seen["id2"] {
		t.Errorf("acknowledged: got %v", seen)
	}
}

// While there is no room nothing is acknowledged and nothing lost.
func TestBackPressure(t *testing.T) {
	to := &sourcetest.Taker{}
	to.Fill(true)
	s := run(t, to, nil)
	cl, err := connect(t, s, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	acked := make(chan error, 1)
	go func() { acked <- cl.SendPacked("a", protocol.EntryList{entry(1)}) }()
	select {
	case err := <-acked:
		t.Fatalf("acknowledged what was not taken: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	to.Fill(false)
	if err := <-acked; err != nil || to.Got() != `{"n":1}` {
		t.Errorf("got %v, %s", err, to.Got())
	}
}

// What cannot be read becomes a dead letter and is acknowledged, for it would come again as it is.
func TestUnreadableRecords(t *testing.T) {
	for name, c := range map[string]struct {
		message []byte
		want    string
	}{
		"damaged gzip":        {compressed("gzip", []byte("\x1f\x8b no gzip")), "Forward chunk: inflate message: "},
		"unknown compression": {compressed("lzma", []byte("x")), "Forward chunk: message is compressed in an unknown way; 1 bytes, base64: eA=="},
		"no record":           {compressed("", []byte{0xc0}), "Forward chunk: no record starts here; 1 bytes, base64: wA=="},
	} {
		t.Run(name, func(t *testing.T) {
			to := &sourcetest.Taker{}
			conn := dial(t, run(t, to, nil))
			if _, err := conn.Write(c.message); err != nil {
				t.Fatal(err)
			}
			var ack protocol.AckMessage
			if err := ack.DecodeMsg(msgp.NewReader(conn)); err != nil || ack.Ack != "id" {
				t.Errorf("got %v, %q", err, ack.Ack)
			}
			if !strings.HasPrefix(to.Got(), c.want) {
				t.Errorf("got %q, want %q", to.Got(), c.want)
			}
		})
	}
}

// What is not the protocol ends the connection, soon and without a trace of it in memory.
func TestOtherBytes(t *testing.T) {
	for name, bytes := range map[string][]byte{
		"HTTP":      []byte("GET / HTTP/1.1\r\n\r\n"),
		"no msgp":   {0xc1},
		"a number":  {0x07},
		"one part":  {0x91, 0xa1, 'a'},
		"too large": append([]byte{0x92, 0xa1, 'a', 0xc6, 0x7f, 0xff, 0xff, 0xff}, make([]byte, 2<<20)...),
	} {
		t.Run(name, func(t *testing.T) {
			to := &sourcetest.Taker{}
			conn := dial(t, run(t, to, nil))
			_, _ = conn.Write(bytes)
			_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
			if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("got %v, want a closed connection", err)
			}
			if to.Got() != "" {
				t.Errorf("taken: %q", to.Got())
			}
		})
	}
}

func TestHeartbeatAndMetrics(t *testing.T) {
	to := &sourcetest.Taker{}
	conn := dial(t, run(t, to, nil))
	metrics := msgp.AppendMapHeader([]byte{0x93, 0xa1, 'a', 0xc4, 1, 0xc0}, 2)
	metrics = msgp.AppendInt(msgp.AppendString(metrics, "fluent_signal"), 1)
	metrics = msgp.AppendString(msgp.AppendString(metrics, "chunk"), "m")
	if _, err := conn.Write(append([]byte{0xc0}, metrics...)); err != nil {
		t.Fatal(err)
	}
	var ack protocol.AckMessage
	if err := ack.DecodeMsg(msgp.NewReader(conn)); err != nil || ack.Ack != "m" || to.Got() != "" {
		t.Errorf("got %v, %q, %q", err, ack.Ack, to.Got())
	}
}

// packed is a message with one line and an id.
func packed(id, line string) []byte {
	entry := append([]byte{0x92, 0x01}, msgp.AppendString(msgp.AppendString([]byte{0x81}, "log"), line)...)
	b := msgp.AppendBytes(msgp.AppendString([]byte{0x93}, "tag"), entry)
	return msgp.AppendString(msgp.AppendString(append(b, 0x81), "chunk"), id)
}

func compressed(how string, entries []byte) []byte {
	b := msgp.AppendBytes(msgp.AppendString([]byte{0x93}, "tag"), entries)
	b = msgp.AppendString(msgp.AppendString(append(b, 0x82), "chunk"), "id")
	return msgp.AppendString(msgp.AppendString(b, "compressed"), how)
}

func dial(t *testing.T, s *Server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// A message is read the same however it comes: what is accepted has entries that lie within it, and an id that was there.
func FuzzParse(f *testing.F) {
	f.Add(packed("id", "{}"))
	f.Add(compressed("gzip", []byte("x")))
	f.Add([]byte{0x93, 0xa1, 'a', 0x91, 0x92, 0x01, 0x80, 0xc0})
	f.Add([]byte{0x94, 0xa1, 'a', 0x01, 0x80, 0x80})
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parse(data)
		if err != nil {
			return
		}
		if len(m.entries) > len(data)+1 || len(m.id) > len(data) || len(m.id) > maxID {
			t.Errorf("got %d bytes of entries, %d of id from %d", len(m.entries), len(m.id), len(data))
		}
		if content, err := m.inflate(1 << 16); err == nil && len(content) > 1<<16 && m.compressed != "" {
			t.Errorf("inflated to %d", len(content))
		}
	})
}
