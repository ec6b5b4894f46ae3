package forward

import (
	"crypto/rand"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"time"

	"github.com/tinylib/msgp/msgp"
)

const (
	// handshakeTimeout is how long a client has to prove that it knows the key.
	handshakeTimeout = 10 * time.Second
	maxHandshake     = 4 << 10
	nonceBytes       = 16
)

var (
	errPing = errors.New("no PING where one is due")
	errKey  = errors.New("shared keys differ")
)

// ping is what a client shows: that it knows the key, by a hash that holds for this connection only.
type ping struct{ hostname, salt, digest []byte }

// shakeHands sends HELO, reads PING, compares, and answers PONG.
func (s *Server) shakeHands(in *wire) error {
	_ = in.c.SetDeadline(time.Now().Add(handshakeTimeout))
	max := in.max
	in.max = maxHandshake
	defer func() {
		in.max = max
		_ = in.c.SetDeadline(time.Time{})
	}()
	nonce := make([]byte, nonceBytes)
	_, _ = rand.Read(nonce) // never fails
	if err := write(in.c, appendHelo(nil, nonce)); err != nil {
		return err
	}
	data, err := in.next()
	if err != nil {
		return err
	}
	p, err := parsePing(data)
	if err != nil {
		return err
	}
	key, err := s.key.Get()
	if err != nil && key.Reveal() == "" {
		return err
	}
	want := digest(p.salt, p.hostname, nonce, []byte(key.Reveal()))
	if subtle.ConstantTimeCompare(want, p.digest) != 1 {
		_ = write(in.c, appendPong(nil, "shared keys differ", "", nil))
		return errKey
	}
	return write(in.c, appendPong(nil, "", s.Hostname, digest(p.salt, []byte(s.Hostname), nonce, []byte(key.Reveal()))))
}

// digest is the hash that proves knowledge of the key, in hexadecimal.
func digest(salt, hostname, nonce, key []byte) []byte {
	h := sha512.New()
	for _, part := range [][]byte{salt, hostname, nonce, key} {
		h.Write(part)
	}
	return hex.AppendEncode(nil, h.Sum(nil))
}

func appendHelo(b, nonce []byte) []byte {
	b = msgp.AppendArrayHeader(b, 2)
	b = msgp.AppendString(b, "HELO")
	b = msgp.AppendMapHeader(b, 3)
	b = msgp.AppendBytes(msgp.AppendString(b, "nonce"), nonce)
	b = msgp.AppendBytes(msgp.AppendString(b, "auth"), nil) // no user names
	return msgp.AppendBool(msgp.AppendString(b, "keepalive"), true)
}

// appendPong appends the server's answer; a reason makes it a refusal.
func appendPong(b []byte, reason, hostname string, digest []byte) []byte {
	b = msgp.AppendArrayHeader(b, 5)
	b = msgp.AppendString(b, "PONG")
	b = msgp.AppendBool(b, reason == "")
	b = msgp.AppendString(b, reason)
	b = msgp.AppendString(b, hostname)
	return msgp.AppendStringFromBytes(b, digest)
}

// parsePing reads ["PING", hostname, salt, digest, user, password].
func parsePing(data []byte) (p ping, err error) {
	size, b, err := msgp.ReadArrayHeaderBytes(data)
	if err != nil || size < 4 {
		return p, errPing
	}
	var word []byte
	for _, part := range []*[]byte{&word, &p.hostname, &p.salt, &p.digest} {
		if *part, b, err = msgp.ReadMapKeyZC(b); err != nil {
			return p, errPing
		}
	}
	if string(word) != "PING" {
		return p, errPing
	}
	return p, nil
}
