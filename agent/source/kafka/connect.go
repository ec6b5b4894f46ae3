package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/idwatch/idwatch/agent/secret"
	"github.com/idwatch/idwatch/agent/source"
)

const dialTimeout = 10 * time.Second

type (
	kmsgCommit    = kmsg.OffsetCommitRequest
	kmsgCommitted = kmsg.OffsetCommitResponse
)

func parsePassword(content []byte) (secret.Text, error) {
	password := strings.TrimRight(string(content), "\r\n")
	if password == "" {
		return secret.Text{}, errors.New("is empty: put the password there, alone")
	}
	return secret.New(password), nil
}

// credentials are read again for every connection.
func (r *Reader) credentials(context.Context) (plain.Auth, error) {
	password, err := r.password.Get()
	if password.Reveal() == "" {
		return plain.Auth{}, err
	}
	return plain.Auth{User: r.Username, Pass: password.Reveal()}, nil
}

// dialer connects over TLS.
func dialer(caFile string) (func(ctx context.Context, network, host string) (net.Conn, error), error) {
	config, err := source.Trust(caFile)
	if err != nil {
		return nil, err
	}
	d := &tls.Dialer{NetDialer: &net.Dialer{Timeout: dialTimeout}, Config: config}
	return d.DialContext, nil
}
