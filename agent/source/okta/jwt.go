package okta

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"time"
)

// Only signing, and only with RS256: a library for JSON web tokens would bring all that is needed to check them, which is where
// such libraries have their faults.

// assertionLife is how long an assertion holds, which is used once and at once.
const assertionLife = 5 * time.Minute

// leastBits is what RS256 asks for. https://www.rfc-editor.org/rfc/rfc7518#section-3.3
const leastBits = 2048

// claims say who asks (RFC 7523).
func claims(client, audience string, now time.Time) map[string]any {
	return map[string]any{
		"iss": client, "sub": client, "aud": audience, "jti": rand.Text(), "iat": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	}
}

// sign makes a token of claims.
func sign(key *rsa.PrivateKey, id string, claims map[string]any) (string, error) {
	header := map[string]any{"alg": "RS256", "typ": "JWT"}
	if id != "" {
		header["kid"] = id
	}
	token, err := encode(header)
	if err != nil {
		return "", err
	}
	payload, err := encode(claims)
	if err != nil {
		return "", err
	}
	token += "." + payload
	sum := sha256.Sum256([]byte(token))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return token + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

func encode(part map[string]any) (string, error) {
	text, err := json.Marshal(part)
	return base64.RawURLEncoding.EncodeToString(text), err
}

// parseKey reads a private key as Okta shows it in PEM form.
func parseKey(content []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, errors.New("holds no key: put the private key there, in PEM form")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		rsaKey, ok := parsed.(*rsa.PrivateKey)
		if err != nil || !ok {
			return nil, errors.New("holds no RSA key: put the private key there, in PEM form")
		}
		key = rsaKey
	}
	if key.N.BitLen() < leastBits {
		return nil, errors.New("holds a key of less than 2048 bits")
	}
	return key, nil
}
