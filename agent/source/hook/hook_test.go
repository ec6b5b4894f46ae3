package hook

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/idwatch/idwatch/agent/elastic/estest"
	"github.com/idwatch/idwatch/agent/source/listen"
	"github.com/idwatch/idwatch/agent/source/sourcetest"
	"github.com/idwatch/idwatch/parsers"
)

const theToken = "0123456789abcdef0123"

// rig is a server that runs.
type rig struct {
	t      *testing.T
	taker  *sourcetest.Taker
	server *Server
	client *http.Client
	url    string
	stop   func() // begins the end
}

func newRig(t *testing.T, change func(s *Settings)) *rig {
	t.Helper()
	r := &rig{t: t, taker: &sourcetest.Taker{}, client: http.DefaultClient}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	token := filepath.Join(t.TempDir(), "token")
	write(t, token, theToken+"\n")
	s := Settings{
		Listen: listen.Settings{Network: "tcp", Address: "127.0.0.1:0", MaxConnections: 16, Log: log}, Path: "/in/", TokenFile: token, Header: "Authorization",
		MaxBody: 64 << 10, Timeout: 30 * time.Second, Taker: r.taker, TooMuch: parsers.ErrBomb, Log: log,
		Split: func(body io.Reader, emit func([]byte, int64) error) error {
			return parsers.SplitUpTo(1<<20, body, emit)
		},
	}
	if change != nil {
		change(&s)
	}
	var err error
	if r.server, err = Open(s); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	r.stop = stop
	ended := make(chan error, 1)
	go func() { ended <- r.server.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	r.url = "http://" + r.server.Addr().String() + "/in/x"
	return r
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// do makes a request and returns status and body of the answer.
func (r *rig) do(method, body string, headers ...string) (int, string, http.Header) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	return res.StatusCode, strings.TrimSpace(string(text)), res.Header
}

func TestForms(t *testing.T) {
	compress := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, text)
		_ = z.Close()
		return b.String()
	}
	zip, _ := zstd.NewWriter(nil)
	r := newRig(t, nil)
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"lines":       {"{\"a\":1}\n\n{\"a\":2}\r\n", []string{`{"a":1}`, `{"a":2}`}},
		"array":       {`[{"a":1},{"a":2}]`, []string{`{"a":1}`, `{"a":2}`}},
		"event hook":  {`{"eventType":"com.okta.event_hook","data":{"events":[{"uuid":"1"},{"uuid":"2"}]}}`, []string{`{"uuid":"1"}`, `{"uuid":"2"}`}},
		"EventBridge": {`{"detail-type":"AWS API Call via CloudTrail","detail":{"eventID":"1"}}`, []string{`{"detail-type":"AWS API Call via CloudTrail","detail":{"eventID":"1"}}`}},
		"gzip":        {compress(`{"a":1}`), []string{`{"a":1}`}},
		"zstd":        {string(zip.EncodeAll([]byte("{\"a\":1}\n{\"a\":2}"), nil)), []string{`{"a":1}`, `{"a":2}`}},
		"no JSON":     {"hello\nworld", []string{"hello", "world"}},
		"nothing":     {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(r.taker.Records())
			status, text, _ := r.do("POST", c.body, "Authorization", theToken)
			if got := r.taker.Records()[before:]; status != 200 || !slices.Equal(got, c.want) {
				t.Errorf("got %d %s, %q, want %q", status, text, got, c.want)
			}
		})
	}
}

// Every refusal is one line that shows nothing of the request, and nothing is taken.
func TestRefusals(t *testing.T) {
	bomb := new(bytes.Buffer)
	z := gzip.NewWriter(bomb)
	_, _ = z.Write(bytes.Repeat([]byte(" "), 2<<20))
	_ = z.Close()
	for name, c := range map[string]struct {
		method, body string
		headers      []string
		status       int
		want         string
	}{
		"no token":         {"POST", "{}", nil, 401, "no or wrong token"},
		"wrong token":      {"POST", "{}", []string{"Authorization", "Bearer geheim"}, 401, "no or wrong token"},
		"half a token":     {"POST", "{}", []string{"Authorization", theToken[:10]}, 401, "no or wrong token"},
		"method":           {"PUT", "{}", []string{"Authorization", theToken}, 405, "want POST"},
		"GET":              {"GET", "", nil, 405, "want POST"},
		"encoding":         {"POST", "{}", []string{"Authorization", theToken, "Content-Encoding", "br"}, 415, "want gzip, zstd or no encoding"},
		"large":            {"POST", strings.Repeat("x", 65<<10), []string{"Authorization", theToken}, 413, "body is too large"},
		"bomb":             {"POST", bomb.String(), []string{"Authorization", theToken}, 413, "body inflates to too much"},
		"damaged gzip":     {"POST", bomb.String()[:200], []string{"Authorization", theToken}, 400, "body cannot be read to its end"},
		"long challenge":   {"GET", "", []string{"X-Okta-Verification-Challenge", strings.Repeat("x", 2000)}, 400, "challenge is too long"},
		"header too large": {"POST", "", []string{"X", strings.Repeat("x", 30<<10)}, 431, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			status, text, _ := r.do(c.method, c.body, c.headers...)
			if status != c.status || !strings.Contains(text, c.want) || strings.Contains(text, "geheim") {
				t.Errorf("got %d %q, want %d %q", status, text, c.status, c.want)
			}
			if got := r.taker.Got(); got != "" {
				t.Errorf("taken: %q", got)
			}
		})
	}
	t.Run("path", func(t *testing.T) {
		r := newRig(t, func(s *Settings) { s.Path = "/other" })
		if status, _, _ := r.do("POST", "{}", "Authorization", theToken); status != 404 {
			t.Errorf("got %d, want 404", status)
		}
	})
}

func TestOktaVerification(t *testing.T) {
	r := newRig(t, nil)
	status, text, header := r.do("GET", "", "X-Okta-Verification-Challenge", `a"<script>`)
	if want := `{"verification":"a\"\u003cscript\u003e"}`; status != 200 || text != want || header.Get("Content-Type") != "application/json" {
		t.Errorf("got %d %s %s, want %s", status, text, header.Get("Content-Type"), want)
	}
}

// A header of Okta's or EventBridge's choice has the secret alone; two secrets hold while one replaces the other; a changed file counts.
func TestTokens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	write(t, path, theToken+"\nanother-one-of-them\n")
	r := newRig(t, func(s *Settings) { s.TokenFile, s.Header = path, "X-Api-Key" })
	check := func(token string, want int) {
		t.Helper()
		if status, _, _ := r.do("POST", "{}", "X-Api-Key", token); status != want {
			t.Errorf("got %d, want %d", status, want)
		}
	}
	check(theToken, 200)
	check("another-one-of-them", 200)
	check("Bearer another-one-of-them", 200)
	write(t, path, "the-newest-one-of-all")
	check(theToken, 401)
	check("the-newest-one-of-all", 200)
	write(t, path, "short")
	check("the-newest-one-of-all", 200) // what cannot be used changes nothing
	if _, err := Open(r.server.Settings); err == nil || !strings.Contains(err.Error(), "less than 16 characters") || strings.Contains(err.Error(), "short ") {
		t.Errorf("got %v", err)
	}
}

func TestFullAnswers503(t *testing.T) {
	r := newRig(t, nil)
	r.taker.Fill(true)
	status, text, header := r.do("POST", "{}", "Authorization", theToken)
	if status != 503 || header.Get("Retry-After") == "" || !strings.Contains(text, "no room") {
		t.Errorf("got %d %s, Retry-After %q", status, text, header.Get("Retry-After"))
	}
}

// 200 waits for safe, and what does not become safe in time is answered 503.
func TestAnswersWhenSafe(t *testing.T) {
	r := newRig(t, func(s *Settings) { s.Timeout = 300 * time.Millisecond })
	r.taker.Hold(true)
	if status, text, header := r.do("POST", "{}", "Authorization", theToken); status != 503 || header.Get("Retry-After") == "" {
		t.Errorf("got %d %s before the records are safe, want 503", status, text)
	}
	r.taker.Hold(false)
	if status, _, _ := r.do("POST", "{}", "Authorization", theToken); status != 200 {
		t.Errorf("got %d when the records are safe, want 200", status)
	}
}

// A certificate that replaces another one is used without a restart; a client without a certificate is kept out where one is wanted.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	issue := func() *estest.Authority {
		authority, err := estest.NewAuthority()
		if err != nil {
			t.Fatal(err)
		}
		cert, key, err := authority.Issue()
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir+"/cert", string(cert))
		write(t, dir+"/key", string(key))
		return authority
	}
	trusting := func(a *estest.Authority) *http.Client {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(a.PEM)
		return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}}
	}
	first := issue()
	write(t, dir+"/ca", string(first.PEM))
	r := newRig(t, func(s *Settings) { s.Listen.CertFile, s.Listen.KeyFile = dir+"/cert", dir+"/key" })
	r.url = strings.Replace(r.url, "http:", "https:", 1)
	for n := range 2 {
		if r.client = trusting(first); n == 1 {
			r.client = trusting(issue())
		}
		if status, text, _ := r.do("POST", "{}", "Authorization", theToken); status != 200 {
			t.Errorf("got %d %s", status, text)
		}
	}
	strict := newRig(t, func(s *Settings) {
		s.Listen.CertFile, s.Listen.KeyFile, s.Listen.ClientCAFile = dir+"/cert", dir+"/key", dir+"/ca"
	})
	if res, err := r.client.Get(strings.Replace(strict.url, "http:", "https:", 1)); err == nil {
		t.Errorf("without a certificate: got %d, want no connection", res.StatusCode)
	}
	write(t, dir+"/bad", "none")
	bad := r.server.Settings
	bad.Listen.CertFile = dir + "/bad"
	if _, err := Open(bad); err == nil || !strings.HasPrefix(err.Error(), "cert_file "+dir+"/bad and key_file") {
		t.Errorf("got %v", err)
	}
}

// A request that is under way when the agent is told to end gets its answer as soon as its records are safe; one whose records do not become
// so is told to come again.
func TestEndOfAgent(t *testing.T) {
	for want, becomesSafe := range map[int]bool{http.StatusOK: true, http.StatusServiceUnavailable: false} {
		r := newRig(t, nil)
		r.taker.Came = make(chan struct{}, 1)
		r.taker.Hold(true)
		answered := make(chan int)
		go func() {
			code, _, _ := r.do("POST", `{"a":1}`, "Authorization", theToken)
			answered <- code
		}()
		<-r.taker.Came
		r.stop()
		for { // until nobody listens
			c, err := net.Dial("tcp", r.server.Addr().String())
			if err != nil {
				break
			}
			_ = c.Close()
		}
		if becomesSafe {
			r.taker.Hold(false)
		}
		if got := <-answered; got != want {
			t.Errorf("safe %v: got %d, want %d", becomesSafe, got, want)
		}
	}
}
