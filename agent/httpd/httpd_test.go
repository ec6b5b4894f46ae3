package httpd

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idwatch/idwatch/agent/waittest"
)

// start runs a server with a page until the test ends, and returns its address.
func start(t *testing.T, s Settings) string {
	t.Helper()
	s.Log = slog.New(slog.DiscardHandler)
	l, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	l.Handle("/page", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "the page") }))
	l.Handle("/panic", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") }))
	l.Handle("POST /size", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		}
	}))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); l.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	waittest.Until(t, "the port", func() bool { return l.Address() != "" })
	return l.Address()
}

// ask makes a request with headers, of which Host is one.
func ask(t *testing.T, c *http.Client, method, url string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body)
}

func TestGuards(t *testing.T) {
	address := start(t, Settings{Address: "127.0.0.1:0", Hosts: []string{"edge-1.example"}})
	_, port, _ := net.SplitHostPort(address)
	for _, c := range []struct {
		name, method, path string
		headers            []string
		want               int
	}{
		{"a program", "GET", "/page", nil, 200},
		{"localhost", "GET", "/page", []string{"Host", "localhost:" + port}, 200},
		{"a name that was allowed", "GET", "/page", []string{"Host", "Edge-1.example:" + port}, 200},
		{"a name that points here", "GET", "/page", []string{"Host", "evil.example:" + port}, 403},
		{"another address", "GET", "/page", []string{"Host", "192.0.2.1:" + port}, 403},
		{"no name", "GET", "/page", []string{"Host", ""}, 200}, // the client then sends the address
		{"typed into a browser", "GET", "/page", []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200},
		{"own page", "POST", "/page", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"link on another site", "GET", "/page", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200},
		{"frame on another site", "GET", "/page", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403},
		{"script of another site", "GET", "/page", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, 403},
		{"form on another site", "POST", "/page", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 403},
		{"old browser, form on another site", "POST", "/page", []string{"Origin", "https://evil.example"}, 403},
		{"nothing there", "GET", "/none", nil, 404},
		{"panic", "GET", "/panic", nil, 500},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, body := ask(t, http.DefaultClient, c.method, "http://"+address+c.path, c.headers...); got != c.want {
				t.Errorf("got %d, %q, want %d", got, body, c.want)
			}
		})
	}
}

func TestEveryAnswerHasThePolicy(t *testing.T) {
	address := start(t, Settings{Address: "127.0.0.1:0"})
	answer, err := http.Get("http://" + address + "/page")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	for name, want := range headers {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := answer.Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("CORS: got %q, want none", got)
	}
	answer, err = http.Post("http://"+address+"/size", "text/plain", bytes.NewReader(make([]byte, maxBody+1)))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("body too large: got %d", answer.StatusCode)
	}
}

// write puts a file that only its owner may read.
func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// certificate makes a certificate for localhost, its key, and a client that trusts it.
func certificate(t *testing.T) (cert, key string, client *http.Client) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	parsed, _ := x509.ParseCertificate(der)
	pool.AddCert(parsed)
	client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	t.Cleanup(client.CloseIdleConnections)
	return write(t, "cert", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		write(t, "key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})), client
}

func TestEveryAddressWithTLSAndToken(t *testing.T) {
	cert, key, client := certificate(t)
	secret := write(t, "token", []byte("0123456789abcdef\n"))
	_, port, _ := net.SplitHostPort(start(t, Settings{Address: "0.0.0.0:0", CertFile: cert, KeyFile: key, TokenFile: secret}))
	url := "https://127.0.0.1:" + port + "/page"
	if got, _ := ask(t, client, "GET", url); got != 401 {
		t.Errorf("without token: got %d, want 401", got)
	}
	if got, _ := ask(t, client, "GET", url, "Authorization", "Bearer 0123456789abcdee"); got != 401 {
		t.Errorf("wrong token: got %d, want 401", got)
	}
	if got, body := ask(t, client, "GET", url, "Authorization", "bearer 0123456789abcdef"); got != 200 || body != "the page" {
		t.Errorf("token: got %d, %q, want the page", got, body)
	}
	if got, _ := ask(t, client, "GET", "https://any:0123456789abcdef@127.0.0.1:"+port+"/page"); got != 200 {
		t.Errorf("token as password: got %d, want 200", got)
	}
}

func TestRefusedSettings(t *testing.T) {
	cert, key, _ := certificate(t)
	open := write(t, "token", []byte("0123456789abcdef"))
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		s    Settings
		want string
	}{
		{"no guard", Settings{Address: "0.0.0.0:1"}, "not loopback"},
		{"no token", Settings{Address: "192.0.2.1:1", CertFile: cert, KeyFile: key}, "not loopback"},
		{"no TLS", Settings{Address: "[::]:1", TokenFile: write(t, "t", []byte("0123456789abcdef"))}, "not loopback"},
		{"token for everybody", Settings{Address: "127.0.0.1:1", TokenFile: open}, "can be read by others (mode 0644)"},
		{"token that can be guessed", Settings{Address: "127.0.0.1:1", TokenFile: write(t, "t", []byte("hunter2"))}, "16 characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := New(c.s); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

// A port that somebody has is said once and tried again.
func TestBusyPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var talk bytes.Buffer
		l, err := New(Settings{Address: other.Addr().String(), Log: slog.New(slog.NewTextHandler(&talk, nil))})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); l.Run(ctx) }()
		time.Sleep(3 * retryEvery)
		synctest.Wait()
		if l.Problem() == nil || l.Address() != "" {
			t.Errorf("got %q, %v, want a problem", l.Address(), l.Problem())
		}
		other.Close()
		time.Sleep(retryEvery) // no longer: the bubble's clock stands still while somebody waits for a connection
		for l.Address() == "" {
			runtime.Gosched()
		}
		if l.Problem() != nil || l.Address() != other.Addr().String() {
			t.Errorf("after it was free: got %q, %v", l.Address(), l.Problem())
		}
		stop()
		<-ended // the log is read when nobody writes it
		if n := strings.Count(talk.String(), "level=ERROR"); n != 1 {
			t.Errorf("log: got %d errors, want 1:\n%s", n, talk.String())
		}
	})
}
