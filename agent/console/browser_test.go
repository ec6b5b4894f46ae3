package console_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// pages are all pages, with the demo's data on them.
func (s *site) pages() map[string]string {
	s.t.Helper()
	_, list := s.get("/")
	chain := regexp.MustCompile(`href="(/alert/[A-Z0-9]+)">[^<]*(?:different signs|gained rights)`).FindStringSubmatch(list)
	if chain == nil {
		s.t.Fatal("the list of alerts has no chain")
	}
	_, alert := s.get(chain[1])
	record := regexp.MustCompile(`href="(/record\?[^"]+)"`).FindStringSubmatch(alert)
	if record == nil {
		s.t.Fatal("the chain names no record")
	}
	return map[string]string{
		"alerts": "/", "alert": chain[1], "identities": "/identity", "identity": "/identity?name=mara.lindqvist@kestrel.example",
		"sources": "/sources", "delivery": "/delivery", "search": "/search?q=" + url.QueryEscape("mara outcome:failure"),
		"record": unescape(record[1]), "help": "/help", "nothing": "/identity?name=nobody", "no-alert": "/alert/NONE",
	}
}

func unescape(href string) string { return regexp.MustCompile(`&amp;`).ReplaceAllString(href, "&") }

// TestInChromium shows every page with the demo's data: no error, nothing serious for people who see or move otherwise, in light and dark, wide and narrow.
func TestInChromium(t *testing.T) {
	b := openBrowser(t)
	s := openDemo(t)
	b.open(s.url("/login?token="+url.QueryEscape(s.token())), 1280)
	pages := s.pages()
	t.Run("pages", func(t *testing.T) { judgePages(t, b, s, pages) })
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		t.Run("pictures", func(t *testing.T) { takePictures(t, b, s, pages, dir) })
	}
}

func judgePages(t *testing.T, b *browser, s *site, pages map[string]string) {
	var script string
	t.Run("axe-core is there", func(t *testing.T) { script = axe(t) })
	for name, path := range pages {
		for _, look := range []struct {
			name  string
			dark  bool
			width int64
		}{{"light wide", false, 1280}, {"dark narrow", true, 390}} {
			t.Run(name+" "+look.name, func(t *testing.T) {
				defer b.within(t)()
				b.dark(look.dark)
				b.complaints()
				b.open(s.url(path), look.width)
				for _, serious := range b.judge(script) { // none where there is no axe-core
					t.Error(serious)
				}
				for _, complaint := range b.complaints() {
					if name != "nothing" && name != "no-alert" { // they answer 404, which Chromium complains of
						t.Error(complaint)
					}
				}
				if over := b.text(`String(document.documentElement.scrollWidth - innerWidth)`); over != "0" && over[0] != '-' {
					t.Errorf("the page is %s pixels wider than the window", over)
				}
			})
		}
	}
}

// takePictures writes the pictures of the documentation.
func takePictures(t *testing.T, b *browser, s *site, pages map[string]string, dir string) {
	for _, shot := range []struct {
		name, page string
		dark       bool
		width      int64
		height     float64
	}{
		{"console-alerts", "alerts", false, 1280, 900}, {"console-alert", "alert", false, 1280, 1150}, {"console-identity", "identity", false, 1280, 1330},
		{"console-search", "search", false, 1280, 700}, {"console-sources", "sources", false, 1280, 600}, {"console-delivery", "delivery", false, 1280, 760},
		{"console-alerts-dark", "alerts", true, 1280, 900}, {"console-alert-dark", "alert", true, 1280, 900}, {"console-alert-narrow", "alert", true, 390, 1100},
		{"console-alerts-narrow", "alerts", false, 390, 900},
	} {
		b.dark(shot.dark)
		b.open(s.url(pages[shot.page]), shot.width)
		b.picture(filepath.Join(dir, shot.name+".png"), shot.height)
	}
}
