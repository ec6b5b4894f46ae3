package console_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/agent/service"
	"github.com/idwatch/idwatch/agent/waittest"
)

// suspicious is a record of Okta that is an alert by itself: an end user reports an act that was not theirs.
func suspicious(n, name string) string {
	return `{"eventType":"user.account.report_suspicious_activity_by_enduser","published":"2026-09-01T08:15:30.123Z","uuid":"u-` + n + `","severity":"WARN",` +
		`"displayMessage":` + name + `,"outcome":{"result":"SUCCESS","reason":` + name + `},"client":{"ipAddress":"192.0.2.1","userAgent":{"rawUserAgent":` + name + `}},` +
		`"actor":{"id":"00u` + n + `","type":"User","alternateId":` + name + `,"displayName":` + name + `},"target":[{"id":"00u` + n + `","type":"User","alternateId":` + name + `,"displayName":` + name + `}]}`
}

// alertPath puts a record that is an alert by itself, and returns the alert's address.
func (s *site) alertPath(name string) (path string) {
	s.t.Helper()
	s.put(suspicious("1", name))
	waittest.Until(s.t, "the alert", func() bool {
		_, page := s.get("/?standing=all")
		if m := regexp.MustCompile(`href="(/alert/[A-Z0-9]+)"`).FindStringSubmatch(page); m != nil {
			path = m[1]
		}
		return path != ""
	})
	return path
}

var pageAddresses = []string{"/", "/alert/A", "/identity", "/sources", "/delivery", "/search?q=x", "/record?id=1", "/help"}

func TestNothingIsShownWithoutTheToken(t *testing.T) {
	s := openSite(t)
	s.put(suspicious("1", `"mara@kestrel.example"`))
	for _, path := range pageAddresses {
		if code, body := s.get(path); code != http.StatusUnauthorized || strings.Contains(body, "mara") || strings.Contains(body, "records in") {
			t.Errorf("%s: got %d, want 401 and nothing said", path, code)
		}
	}
	if code, _ := s.post("/alert/A/note", url.Values{"kind": {"acknowledge"}}); code != http.StatusUnauthorized {
		t.Errorf("note: got %d, want 401", code)
	}
	for _, token := range []string{"x", s.token()[1:], s.token() + "x", strings.ToUpper(s.token())} {
		if code, _ := s.get("/login?token=" + url.QueryEscape(token)); code != http.StatusForbidden {
			t.Errorf("token %q: got %d, want 403", token, code)
		}
	}
	if code, _ := s.post("/login", url.Values{"token": {s.token()}}); code != http.StatusOK {
		t.Errorf("login: got %d, want the alerts", code)
	}
	for _, open := range []string{"/healthz", "/metrics"} {
		if code, _ := s.get(open, "Cookie", ""); code != http.StatusOK {
			t.Errorf("%s: got %d, want 200 without a token", open, code)
		}
	}
}

func TestCookieIsForThisConsoleAlone(t *testing.T) {
	s := openSite(t)
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := s.client.Get(s.url("/login?token=" + url.QueryEscape(s.token())))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	cookie := answer.Header.Get("Set-Cookie")
	if answer.StatusCode != http.StatusSeeOther || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") || strings.Contains(cookie, s.token()) {
		t.Errorf("got %d, %q, want a strict cookie without the token in it", answer.StatusCode, cookie)
	}
	value, _, _ := strings.Cut(strings.TrimPrefix(cookie, "idwatch_console="), ";")
	until, sum, _ := strings.Cut(value, ".")
	s.client.Jar = nil
	for name, forged := range map[string]string{"longer": "9" + until + "." + sum, "unsigned": until + ".", "ended": "1000000000." + sum} {
		if code, _ := s.get("/", "Cookie", "idwatch_console="+forged); code != http.StatusUnauthorized {
			t.Errorf("%s: got %d, want 401", name, code)
		}
	}
	if code, _ := s.get("/", "Cookie", "idwatch_console="+value); code != http.StatusOK {
		t.Errorf("as set: got %d, want 200", code)
	}
}

// TestOtherSitesAreRefused: requests that another site's page causes change nothing and see nothing, and neither does one whose name points here.
func TestOtherSitesAreRefused(t *testing.T) {
	s := openSite(t)
	s.login()
	path := s.alertPath(`"mara@kestrel.example"`)
	note := url.Values{"kind": {"acknowledge"}, "author": {"mallory"}}
	for name, headers := range map[string][]string{
		"form of another site":     {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Origin", "https://evil.example"},
		"form of another port":     {"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:1"},
		"old browser":              {"Origin", "https://evil.example"},
		"a name that points here":  {"Host", "evil.example"},
		"opaque origin, no fetch":  {"Origin", "null"},
		"script of another origin": {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors", "Origin", "https://evil.example"},
	} {
		if code, body := s.post(path+"/note", note, headers...); code != http.StatusForbidden {
			t.Errorf("%s: got %d, %.80q, want 403", name, code, body)
		}
	}
	if code, _ := s.get("/", "Host", "evil.example"); code != http.StatusForbidden {
		t.Errorf("rebinding: got %d, want 403", code)
	}
	if code, _ := s.get(path + "/note?kind=acknowledge"); code != http.StatusMethodNotAllowed {
		t.Errorf("by GET: got %d, want 405", code)
	}
	if _, page := s.get(path); strings.Contains(page, "acknowledged") || strings.Contains(page, "mallory") {
		t.Error("the alert was answered all the same")
	}
	if code, page := s.post(path+"/note", note, "Sec-Fetch-Site", "same-origin"); code != http.StatusOK || !strings.Contains(page, "acknowledged") {
		t.Errorf("the console's own form: got %d, want the alert acknowledged", code)
	}
}

func TestEveryPageHasAStrictPolicy(t *testing.T) {
	s := openSite(t)
	s.login()
	for _, path := range append(pageAddresses, "/login", "/assets/console.css", "/assets/console.js") {
		answer, err := s.client.Get(s.url(path))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		policy := answer.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if answer.Header.Get("X-Content-Type-Options") != "nosniff" || answer.Header.Get("Access-Control-Allow-Origin") != "" || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers %v", path, answer.Header)
		}
	}
}

func TestTokenFileIsTheOwnersAlone(t *testing.T) {
	s := openSite(t)
	path := service.ConsoleToken(s.config)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want 0600", info.Mode(), err)
	}
	if len(s.token()) < 40 || filepath.Dir(path) != s.config.DataDir {
		t.Errorf("got a token of %d characters in %s", len(s.token()), path)
	}
}

func TestQueriesHaveLimits(t *testing.T) {
	s := openSite(t)
	s.login()
	for _, path := range []string{
		"/search?q=" + strings.Repeat("x", 401), "/search?q=" + strings.Repeat("x+", 11), "/search?q=x&from=yesterday", "/identity?name=" + strings.Repeat("x", 501),
	} {
		if code, _ := s.get(path); code != http.StatusBadRequest {
			t.Errorf("%.30s: got %d, want 400", path, code)
		}
	}
	path := s.alertPath(`"mara@kestrel.example"`)
	for _, form := range []url.Values{{"kind": {"note"}}, {"kind": {"drop"}, "text": {"x"}}, {"kind": {"note"}, "text": {strings.Repeat("x", 4001)}}, {"kind": {"note"}, "text": {strings.Repeat("x", 20_000)}}} {
		if code, _ := s.post(path+"/note", form); code != http.StatusBadRequest {
			t.Errorf("note of %d bytes: got %d, want 400", len(form.Get("text")), code)
		}
	}
}
