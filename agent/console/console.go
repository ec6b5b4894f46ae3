// Package console shows an analyst what is happening, in a browser on this machine: alerts with their chains, identities, sources, delivery,
// and a search over the records that are kept. Pages are made here and work without a network and without JavaScript; pictures are
// SVG. What records say is anybody's to choose: it goes through html/template, and clean takes out what is not for eyes.
package console

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/idwatch/idwatch/agent/status"
	"github.com/idwatch/idwatch/agent/store"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Settings make a console.
type Settings struct {
	Store     *store.Store // nil when nothing is kept on this machine
	Status    func() *status.Status
	Portrait  func(name string) *detections.Portrait // nil for a name nobody has
	Sources   func() []detections.SourceSeen
	Make      func(dataset string, text []byte) (ecs.Doc, bool) // makes a record's document again
	Tell      func(store.Note)                                  // sends a note along; nil keeps notes here
	TokenFile string                                            // made when it is not there; "" where another guard asks for one
	Secure    bool                                              // served with TLS only
	Log       *slog.Logger
}

// Mux takes handlers under patterns of http.ServeMux.
type Mux interface {
	Handle(pattern string, h http.Handler)
}

// Console serves the pages.
type Console struct {
	Settings
	pages     map[string]*template.Template
	door      *door
	searching chan struct{} // searches that may run at a time
}

//go:embed templates assets
var files embed.FS

const (
	formMost     = 16 << 10 // bytes of a form
	answerWithin = 10 * time.Second
	policy       = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

// New prepares the pages, and makes the token where there is none yet.
func New(s Settings) (*Console, error) {
	c := &Console{Settings: s, searching: make(chan struct{}, 2)}
	var err error
	if c.pages, err = parsePages(); err != nil {
		return nil, err
	}
	if s.TokenFile != "" {
		if c.door, err = openDoor(s.TokenFile, s.Secure); err != nil {
			return nil, fmt.Errorf("console token: %w", err)
		}
	}
	return c, nil
}

// Mount puts all pages on a mux.
func (c *Console) Mount(mux Mux) {
	pages := map[string]func(*http.Request) (*page, error){
		"GET /{$}":        c.alertsPage,
		"GET /alert/{id}": c.alertPage,
		"GET /identity":   c.identityPage,
		"GET /sources":    c.sourcesPage,
		"GET /delivery":   c.deliveryPage,
		"GET /search":     c.searchPage,
		"GET /record":     c.recordPage,
		"GET /help":       func(*http.Request) (*page, error) { return &page{Name: "help", Title: "Help"}, nil },
	}
	for pattern, make := range pages {
		mux.Handle(pattern, c.behindDoor(c.serve(make)))
	}
	mux.Handle("POST /alert/{id}/note", c.behindDoor(http.HandlerFunc(c.takeNote)))
	mux.Handle("GET /login", http.HandlerFunc(c.login))
	mux.Handle("POST /login", http.HandlerFunc(c.login))
	mux.Handle("GET /assets/", c.assets())
}

// page is what a template shows.
type page struct {
	Name, Title string
	Code        int // HTTP status, 0 for 200
	Body        any

	Health  *status.Status
	Refresh int // seconds after which the page asks for itself again; 0 does not
	Query   string
}

// failed is an answer that is no page, with its HTTP status.
type failed struct {
	code int
	text string
}

func (f failed) Error() string { return f.text }

// serve makes a page and writes it when it is whole.
func (c *Console) serve(make func(*http.Request) (*page, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, stop := context.WithTimeout(r.Context(), answerWithin)
		defer stop()
		p, err := make(r.WithContext(ctx))
		var f failed
		switch {
		case errors.As(err, &f):
			p = &page{Name: "error", Title: f.text, Code: f.code}
		case err != nil:
			c.Log.Error("page not made", "err", err)
			p = &page{Name: "error", Title: "The page could not be made. The log says why.", Code: http.StatusInternalServerError}
		}
		c.write(w, p)
	})
}

func (c *Console) write(w http.ResponseWriter, p *page) {
	p.Health = c.Status()
	if p.Name == "error" {
		p.Body, p.Title = p.Title, "Not that"
	}
	var b bytes.Buffer
	if err := c.pages[p.Name].ExecuteTemplate(&b, "layout", p); err != nil {
		c.Log.Error("page not written", "err", err, "page", p.Name)
		http.Error(w, "the page could not be written", http.StatusInternalServerError)
		return
	}
	pageHeaders(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(max(p.Code, http.StatusOK))
	w.Write(clean(b.Bytes())) // an error means that nobody listens any more
}

// pageHeaders sets the policy of pages. Their forms need the origin, so that it can be checked.
func pageHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
}

// assets serves what is the same for everybody, the page to log in included.
func (c *Console) assets() http.Handler {
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pageHeaders(w)
		server.ServeHTTP(w, r)
	})
}
