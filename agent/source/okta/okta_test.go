package okta

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/agent/source/okta/oktatest"
	"github.com/idwatch/idwatch/agent/source/sourcetest"
	"github.com/idwatch/idwatch/agent/waittest"
	"github.com/idwatch/idwatch/parsers"
)

// rig is an organisation and what polls it.
type rig struct {
	t     *testing.T
	okta  *oktatest.Server
	taker *sourcetest.Taker
	log   waittest.Log
	dir   string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, okta: &oktatest.Server{Token: "geheim", Budget: -1, Window: time.Second}, taker: &sourcetest.Taker{}, dir: t.TempDir()}
	server := httptest.NewServer(r.okta)
	t.Cleanup(server.Close)
	r.okta.URL = server.URL
	return r
}

func (r *rig) settings() Settings {
	token := filepath.Join(r.dir, "token")
	if err := os.WriteFile(token, []byte("geheim\n"), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return Settings{
		URL: r.okta.URL, Auth: Auth{TokenFile: token}, Since: 24 * time.Hour, Interval: 5 * time.Millisecond, Limit: 3,
		Position: filepath.Join(r.dir, "position"), Taker: r.taker, Split: parsers.Split, Log: slog.New(slog.NewTextHandler(&r.log, nil)),
	}
}

// run polls until the test or the function it returns ends that.
func (r *rig) run(s Settings) (*Poller, func()) {
	r.t.Helper()
	p, err := Open(s)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(r.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = p.Run(ctx)
	}()
	stop := func() { cancel(); <-ended }
	r.t.Cleanup(stop)
	return p, stop
}

// got are the ids of what came.
func (r *rig) got() string {
	var ids []string
	for _, record := range r.taker.Records() {
		ids = append(ids, gjson.Get(record, "uuid").Str)
	}
	return strings.Join(ids, " ")
}

func (r *rig) until(what string, holds func() bool) {
	r.t.Helper()
	waittest.Until(r.t, what, holds, r.got, r.log.String)
}

func (r *rig) untilGot(want string) {
	r.t.Helper()
	r.until(want, func() bool { return r.got() == want })
}

// event was published some time ago.
func event(id string, ago time.Duration) string {
	return fmt.Sprintf(`{"uuid":%q,"published":%q}`, id, time.Now().Add(-ago).UTC().Format("2006-01-02T15:04:05.000Z"))
}

// Records of one millisecond that a page's end parts, and records that are stored late, are read, once each and over a restart.
func TestOrderOfStorage(t *testing.T) {
	r := newRig(t)
	minute := func(id string) string { return event(id, time.Minute) }
	r.okta.Store(event("old", 48*time.Hour), minute("a"), minute("b"), minute("c"), minute("d"))
	p, stop := r.run(r.settings())
	r.until("the log is read up to now", func() bool { return time.Since(p.Stats().Since) < 10*time.Second })
	r.untilGot("a b c d")
	r.okta.Store(event("late", 20*time.Hour), minute("e"))
	r.untilGot("a b c d late e")
	stop()
	r.okta.Store(event("later", 23*time.Hour))
	r.run(r.settings())
	r.untilGot("a b c d late e later")
}

// A page is asked for again until its records are safe: a position never stands behind what is not.
func TestPositionFollowsSafe(t *testing.T) {
	r := newRig(t)
	r.okta.Store(event("a", time.Minute), event("b", time.Minute))
	r.taker.Hold(true)
	_, stop := r.run(r.settings())
	r.untilGot("a b")
	stop()
	r.taker = &sourcetest.Taker{}
	r.run(r.settings())
	r.untilGot("a b")
}

func TestRateLimit(t *testing.T) {
	r := newRig(t)
	r.okta.Budget, r.okta.Window = 1, 1500*time.Millisecond
	for i := range 6 {
		r.okta.Store(event(fmt.Sprint(i), time.Minute))
	}
	s := r.settings()
	s.Interval = time.Hour
	began := time.Now()
	r.run(s)
	r.untilGot("0 1 2 3 4 5")
	if spent := time.Since(began); spent < time.Second {
		t.Errorf("two pages at one a window took %v: the limit was not kept", spent)
	}
	if strings.Contains(r.log.String(), "429") {
		t.Errorf("asked beyond the limit: %s", r.log.String())
	}
}

// Somebody else has used the limit up: 429 is waited for.
func TestTooManyRequests(t *testing.T) {
	r := newRig(t)
	r.okta.Failing, r.okta.Fail = 1, http.StatusTooManyRequests
	r.okta.Budget = 1000 // so that the header is there
	r.okta.Store(event("a", time.Minute))
	h := http.Header{"X-Rate-Limit-Reset": {"1000010"}, "Date": {time.Unix(1000000, 0).UTC().Format(http.TimeFormat)}}
	if got := untilReset(h); got != 11*time.Second {
		t.Errorf("10 seconds by Okta's clock: got %v", got)
	}
	if got := untilReset(http.Header{"X-Rate-Limit-Reset": {"99999999999"}}); got != 10*time.Minute+time.Second {
		t.Errorf("a header without sense: got %v", got)
	}
	r.okta.Failing, r.okta.Fail = 2, http.StatusServiceUnavailable
	r.run(r.settings())
	r.untilGot("a")
	if !strings.Contains(r.log.String(), "okta answers 503 E0000009") || strings.Contains(r.log.String(), "geheim") {
		t.Errorf("log: got %s", r.log.String())
	}
}

// A cursor that Okta has forgotten costs no record: reading begins again before the newest one.
func TestCursorExpires(t *testing.T) {
	r := newRig(t)
	r.okta.Store(event("long ago", 3*time.Hour), event("a", 10*time.Minute))
	_, stop := r.run(r.settings())
	r.untilGot("long ago a")
	stop()
	r.okta.Store(event("b", 30*time.Minute), event("c", time.Minute))
	r.okta.Oldest = 100
	r.run(r.settings())
	r.untilGot("long ago a a b c")
	if !strings.Contains(r.log.String(), "no longer valid") {
		t.Errorf("log: got %s", r.log.String())
	}
}

func TestDamagedPosition(t *testing.T) {
	r := newRig(t)
	s := r.settings()
	if err := os.WriteFile(s.Position, []byte("\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.okta.Store(event("a", time.Minute))
	r.run(s)
	r.untilGot("a")
	if _, err := os.Stat(s.Position + ".damaged"); err != nil {
		t.Error(err)
	}
}

// A service app signs for an access token, and for another one when that is not taken any more.
func TestOAuth(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	r.okta.Token, r.okta.Key, r.okta.Client, r.okta.KeyID = "", &key.PublicKey, "0oa1", "k1"
	path := filepath.Join(r.dir, "key")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600); err != nil {
		t.Fatal(err)
	}
	s := r.settings()
	s.Auth = Auth{ClientID: "0oa1", PrivateKeyFile: path, KeyID: "k1"}
	r.okta.Store(event("a", time.Minute))
	r.run(s)
	r.untilGot("a")
	r.okta.Lock()
	r.okta.Failing, r.okta.Fail = 1, http.StatusUnauthorized
	r.okta.Unlock()
	r.okta.Store(event("b", time.Minute))
	r.untilGot("a b")
	if r.okta.Tokens != 2 {
		t.Errorf("access tokens: got %d, want 2", r.okta.Tokens)
	}
	s.Auth.KeyID, s.Position = "other", s.Position+"2"
	r.run(s)
	r.until("an error", func() bool { return strings.Contains(r.log.String(), "access token: okta answers 400 invalid_client") })
	s.Auth.PrivateKeyFile = filepath.Join(r.dir, "token")
	if _, err := Open(s); err == nil || !strings.HasPrefix(err.Error(), "private_key_file "+s.Auth.PrivateKeyFile+": holds no key") || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v", err)
	}
}

func TestBadAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.org/", http.StatusFound)
		}, "not followed"},
		"no next": {func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "[]") }, "no link to the next page"},
		"token":   {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) }, "the credentials are not valid, or may not read the log"},
		"cut": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `[{"uuid":"a"},{"uu`)
		}, "read page: unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			server := httptest.NewServer(c.answer)
			defer server.Close()
			s := r.settings()
			s.URL = server.URL
			_, stop := r.run(s)
			r.until(c.want, func() bool { return strings.Contains(r.log.String(), c.want) })
			stop()
			if text := r.log.String(); strings.Contains(text, "geheim") || strings.Contains(text, "since=") {
				t.Errorf("log: got %s", text)
			}
			if _, err := os.Stat(s.Position); err == nil {
				t.Error("the position moved")
			}
		})
	}
}

// The next link gives a query and nothing else: whatever it says, the credentials go to the organisation.
func TestNextLink(t *testing.T) {
	for link, want := range map[string]string{
		`<https://acme.okta.com/api/v1/logs?after=1_2&limit=3>; rel="next"`:        "after=1_2&limit=3",
		`<https://evil.example/?after=1>; rel="next"`:                              "after=1",
		`<https://a/?after=0>; rel="self", <https://a/?after=1&x=%2C>; rel="next"`: "after=1&x=%2C",
		`<https://a/?since=1>; rel="next"`:                                         "",
		`garbage`:                                                                  "",
	} {
		if got := nextOf(http.Header{"Link": {link}}); got != want {
			t.Errorf("%s: got %q, want %q", link, got, want)
		}
	}
}

// While there is more than was read, and while Okta does not answer, the log is read up to what is safe.
func TestLag(t *testing.T) {
	r := newRig(t)
	r.okta.Store(event("a", 3*time.Hour), event("b", 2*time.Hour), event("c", time.Hour), event("d", time.Minute))
	r.okta.Budget, r.okta.Window = 1, time.Hour
	s := r.settings()
	p, stop := r.run(s)
	r.until("the first page", func() bool { return !p.Stats().Since.IsZero() })
	if lag := time.Since(p.Stats().Since).Round(time.Minute); lag != time.Hour {
		t.Errorf("after the first of two pages: got %s, want the age of the page's newest record, an hour", lag)
	}
	stop()
	again, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	if lag := time.Since(again.Stats().Since).Round(time.Minute); lag != time.Hour {
		t.Errorf("after a restart: got %s, want an hour", lag)
	}
}
