package listen

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/idwatch/idwatch/agent/secret"
	"github.com/idwatch/idwatch/agent/trust"
)

const maxPEM = 1 << 20

// identity is the server's certificate and the authority of its clients, as their files are now.
type identity struct {
	cert, key *secret.File[[]byte]
	clients   *secret.File[*x509.CertPool] // nil lets in clients without a certificate
	log       *slog.Logger

	mu      sync.Mutex
	certPEM []byte // what pair was made of
	keyPEM  []byte
	pair    *tls.Certificate
	told    string // the last fault logged
}

// serverTLS returns a configuration that follows changes of its files. What cannot be used leaves the former content in use.
func serverTLS(s Settings) (*tls.Config, error) {
	as := func(content []byte) ([]byte, error) { return content, nil }
	id := &identity{
		cert: &secret.File[[]byte]{Key: "cert_file", Path: s.CertFile, Limit: maxPEM, Public: true, Parse: as},
		key:  &secret.File[[]byte]{Key: "key_file", Path: s.KeyFile, Limit: maxPEM, Parse: as},
		log:  s.Log,
	}
	if s.ClientCAFile != "" {
		id.clients = &secret.File[*x509.CertPool]{Key: "client_ca_file", Path: s.ClientCAFile, Limit: maxPEM, Public: true, Parse: trust.Pool}
	}
	if _, err := id.config(); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		c, err := id.config()
		id.note(err)
		if c == nil {
			return nil, errors.New("no certificate")
		}
		return c, nil
	}}, nil
}

// config is the configuration of a new connection, and why it is not that of the files as they are now.
func (id *identity) config() (*tls.Config, error) {
	id.mu.Lock()
	defer id.mu.Unlock()
	err := id.load()
	if id.pair == nil {
		return nil, err
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*id.pair}}
	if id.clients != nil {
		roots, caErr := id.clients.Get()
		if roots == nil {
			return nil, caErr
		}
		err = errors.Join(err, caErr)
		c.ClientCAs, c.ClientAuth = roots, tls.RequireAndVerifyClientCert
	}
	return c, err
}

// load makes a pair of the files if they have changed. Between the writing of the one and of the other they do not fit: then
// the former pair stays.
func (id *identity) load() error {
	cert, err := id.cert.Get()
	if err != nil {
		return err
	}
	key, err := id.key.Get()
	if err != nil {
		return err
	}
	if id.pair != nil && bytes.Equal(cert, id.certPEM) && bytes.Equal(key, id.keyPEM) {
		return nil
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("cert_file %s and key_file %s: %w", id.cert.Path, id.key.Path, err)
	}
	id.pair, id.certPEM, id.keyPEM = &pair, cert, key
	return nil
}

// note logs a fault once.
func (id *identity) note(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	id.mu.Lock()
	changed := text != id.told
	id.told = text
	id.mu.Unlock()
	if changed && err != nil {
		id.log.Error("changed certificate not used", "err", err)
	}
}
