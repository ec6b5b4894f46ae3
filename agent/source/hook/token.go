package hook

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
)

// leastToken is how short a secret may be that strangers can try.
const leastToken = 16

// token is the hash of a secret: hashes have one length, which is all that comparing them shows.
type token [sha256.Size]byte

// parseTokens reads one secret a line: the new one beside the old one, as long as senders still show that.
func parseTokens(content []byte) ([]token, error) {
	var tokens []token
	for line := range bytes.Lines(content) {
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0:
		case len(line) < leastToken:
			return nil, errors.New("holds a secret of less than 16 characters: make one with openssl rand -hex 32")
		default:
			tokens = append(tokens, sha256.Sum256(line))
		}
	}
	if len(tokens) == 0 {
		return nil, errors.New("is empty: put the secret there, alone")
	}
	return tokens, nil
}

// isAuthorized compares with every token, however soon one fits.
func (s *Server) isAuthorized(r *http.Request) bool {
	if s.tokens == nil {
		return true
	}
	tokens, err := s.tokens.Get()
	if stale := err != nil; s.stale.Swap(stale) != stale && stale {
		s.Log.Error("changed file of tokens not used", "err", err)
	}
	shown := r.Header.Get(s.Header)
	whole := sha256.Sum256([]byte(shown))
	bearer := whole
	if word, rest, ok := strings.Cut(shown, " "); ok && strings.EqualFold(word, "Bearer") {
		bearer = sha256.Sum256([]byte(strings.TrimSpace(rest)))
	}
	fits := 0
	for i := range tokens {
		fits |= subtle.ConstantTimeCompare(tokens[i][:], whole[:]) | subtle.ConstantTimeCompare(tokens[i][:], bearer[:])
	}
	return fits == 1
}
