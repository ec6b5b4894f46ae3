package escalate

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/idwatch/idwatch/agent/secret"
	"github.com/idwatch/idwatch/agent/trust"
)

// Target is somebody who can be told.
type Target struct {
	Name       string
	URL        string // either this
	URLFile    string // or a file that holds it, since the address of a Slack webhook is its secret
	Kind       string // Generic or Slack
	CAFile     string // authority of the receiver's certificate; the system's when empty
	SecretFile string // signs bodies, so that the receiver knows who tells it
	Wait       time.Duration

	address *secret.File[secret.Text]
	secret  *secret.File[secret.Text]
	client  *http.Client
}

// SignatureHeader has "sha256=" and the HMAC of the body with the target's secret, in hex.
const SignatureHeader = "X-Idwatch-Signature"

const (
	attemptTimeout = 15 * time.Second
	maxAnswer      = 64 << 10
)

func (t *Target) open(log *slog.Logger) error {
	authority, err := trust.Open(t.CAFile, log)
	if err != nil {
		return err
	}
	t.client = newClient(authority)
	if t.URLFile != "" {
		t.address = &secret.File[secret.Text]{Key: "url_file", Path: t.URLFile, Parse: parseURL}
		if err := t.address.Open(); err != nil {
			return err
		}
	} else if _, err := parseURL([]byte(t.URL)); err != nil {
		return fmt.Errorf("url %w", err)
	}
	if t.SecretFile != "" {
		t.secret = &secret.File[secret.Text]{Key: "secret_file", Path: t.SecretFile, Parse: parseSecret}
		return t.secret.Open()
	}
	return nil
}

func parseURL(content []byte) (secret.Text, error) {
	text := strings.TrimSpace(string(content))
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return secret.Text{}, errors.New("is no address such as https://host/path")
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && !strings.EqualFold(u.Hostname(), "localhost") && (ip == nil || !ip.IsLoopback()) {
		return secret.Text{}, errors.New("has to be https, but on this machine")
	}
	return secret.New(text), nil
}

func parseSecret(content []byte) (secret.Text, error) {
	text := strings.TrimSpace(string(content))
	if len(text) < 16 {
		return secret.Text{}, errors.New("want a secret of 16 characters and more")
	}
	return secret.New(text), nil
}

// newClient makes a client that follows no redirect: it would tell somebody else.
func newClient(authority *trust.Authority) *http.Client {
	return &http.Client{
		Timeout: attemptTimeout,
		Transport: authority.Transport(func(c *tls.Config) *http.Transport {
			t := http.DefaultTransport.(*http.Transport).Clone()
			t.TLSClientConfig = c
			return t
		}),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post makes one attempt. Its error does not name the address.
func post(ctx context.Context, t *Target, m *Message) error {
	body, err := m.body(t.Kind)
	if err != nil {
		return err
	}
	address := t.URL
	if t.address != nil {
		known, _ := t.address.Get() // while the file cannot be read it is what it was
		address = known.Reveal()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("make request")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "idwatch")
	if t.secret != nil {
		key, _ := t.secret.Get()
		mac := hmac.New(sha256.New, []byte(key.Reveal()))
		mac.Write(body)
		r.Header.Set(SignatureHeader, "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	answer, err := t.client.Do(r)
	if err != nil {
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err // the outer one quotes the address
		}
		return fmt.Errorf("cannot be reached: %w", err)
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, maxAnswer)
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("answers with status %d", answer.StatusCode)
	}
	return nil
}
