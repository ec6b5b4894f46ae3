// Package estest gives tests a real Elasticsearch: one server, with TLS and a password, shared by all test binaries that run
// at the same time and stopped soon after the last of them. A test that stops and kills it starts one of its own.
//
// The server is the small distribution that Elastic publishes for integration tests. It has bulk, search, templates, data streams
// and security, and lacks ingest pipelines, ILM, scripts, ES|QL, match_only_text and constant_keyword, GET / and API keys.
package estest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server says how to reach a running Elasticsearch. One that is shared has tests keep apart by namespaces or index names of their own.
type Server struct {
	URL          string `json:"url"`
	CAFile       string `json:"ca_file"`
	Username     string `json:"username"`
	PasswordFile string `json:"password_file"`
}

// shared finds or starts the server once for each test binary.
var shared = sync.OnceValues(join)

// Start returns a running server. With -short it skips the test.
func Start(t testing.TB) *Server {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a real Elasticsearch")
	}
	s, err := shared()
	if err != nil {
		t.Fatalf("real Elasticsearch: %v", err)
	}
	return s
}

// Call makes a request as the server's user and returns status and body of the answer.
func (s *Server) Call(t testing.TB, method, path, body string) (int, string) {
	t.Helper()
	status, answer, err := s.Ask(t.Context(), method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return status, answer
}

// Ask is Call for a server that may not be there.
func (s *Server) Ask(ctx context.Context, method, path, body string) (int, string, error) {
	client, password, err := s.client()
	if err != nil {
		return 0, "", err
	}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.SetBasicAuth(s.Username, password)
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, string(answer), err
}

// client makes a client that trusts the server's authority and no other.
func (s *Server) client() (*http.Client, string, error) {
	authority, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, "", err
	}
	password, err := os.ReadFile(s.PasswordFile)
	if err != nil {
		return nil, "", err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, "", errors.New("the server's authority cannot be read")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	return &http.Client{Transport: transport}, string(bytes.TrimSpace(password)), nil
}

// alive reports whether the server answers to its user.
func (s *Server) alive() error {
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	status, _, err := s.Ask(ctx, http.MethodGet, "/_cluster/health", "")
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d", status)
	}
	return err
}
