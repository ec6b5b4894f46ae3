package console_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/idwatch/idwatch/agent/waittest"
)

// hostileName is what somebody may call themselves: markup, script, a terminal's escapes, control characters and turned text.
const hostileName = `"><script>document.title='owned'</script><img src=x onerror=alert(1)>{{.}}` + "\x1b[2J\x1b]0;owned\x07\u202egnp.exe\u2066' onmouseover='alert(2)"

// hostileText is hostileName as JSON text.
func hostileText(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(hostileName)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// openHostile runs an agent that has met hostile records, and answered an alert in hostile words.
func openHostile(t *testing.T) (s *site, alert string) {
	t.Helper()
	s = openSite(t)
	s.login()
	alert = s.alertPath(hostileText(t))
	code, _ := s.post(alert+"/note", url.Values{"kind": {"note"}, "author": {"<b>eve</b>"}, "text": {"</textarea><script>alert(3)</script>\x1b[31m"}})
	if code != http.StatusOK {
		t.Fatalf("note: got %d", code)
	}
	return s, alert
}

func hostilePages(alert string) []string {
	name := url.QueryEscape(hostileName)
	return []string{"/?standing=all", "/?kind=signals&standing=all&rule=" + name, alert, "/identity", "/identity?name=" + name, "/search?q=" + name, "/search?q=onerror", "/search?dataset=" + name, "/sources", "/delivery"}
}

// TestWhatRecordsSayIsText: no page has an element, attribute or control character that came from a record or a query.
func TestWhatRecordsSayIsText(t *testing.T) {
	s, alert := openHostile(t)
	shown := 0
	for _, path := range hostilePages(alert) {
		_, page := s.get(path)
		for _, markup := range []string{"<script>", "<img", "<b>eve", "</textarea><script", "onerror=alert(1)>", "onmouseover='"} {
			if strings.Contains(page, markup) {
				t.Errorf("%.40s: got %s as markup", path, markup)
			}
		}
		if at := strings.IndexFunc(page, func(r rune) bool { return r != '\n' && r != '\t' && r != ' ' && !unicode.IsPrint(r) }); at >= 0 {
			t.Errorf("%.40s: got the character %q near %.60q", path, page[at:at+3], page[max(at-30, 0):at])
		}
		shown += strings.Count(page, "&lt;script&gt;document.title")
	}
	if shown < 5 {
		t.Errorf("the name is shown %d times, want it on the pages", shown)
	}
}

// TestHostileInChromium: what records say runs nothing in a real browser, and the alert is shown all the same.
func TestHostileInChromium(t *testing.T) {
	b := openBrowser(t)
	s, alert := openHostile(t)
	b.open(s.url("/login?token="+url.QueryEscape(s.token())), 1280)
	for _, path := range hostilePages(alert) {
		b.complaints()
		b.open(s.url(path), 1280)
		for _, complaint := range b.complaints() {
			if !strings.Contains(complaint, "404") { // nobody has the name
				t.Errorf("%.40s: %s", path, complaint)
			}
		}
		if title := b.text("document.title"); !strings.HasSuffix(title, " · idwatch") {
			t.Errorf("%.40s: title %q", path, title)
		}
		if n := b.text(`String(document.querySelectorAll("main script, main img, main b, [onerror], [onmouseover]").length)`); n != "0" {
			t.Errorf("%.40s: %s elements came from records", path, n)
		}
	}
	b.open(s.url(alert), 1280)
	if text := b.text("document.querySelector('main').innerText"); !strings.Contains(text, "<script>document.title='owned'</script>") {
		t.Errorf("the alert does not show the name: %.200q", text)
	}
	t.Run("another site", func(t *testing.T) { attackFromElsewhere(t, b, s, alert) })
	t.Run("keyboard", func(t *testing.T) { answerByKeyboard(t, b, s) })
}

// attackFromElsewhere shows a page of another site that tries to read the console and to answer an alert.
func attackFromElsewhere(t *testing.T, b *browser, s *site, alert string) {
	defer b.within(t)()
	page := fmt.Sprintf(`<!doctype html><title>evil</title><form id=f method=post action="%s/note"><input name=kind value=acknowledge><input name=author value=mallory></form>
<script>fetch("%s", {credentials: "include"}).then((r) => r.text()).then((t) => { document.title = "read " + t.length }, () => { document.title = "refused" })</script>`, s.url(alert), s.url("/"))
	path := filepath.Join(t.TempDir(), "evil.html")
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	b.run(chromedp.Navigate("file://"+path), chromedp.WaitReady("form"))
	if title := b.text(`new Promise((done) => { const look = () => document.title === "evil" ? setTimeout(look, 10) : done(document.title); look() })`); title != "refused" {
		t.Errorf("the page %s, want that it cannot", title)
	}
	b.run(chromedp.Submit("form"), chromedp.WaitReady("body"))
	if _, shown := s.get(alert); strings.Contains(shown, "mallory") {
		t.Error("the alert was answered by another site's form")
	}
	b.run(chromedp.Navigate(strings.Replace(s.url("/"), "127.0.0.1", "rebound.localhost", 1)), chromedp.WaitReady("body"))
	if text := b.text("document.body.innerText"); strings.Contains(text, "Alerts") || !strings.Contains(text, "another name") {
		t.Errorf("under a name that points here: got %.80q, want it refused", text)
	}
	b.complaints()
}

// answerByKeyboard opens the first alert and acknowledges it without a mouse.
func answerByKeyboard(t *testing.T, b *browser, s *site) {
	defer b.within(t)()
	b.open(s.url("/?standing=all"), 1280)
	focused := func() string {
		return b.text(`(document.activeElement.className || document.activeElement.id || document.activeElement.tagName) + ""`)
	}
	b.run(chromedp.KeyEvent(kb.Tab))
	if got := focused(); got != "skip" {
		t.Errorf("first Tab: got %q, want the way past the header", got)
	}
	b.run(chromedp.KeyEvent("j"))
	if got := focused(); got != "alert-link" {
		t.Fatalf("j: got %q, want the first alert", got)
	}
	b.run(chromedp.KeyEvent(kb.Enter), chromedp.WaitReady(".note-form"))
	b.loaded()
	b.run(chromedp.KeyEvent("a"))
	if got := b.text("document.activeElement.value"); got != "acknowledge" {
		t.Fatalf("a: got %q, want the button that acknowledges", got)
	}
	b.run(chromedp.SendKeys("input[name=author]", "ana"), chromedp.KeyEvent(kb.Tab+kb.Tab+kb.Enter), chromedp.WaitReady(`button[value="reopen"]`))
	if text := b.text("document.querySelector('.notes').innerText"); !strings.Contains(text, "acknowledged") {
		t.Errorf("got notes %q, want the alert acknowledged", text)
	}
	b.loaded()
	b.run(chromedp.KeyEvent("/"))
	if got := focused(); got != "find" {
		t.Errorf("/: got %q, want the search", got)
	}
	out := filepath.Join(s.config.DataDir, "out")
	waittest.Until(s.t, "the answer in the audit", func() bool {
		files, _ := filepath.Glob(filepath.Join(out, "*idwatch.audit*"))
		for _, f := range files {
			if text, err := os.ReadFile(f); err == nil && strings.Contains(string(text), "alert-acknowledge") {
				return true
			}
		}
		return false
	})
}
