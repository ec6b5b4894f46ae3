package console

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/idwatch/idwatch/agent/store"
)

const authorCookie = "idwatch_author"

// authorOf is the name that the last note was signed with.
func authorOf(r *http.Request) string {
	cookie, err := r.Cookie(authorCookie)
	if err != nil {
		return ""
	}
	name, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return ""
	}
	return string(name)
}

// takeNote keeps what a person did with an alert, sends it along, and shows the alert again.
func (c *Console) takeNote(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, formMost)
	if err := r.ParseForm(); err != nil || c.Store == nil {
		c.write(w, &page{Name: "error", Title: "The note could not be read.", Code: http.StatusBadRequest})
		return
	}
	n := store.Note{
		Alert: r.PathValue("id"), At: time.Now().UTC().Truncate(time.Millisecond), Author: strings.TrimSpace(r.PostForm.Get("author")),
		Kind: r.PostForm.Get("kind"), Text: r.PostForm.Get("text"),
	}
	if n.Author == "" {
		n.Author = "somebody"
	}
	kept, err := c.Store.Annotate(r.Context(), n)
	switch {
	case errors.Is(err, store.ErrNote):
		c.write(w, &page{Name: "error", Title: "The note was not kept: it is empty, longer than 4000 bytes, or there are 500 already.", Code: http.StatusBadRequest})
		return
	case errors.Is(err, store.ErrNotFound):
		c.write(w, &page{Name: "error", Title: "There is no alert of that id on this machine.", Code: http.StatusNotFound})
		return
	case err != nil:
		c.Log.Error("note not kept", "err", err)
		c.write(w, &page{Name: "error", Title: "The note was not kept. The log says why.", Code: http.StatusInternalServerError})
		return
	}
	if c.Tell != nil {
		c.Tell(kept)
	}
	http.SetCookie(w, &http.Cookie{
		Name: authorCookie, Value: base64.RawURLEncoding.EncodeToString([]byte(n.Author)), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: c.Secure,
	})
	pageHeaders(w)
	http.Redirect(w, r, "/alert/"+url.PathEscape(n.Alert), http.StatusSeeOther)
}
