package elastic

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/elastic/estest"
)

// bulkServer answers bulk requests and GET / as Elasticsearch does, to whoever shows the key.
type bulkServer struct {
	key   atomic.Pointer[string]
	other bool // is not Elasticsearch
}

func (b *bulkServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if key := b.key.Load(); key != nil && r.Header.Get("Authorization") != *key {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if !b.other {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
	}
	if r.URL.Path == "/" {
		io.WriteString(w, `{"version":{"number":"8.19.4"}}`)
		return
	}
	n := strings.Count(plainText(r.Header, body), `{"create":`)
	io.WriteString(w, `{"errors":false,"items":[`+strings.TrimSuffix(strings.Repeat(itemCreated+",", n), ",")+`]}`)
}

// serveTLS starts a server with a certificate of the authority.
func serveTLS(t *testing.T, authority *estest.Authority, handler http.Handler) *httptest.Server {
	t.Helper()
	certificate, key, err := authority.Issue()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0) // of refused handshakes
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func newAuthority(t *testing.T) *estest.Authority {
	t.Helper()
	authority, err := estest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	return authority
}

func openTo(t *testing.T, s Settings) *Sender {
	t.Helper()
	sender, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sender.Close(t.Context()) })
	return sender
}

// What is wrong with a server is one line that says what to do.
func TestCheckErrors(t *testing.T) {
	authority := newAuthority(t)
	ours := writeFile(t, "ca.pem", string(authority.PEM))
	theirs := writeFile(t, "other.pem", string(newAuthority(t).PEM))
	key := writeFile(t, "key", "aWQ6Z2VoZWlt")
	locked := &bulkServer{}
	locked.key.Store(new(string))
	secure := serveTLS(t, authority, &bulkServer{})
	plain := httptest.NewServer(&bulkServer{})
	t.Cleanup(plain.Close)
	other := httptest.NewServer(&bulkServer{other: true})
	t.Cleanup(other.Close)
	lost := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(lost.Close)
	closed := closedPort(t)
	for name, test := range map[string]struct {
		settings Settings
		want     string
	}{
		"other authority":   {Settings{URLs: []string{secure.URL}, CAFile: theirs}, "not signed by the authority in " + theirs},
		"no authority":      {Settings{URLs: []string{secure.URL}}, "not signed by an authority of this system"},
		"https to http":     {Settings{URLs: []string{strings.Replace(plain.URL, "http:", "https:", 1)}}, "does not speak TLS: use http"},
		"http to https":     {Settings{URLs: []string{strings.Replace(secure.URL, "https:", "http:", 1)}}, "url"},
		"not Elasticsearch": {Settings{URLs: []string{other.URL}}, "not Elasticsearch (no X-Elastic-Product header): check url"},
		"not found":         {Settings{URLs: []string{lost.URL}}, "not Elasticsearch"},
		"nobody there":      {Settings{URLs: []string{closed}}, "cannot be reached (connect: connection refused)"},
		"key refused":       {Settings{URLs: []string{serveTLS(t, authority, locked).URL}, CAFile: ours, APIKeyFile: key}, "refuses the API key (401): put a valid key into " + key},
	} {
		t.Run(name, func(t *testing.T) {
			err := openTo(t, test.settings).Check(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if text := err.Error(); strings.Contains(text, "\n") || strings.Contains(text, "geheim") || strings.Contains(text, "Z2VoZWlt") {
				t.Errorf("got %q", text)
			}
		})
	}
	if err := openTo(t, Settings{URLs: []string{secure.URL}, CAFile: ours}).Check(t.Context()); err != nil {
		t.Errorf("right authority: %v", err)
	}
}

func TestExplainCertificates(t *testing.T) {
	s := &Settings{URLs: []string{"https://es:9200"}}
	for want, err := range map[string]error{
		"certificate is for another name":             x509.HostnameError{Certificate: &x509.Certificate{}, Host: "es"},
		"certificate has expired or is not valid yet": x509.CertificateInvalidError{Reason: x509.Expired},
		"certificate is not accepted":                 x509.CertificateInvalidError{Reason: x509.IncompatibleUsage},
	} {
		p := s.explain(&tls.CertificateVerificationError{Err: err})
		if !strings.Contains(p.line, want) || p.cause != misplaced {
			t.Errorf("got %q, want %q", p.line, want)
		}
	}
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

// replace puts a new file in the place of an old one, as those who rotate keys do.
func replace(t *testing.T, path, content string) {
	t.Helper()
	next := filepath.Join(filepath.Dir(path), "next")
	if err := os.WriteFile(next, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
}

func TestKeyAndAuthorityAreReadAgain(t *testing.T) {
	first, second := newAuthority(t), newAuthority(t)
	handler := &bulkServer{}
	server := serveTLS(t, second, handler)
	key := writeFile(t, "key", "b2xkOmtleQ==")
	ca := writeFile(t, "ca.pem", string(first.PEM))
	log := &logBuffer{}
	s := openTo(t, Settings{URLs: []string{server.URL}, CAFile: ca, APIKeyFile: key, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "not signed") {
		t.Fatalf("other authority: got %v", err)
	}
	replace(t, ca, string(second.PEM))
	if err := s.Check(t.Context()); err != nil {
		t.Fatalf("after the authority has changed: %v", err)
	}
	valid := "ApiKey bmV3OmtleQ=="
	handler.key.Store(&valid)
	if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "refuses the API key") {
		t.Fatalf("old key: got %v", err)
	}
	replace(t, key, "new:key")
	if err := s.Check(t.Context()); err != nil {
		t.Fatalf("after the key has changed: %v", err)
	}
	// A key that others can read now is not read: the one from before stays in use, and the log says so once.
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := s.Check(t.Context()); err != nil {
			t.Fatalf("after the file has become readable: %v", err)
		}
	}
	if n := strings.Count(log.String(), "can be read by others"); n != 1 {
		t.Errorf("got %d lines in the log, want 1: %s", n, log)
	}
}

// Over a real connection: TLS, compression, several nodes of which one is dead, memory used again.
func TestSendOverTheNetwork(t *testing.T) {
	authority := newAuthority(t)
	valid := "Basic bm9ib2R5OmdlaGVpbQ=="
	handler := &bulkServer{}
	handler.key.Store(&valid)
	server := serveTLS(t, authority, handler)
	for _, compression := range []string{"gzip", "none"} {
		s := openTo(t, Settings{
			URLs:         []string{strings.Replace(closedPort(t), "http:", "https:", 1), server.URL},
			CAFile:       writeFile(t, "ca.pem", string(authority.PEM)),
			Username:     "nobody",
			PasswordFile: writeFile(t, "password", "geheim\n"),
			Compression:  compression,
			Timeout:      10 * time.Second,
		})
		for range 20 {
			if refused, err := s.Send(t.Context(), testDocs(500)); err != nil || len(refused) > 0 {
				t.Fatalf("%s: got %v, %v", compression, refused, err)
			}
		}
		if got := s.Stats(); got.Delivered != 10000 || got.Failed > 1 {
			t.Errorf("%s: got %+v", compression, got)
		}
	}
}
