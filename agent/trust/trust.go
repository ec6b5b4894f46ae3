// Package trust says whose certificates a client believes: those of the system's authorities, or of the one in a file, which is read again
// when it changes.
package trust

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"sync"

	"github.com/idwatch/idwatch/agent/secret"
)

// MaxPEM is how large a file of certificates may be.
const MaxPEM = 4 << 20

// Authority is who has to have signed a server's certificate.
type Authority struct {
	file *secret.File[*x509.CertPool] // nil: the system's
	log  *slog.Logger

	mu   sync.Mutex
	told string // the last fault logged
}

// Open reads the PEM file that the key ca_file names; the system's authorities are believed when it is empty.
func Open(caFile string, log *slog.Logger) (*Authority, error) {
	a := &Authority{log: log}
	if caFile == "" {
		return a, nil
	}
	a.file = &secret.File[*x509.CertPool]{Key: "ca_file", Path: caFile, Limit: MaxPEM, Public: true, Parse: Pool}
	return a, a.file.Open()
}

// Pool reads the certificates of a PEM file.
func Pool(content []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, errors.New("holds no certificate: put the authority's certificate there, in PEM form")
	}
	return pool, nil
}

// Config is for a connection that is made now. A changed file that cannot be used leaves the former one in force.
func (a *Authority) Config() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if a.file != nil {
		var err error
		c.RootCAs, err = a.file.Get()
		a.note(err)
	}
	return c
}

// note logs a fault once.
func (a *Authority) note(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	a.mu.Lock()
	changed := text != a.told
	a.told = text
	a.mu.Unlock()
	if changed && err != nil {
		a.log.Error("changed authority not used", "err", err)
	}
}

// Transport makes requests over transports that dial makes, each for one content of the file.
func (a *Authority) Transport(dial func(c *tls.Config) *http.Transport) http.RoundTripper {
	return &transport{authority: a, dial: dial}
}

type transport struct {
	authority *Authority
	dial      func(c *tls.Config) *http.Transport

	mu    sync.Mutex
	now   *http.Transport
	roots *x509.CertPool // that now believes
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	return t.current().RoundTrip(r)
}

// current is the transport for the file as it is. Connections that were made before are used no more.
func (t *transport) current() *http.Transport {
	c := t.authority.Config()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now == nil || t.roots != c.RootCAs {
		if t.now != nil {
			t.now.CloseIdleConnections()
		}
		t.now, t.roots = t.dial(c), c.RootCAs
	}
	return t.now
}
