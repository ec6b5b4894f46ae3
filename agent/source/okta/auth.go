package okta

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/agent/secret"
)

// Auth is an API token, or an OAuth client with a private key.
type Auth struct {
	TokenFile      string // API token of an administrator who may read the log
	ClientID       string // service app with the scope okta.logs.read
	PrivateKeyFile string // PEM, RSA
	KeyID          string // the key's kid; "" where the app has one key only
}

const (
	scope     = "okta.logs.read"
	tokenPath = "/oauth2/v1/token"
	// renewBefore is how long before its end a token is replaced.
	renewBefore  = time.Minute
	tokenTimeout = 30 * time.Second
)

// authorizer makes the header that shows who asks.
type authorizer struct {
	base   string
	client *http.Client
	auth   Auth
	token  *secret.File[secret.Text]     // of an API token; nil with OAuth
	key    *secret.File[*rsa.PrivateKey] // of OAuth

	mu    sync.Mutex
	given secret.Text // access token
	until time.Time
}

func newAuthorizer(base string, auth Auth, client *http.Client) (*authorizer, error) {
	a := &authorizer{base: base, client: client, auth: auth}
	if auth.TokenFile != "" {
		a.token = &secret.File[secret.Text]{Key: "token_file", Path: auth.TokenFile, Parse: parseToken}
		return a, a.token.Open()
	}
	a.key = &secret.File[*rsa.PrivateKey]{Key: "private_key_file", Path: auth.PrivateKeyFile, Parse: parseKey}
	return a, a.key.Open()
}

func parseToken(content []byte) (secret.Text, error) {
	token := strings.TrimSpace(string(content))
	if token == "" || strings.ContainsAny(token, " \r\n\t") {
		return secret.Text{}, errors.New("holds no API token: put the token there, alone")
	}
	return secret.New(token), nil
}

// header returns the value of Authorization.
func (a *authorizer) header(ctx context.Context) (string, error) {
	if a.token != nil {
		token, err := a.token.Get()
		if token.Reveal() == "" {
			return "", err
		}
		return "SSWS " + token.Reveal(), nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.given.Reveal() == "" || !time.Now().Before(a.until) {
		if err := a.fetch(ctx); err != nil {
			return "", fmt.Errorf("access token: %w", err)
		}
	}
	return "Bearer " + a.given.Reveal(), nil
}

// renew forgets an access token that is not taken any more, and reports whether there was one.
func (a *authorizer) renew() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	had := a.given.Reveal() != ""
	a.given = secret.Text{}
	return had
}

// fetch gets an access token. The caller holds the lock.
// https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/
func (a *authorizer) fetch(ctx context.Context) error {
	key, err := a.key.Get()
	if key == nil {
		return err
	}
	address := a.base + tokenPath
	assertion, err := sign(key, a.auth.KeyID, claims(a.auth.ClientID, address, time.Now()))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	form := url.Values{
		"grant_type": {"client_credentials"}, "scope": {scope}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return errors.New("url is not an address")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	res, err := a.client.Do(req)
	if err != nil {
		return plain(err)
	}
	if res.StatusCode != http.StatusOK {
		return refused(res)
	}
	defer res.Body.Close()
	return a.keep(io.LimitReader(res.Body, maxAnswer))
}

// keep reads an access token.
func (a *authorizer) keep(body io.Reader) error {
	var answer struct {
		Token   string `json:"access_token"`
		Expires int64  `json:"expires_in"`
	}
	if json.NewDecoder(body).Decode(&answer) != nil || answer.Token == "" {
		return errors.New("answer has no token")
	}
	a.given = secret.New(answer.Token)
	a.until = time.Now().Add(time.Duration(answer.Expires)*time.Second - renewBefore)
	return nil
}

// codeOf returns Okta's or OAuth's error code, which is one word; the texts beside it may quote the request.
func codeOf(body []byte) string {
	code := gjson.GetBytes(body, "errorCode").Str
	if code == "" {
		code = gjson.GetBytes(body, "error").Str
	}
	if len(code) > 64 || strings.ContainsFunc(code, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return ""
	}
	return code
}
