package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	cookieName = "idwatch_console"
	cookieFor  = 7 * 24 * time.Hour
	tokenBytes = 32
)

// door lets in who has shown the token of the data directory: other users of this machine, and every page in the user's browser, reach
// loopback too. The token is shown once; from then on a cookie says so, signed with the token, so that a new token ends all logins.
type door struct {
	token  []byte
	secure bool
}

// openDoor reads the token, or makes one.
func openDoor(path string, secure bool) (*door, error) {
	token, err := ReadToken(path)
	if errors.Is(err, fs.ErrNotExist) {
		token, err = makeToken(path)
	}
	if err != nil {
		return nil, err
	}
	return &door{[]byte(token), secure}, nil
}

// ReadToken reads the token that a console has made.
func ReadToken(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s can be read by others: make it 0600, or remove it for a new one", path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(raw))
	if len(token) < 16 {
		return "", fmt.Errorf("%s is too short for a token: remove it for a new one", path)
	}
	return token, nil
}

func makeToken(path string) (string, error) {
	raw := make([]byte, tokenBytes)
	rand.Read(raw) // never fails, it says
	token := base64.RawURLEncoding.EncodeToString(raw)
	return token, os.WriteFile(path, []byte(token+"\n"), 0o600)
}

func (d *door) sign(until string) string {
	mac := hmac.New(sha256.New, d.token)
	mac.Write([]byte("console cookie until " + until))
	return hex.EncodeToString(mac.Sum(nil))
}

// cookie is what says that its bearer has shown the token.
func (d *door) cookie(now time.Time) *http.Cookie {
	until := strconv.FormatInt(now.Add(cookieFor).Unix(), 10)
	return &http.Cookie{
		Name: cookieName, Value: until + "." + d.sign(until), Path: "/", MaxAge: int(cookieFor.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: d.secure,
	}
}

// knows reports whether a request has a good cookie.
func (d *door) knows(r *http.Request, now time.Time) bool {
	for _, cookie := range r.CookiesNamed(cookieName) {
		until, sum, _ := strings.Cut(cookie.Value, ".")
		end, err := strconv.ParseInt(until, 10, 64)
		if err == nil && now.Unix() < end && hmac.Equal([]byte(sum), []byte(d.sign(until))) {
			return true
		}
	}
	return false
}

// opens reports whether a text is the token.
func (d *door) opens(token string) bool {
	given, want := sha256.Sum256([]byte(token)), sha256.Sum256(d.token)
	return subtle.ConstantTimeCompare(given[:], want[:]) == 1
}

// behindDoor asks for the token first.
func (c *Console) behindDoor(h http.Handler) http.Handler {
	if c.door == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.door.knows(r, time.Now()) {
			c.askToken(w, http.StatusUnauthorized, "")
			return
		}
		h.ServeHTTP(w, r)
	})
}

// login takes the token, from the form or from the address that "idwatch console" prints.
func (c *Console) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, formMost)
	token := r.FormValue("token")
	switch {
	case c.door == nil:
	case token == "":
		c.askToken(w, http.StatusOK, "")
		return
	case !c.door.opens(strings.TrimSpace(token)):
		c.askToken(w, http.StatusForbidden, "That is not the token.")
		return
	default:
		http.SetCookie(w, c.door.cookie(time.Now()))
	}
	pageHeaders(w)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (c *Console) askToken(w http.ResponseWriter, code int, problem string) {
	c.write(w, &page{Name: "login", Title: "Log in", Code: code, Body: problem})
}
