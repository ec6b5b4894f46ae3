package httpd

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
)

const minToken = 16

// hash is what is kept of a token: it can be compared, and not be printed by accident.
type hash [sha256.Size]byte

func parseToken(content []byte) (hash, error) {
	word := strings.TrimSpace(string(content))
	if len(word) < minToken {
		return hash{}, errors.New("want a token of 16 characters and more")
	}
	return sha256.Sum256([]byte(word)), nil
}

// allows reports whether a request shows the token, as programs do (bearer) or as browsers do (password of any user name).
// While the file cannot be read the token is what it was.
func (l *Server) allows(r *http.Request) bool {
	if l.token == nil {
		return true
	}
	want, _ := l.token.Get()
	_, shown, ok := r.BasicAuth()
	if !ok {
		scheme, word, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		shown, ok = word, strings.EqualFold(scheme, "Bearer")
	}
	sum := hash(sha256.Sum256([]byte(shown)))
	return ok && subtle.ConstantTimeCompare(sum[:], want[:]) == 1
}
