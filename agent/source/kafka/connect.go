package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/idwatch/idwatch/agent/secret"
	"github.com/idwatch/idwatch/agent/trust"
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
func dialer(caFile string, log *slog.Logger) (func(ctx context.Context, network, host string) (net.Conn, error), error) {
	authority, err := trust.Open(caFile, log)
	if err != nil {
		return nil, err
	}
	base := &net.Dialer{Timeout: dialTimeout}
	return func(ctx context.Context, network, host string) (net.Conn, error) {
		d := tls.Dialer{NetDialer: base, Config: authority.Config()}
		return d.DialContext(ctx, network, host)
	}, nil
}
