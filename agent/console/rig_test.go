package console_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/service"
	"github.com/idwatch/idwatch/agent/waittest"
)

// site is a running agent with a console.
type site struct {
	t       *testing.T
	service *service.Service
	config  *config.Config
	address string // host and port
	client  *http.Client
}

// openSite runs an agent with the lines given in its configuration, until the test ends.
func openSite(t *testing.T, lines ...string) *site {
	t.Helper()
	dir := t.TempDir()
	text := "data_dir: " + dir + "/data\nconsole: {listen: '127.0.0.1:0'}\n" + strings.Join(lines, "\n") + "\n"
	c, err := config.Parse("idwatch.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := service.Open(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		if len(c.Inputs) > 0 {
			ended <- s.Run(ctx)
			return
		}
		<-ctx.Done() // an agent without inputs has nothing to wait for
		ended <- s.Close(context.Background())
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	jar, _ := cookiejar.New(nil) // it never fails
	at := &site{t: t, service: s, config: c, client: &http.Client{Jar: jar}}
	waittest.Until(t, "a port", func() bool { at.address = s.Status().Console; return at.address != "" })
	return at
}

// put hands records over and returns when they are delivered.
func (s *site) put(records ...string) {
	s.t.Helper()
	for _, record := range records {
		safe := make(chan struct{})
		if err := s.service.Put(s.t.Context(), [][]byte{[]byte(record)}, func() { close(safe) }); err != nil {
			s.t.Fatal(err)
		}
		<-safe
	}
}

func (s *site) url(path string) string { return "http://" + s.address + path }

func (s *site) token() string {
	s.t.Helper()
	raw, err := os.ReadFile(service.ConsoleToken(s.config))
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimSpace(string(raw))
}

// login shows the token.
func (s *site) login() {
	s.t.Helper()
	if code, _ := s.get("/login?token=" + url.QueryEscape(s.token())); code != http.StatusOK {
		s.t.Fatalf("login: got %d", code)
	}
}

// get asks for a page as the analyst's browser does.
func (s *site) get(path string, headers ...string) (code int, body string) {
	s.t.Helper()
	return s.do(http.MethodGet, path, nil, headers...)
}

// post sends a form as the analyst's browser does.
func (s *site) post(path string, form url.Values, headers ...string) (code int, body string) {
	s.t.Helper()
	return s.do(http.MethodPost, path, strings.NewReader(form.Encode()), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

func (s *site) do(method, path string, body io.Reader, headers ...string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url(path), body)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	answer, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// openDemo runs an agent over three weeks of a small company.
func openDemo(t *testing.T) *site {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	records := t.TempDir()
	mixed := filepath.Join(t.TempDir(), "records.ndjson")
	generate := exec.Command("go", "run", "./testdata/demo/generate", "-out", records, "-mixed", mixed)
	generate.Dir = root
	if out, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("generate: %v\n%s", err, out)
	}
	text, err := os.ReadFile(mixed)
	if err != nil {
		t.Fatal(err)
	}
	s := openSite(t, "context: "+records+"/context.yaml", fmt.Sprintf("geoip: {city: %s/testdata/geoip/City.mmdb, asn: %s/testdata/geoip/ASN.mmdb}", root, root),
		"inputs: [{type: file, path: "+mixed+"}]")
	want := int64(strings.Count(string(text), "\n"))
	waittest.Until(s.t, "the demo's records", func() bool { return s.service.Stats().Delivered.Load() >= want })
	s.login()
	waittest.Until(s.t, "the demo's alerts", func() bool { _, page := s.get("/"); return strings.Count(page, `class="alert-link"`) >= 10 })
	return s
}
