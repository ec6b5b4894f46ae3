// Package windows takes windows that somebody signs, such as the CI that deploys: a statement, an Ed25519 signature, and nothing that
// can be used twice. Keys are PEM files as openssl makes them, so that signing needs no tool of ours.
package windows

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Actions of a statement.
const (
	Open  = "open"
	Close = "close"
)

// domain is signed in front of a statement, so that a signature made for something else is none for us.
const domain = "idwatch window v1\n"

// Kinds are the kinds of windows.
var Kinds = []string{"deployment", "maintenance", "failover", "rotation", "elevation"}

// Sources are the sources that a window may be limited to.
var Sources = []string{"okta", "entra", "cloudtrail", "vault", "ecs"}

// Statement is what is signed.
type Statement struct {
	Action     string    `json:"action"`
	ID         string    `json:"id"`     // of the window; nobody uses it twice
	Issued     time.Time `json:"issued"` // when it was signed
	Kind       string    `json:"kind,omitempty"`
	From       time.Time `json:"from,omitzero"`
	Until      time.Time `json:"until,omitzero"`
	Identities []string  `json:"identities,omitempty"`
	Sources    []string  `json:"sources,omitempty"`
	Operations []string  `json:"operations,omitempty"`
	Ticket     string    `json:"ticket,omitempty"`
}

// Signed is a statement on its way. What is signed are the statement's very bytes.
type Signed struct {
	Statement string `json:"statement"` // base64 of JSON
	Signature string `json:"signature"` // base64 of Ed25519 over "idwatch window v1\n" and the JSON
}

const (
	maxSigned = 64 << 10
	maxNames  = 100
	maxText   = 512
)

// NewID makes up the id of a window.
func NewID() string {
	var b [12]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Sign signs a statement.
func Sign(s *Statement, key ed25519.PrivateKey) ([]byte, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	signature := ed25519.Sign(key, append([]byte(domain), text...))
	b64 := base64.StdEncoding.EncodeToString
	signed, err := json.Marshal(Signed{b64(text), b64(signature)})
	return append(signed, '\n'), err
}

// ReadPrivateKey reads a key as "openssl genpkey -algorithm ed25519" writes it.
func ReadPrivateKey(text []byte) (ed25519.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("is no PEM file")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("is no private key in PKCS #8")
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("is no Ed25519 key")
	}
	return private, nil
}

// Key is a key that is trusted.
type Key struct {
	Name   string // first bytes of its hash
	public ed25519.PublicKey
}

// ReadPublicKeys reads all keys of a PEM file, as "openssl pkey -pubout" writes them.
func ReadPublicKeys(text []byte) (keys []Key, err error) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, errors.New("holds something else than public keys")
		}
		public, ok := key.(ed25519.PublicKey)
		if !ok {
			return nil, errors.New("holds a key that is not Ed25519")
		}
		keys = append(keys, Key{NameOf(public), public})
	}
	if len(keys) == 0 {
		return nil, errors.New("holds no public key")
	}
	return keys, nil
}

// NameOf is how a key is called.
func NameOf(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:8])
}

// Refusal is why a statement is not taken.
type Refusal struct {
	Rule string // rule id of the alert about it
	Text string // one line that quotes nothing of what is not known to be signed
}

func (r *Refusal) Error() string { return r.Text }

// The rules of the alerts about statements that are not taken.
const (
	Forged   = "idwatch_window_forged"
	Expired  = "idwatch_window_expired"
	Replayed = "idwatch_window_replayed"
	Improper = "idwatch_window_improper"
)

func refuse(rule, format string, args ...any) *Refusal {
	return &Refusal{rule, fmt.Sprintf(format, args...)}
}

// open checks the signature and only then reads the statement.
func open(signed []byte, keys []Key) (*Statement, Key, *Refusal) {
	var s Signed
	if len(signed) > maxSigned || json.Unmarshal(signed, &s) != nil {
		return nil, Key{}, refuse(Forged, "a window was declared that is no signed statement")
	}
	text, err := base64.StdEncoding.DecodeString(s.Statement)
	signature, err2 := base64.StdEncoding.DecodeString(s.Signature)
	if err != nil || err2 != nil || len(signature) != ed25519.SignatureSize {
		return nil, Key{}, refuse(Forged, "a window was declared without a signature")
	}
	for _, k := range keys {
		if !ed25519.Verify(k.public, append([]byte(domain), text...), signature) {
			continue
		}
		st := &Statement{}
		d := json.NewDecoder(strings.NewReader(string(text)))
		d.DisallowUnknownFields()
		if d.Decode(st) != nil {
			return nil, k, refuse(Improper, "a window signed with key %s says something that this version does not understand", k.Name)
		}
		return st, k, nil
	}
	return nil, Key{}, refuse(Forged, "a window was declared with a signature that no trusted key has made")
}

// check looks at what a statement says, whoever says it.
func (s *Statement) check() string {
	texts := append(append(append([]string{s.ID, s.Kind, s.Ticket}, s.Identities...), s.Sources...), s.Operations...)
	for _, text := range texts {
		if len(text) > maxText || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return "has a text that is too long or no plain text"
		}
	}
	switch {
	case s.Action != Open && s.Action != Close:
		return "has an unknown action"
	case len(s.ID) < 8 || strings.ContainsFunc(s.ID, func(r rune) bool { return !isIDRune(r) }):
		return "has no proper id: 8 letters, digits, - and _ at least"
	case s.Issued.IsZero():
		return "does not say when it was issued"
	case s.Action == Close:
		return ""
	case !slices.Contains(Kinds, s.Kind):
		return "is of an unknown kind"
	case len(s.Identities) == 0 || len(s.Identities) > maxNames || len(s.Operations) > maxNames || len(s.Sources) > maxNames:
		return "names no identities, or too much"
	case !s.Until.After(s.From) || s.From.IsZero():
		return "does not end after it begins"
	}
	for _, name := range s.Identities {
		if strings.Trim(name, "*?") == "" {
			return "stands for every identity there is"
		}
	}
	for _, name := range s.Sources {
		if !slices.Contains(Sources, name) {
			return "names an unknown source"
		}
	}
	return ""
}

func isIDRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_'
}
