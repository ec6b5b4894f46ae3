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

// maxPEM is how large a file of certificates may be.
const maxPEM = 4 << 20

// Authority is who has to have signed a server's certificate.
type Authority struct {
	file *secret.File[*x509.CertPool] // nil: the system's
	note func(error)
}

// Key is the configuration's key of the file.
const Key = "ca_file"

// Open reads the PEM file that the key ca_file names; the system's authorities are believed when it is empty. A fault later on is logged once.
func Open(caFile string, log *slog.Logger) (*Authority, error) {
	return OpenNoting(caFile, (&faults{log: log}).note)
}

// OpenNoting is Open where note hears, for each connection, whether the file could be read: nil when it could.
func OpenNoting(caFile string, note func(error)) (*Authority, error) {
	a := &Authority{note: note}
	if caFile == "" {
		return a, nil
	}
	a.file = &secret.File[*x509.CertPool]{Key: Key, Path: caFile, Limit: maxPEM, Public: true, Parse: Pool}
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

// faults logs each fault once.
type faults struct {
	log *slog.Logger

	mu   sync.Mutex
	told string // the last one
}

func (f *faults) note(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	f.mu.Lock()
	changed := text != f.told
	f.told = text
	f.mu.Unlock()
	if changed && err != nil {
		f.log.Error("changed authority not used", "err", err)
	}
}

// Transport makes requests over transports that dial makes, each for one content of the file.
func (a *Authority) Transport(dial func(c *tls.Config) *http.Transport) *Transport {
	return &Transport{authority: a, dial: dial}
}

// Transport is an http.RoundTripper that follows changes of an authority.
type Transport struct {
	authority *Authority
	dial      func(c *tls.Config) *http.Transport

	mu    sync.Mutex
	now   *http.Transport
	roots *x509.CertPool // that now believes
}

// CloseIdleConnections closes the connections that nobody uses now.
func (t *Transport) CloseIdleConnections() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now != nil {
		t.now.CloseIdleConnections()
	}
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	return t.current().RoundTrip(r)
}

// current is the transport for the file as it is. Connections that were made before are used no more.
func (t *Transport) current() *http.Transport {
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
