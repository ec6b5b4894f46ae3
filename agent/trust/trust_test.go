package trust

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/agent/elastic/estest"
)

// A changed file counts for the next request; one that cannot be used leaves the former content in force, and is told of once.
func TestFileIsReadAgain(t *testing.T) {
	authority, err := estest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := estest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	server := serve(t, authority)
	path := filepath.Join(t.TempDir(), "ca.pem")
	replace(t, path, stranger.PEM)
	var told bytes.Buffer
	a, err := Open(path, slog.New(slog.NewTextHandler(&told, nil)))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: a.Transport(func(c *tls.Config) *http.Transport { return &http.Transport{TLSClientConfig: c} })}
	defer client.CloseIdleConnections()
	ask := func() error {
		res, err := client.Get(server.URL)
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		return err
	}
	if err := ask(); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("another authority: got %v", err)
	}
	replace(t, path, authority.PEM)
	if err := ask(); err != nil {
		t.Errorf("after the file has changed: %v", err)
	}
	replace(t, path, []byte("rubbish"))
	for range 3 {
		if err := ask(); err != nil {
			t.Errorf("while the file is damaged: %v", err)
		}
	}
	if n := strings.Count(told.String(), "holds no certificate"); n != 1 {
		t.Errorf("told %d times, want once: %s", n, &told)
	}
	replace(t, path, stranger.PEM)
	if err := ask(); err == nil {
		t.Error("an authority that the file no longer names was believed")
	}
}

func TestBadFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ca.pem")
	if _, err := Open(path, slog.Default()); err == nil || !strings.HasPrefix(err.Error(), "ca_file "+path+": no such file") {
		t.Errorf("no file: got %v", err)
	}
	replace(t, path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}))
	if _, err := Open(path, slog.Default()); err == nil || !strings.Contains(err.Error(), "holds no certificate") {
		t.Errorf("a key: got %v", err)
	}
}

func serve(t *testing.T, by *estest.Authority) *httptest.Server {
	t.Helper()
	certificate, key, err := by.Issue()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// replace puts a file into place by renaming.
func replace(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
