package elastic

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Secret is a text that no log, error or document can show by accident. It stands behind a pointer because fmt prints the
// fields of other people's structs without asking for their methods.
type Secret struct{ text *string }

const redacted = "[secret]"

// NewSecret hides a text.
func NewSecret(text string) Secret { return Secret{&text} }

// String implements fmt.Stringer.
func (Secret) String() string { return redacted }

// Format implements fmt.Formatter, for all verbs.
func (Secret) Format(f fmt.State, _ rune) { f.Write([]byte(redacted)) }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON implements json.Marshaler.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText implements encoding.TextMarshaler.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// reveal is for the one place that sends the secret.
func (s Secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// maxSecret keeps a wrong path, such as a device's, from being read for ever.
const maxSecret = 16 << 10

// authorization returns the value of the header that the settings ask for, read again when its file changes; nil without one.
func (s *Settings) authorization() (*watched[Secret], error) {
	var file *watched[Secret]
	switch {
	case s.APIKeyFile != "":
		file = &watched[Secret]{key: "api_key_file", path: s.APIKeyFile, parse: parseAPIKey}
	case s.PasswordFile != "":
		file = &watched[Secret]{key: "password_file", path: s.PasswordFile, parse: basicAuth(s.Username)}
	default:
		return nil, nil
	}
	file.limit, file.check = maxSecret, ownerOnly
	return file, file.open()
}

// parseAPIKey takes a key as Elasticsearch shows it: encoded, or as its two parts with a colon between them.
func parseAPIKey(content []byte) (Secret, error) {
	key := string(bytes.TrimSpace(content))
	if strings.Contains(key, ":") {
		key = base64.StdEncoding.EncodeToString([]byte(key))
	}
	if _, err := base64.StdEncoding.DecodeString(key); err != nil || key == "" {
		return Secret{}, errors.New("holds no API key: put the key's encoded form there, alone")
	}
	return NewSecret("ApiKey " + key), nil
}

func basicAuth(username string) func([]byte) (Secret, error) {
	return func(content []byte) (Secret, error) {
		password := strings.TrimRight(string(content), "\r\n")
		if password == "" {
			return Secret{}, errors.New("is empty: put the password there, alone")
		}
		return NewSecret("Basic " + base64.StdEncoding.EncodeToString([]byte(username+":"+password))), nil
	}
}

// ownerOnly refuses a file that others than its owner can read. systemd gives a service its credentials by an access list, which
// shows as permissions of the group.
func ownerOnly(path string, info fs.FileInfo) error {
	others := fs.FileMode(0o077)
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" && filepath.Dir(path) == filepath.Clean(dir) {
		others = 0o007
	}
	if mode := info.Mode().Perm(); mode&others != 0 {
		return fmt.Errorf("can be read by others (mode %04o): chmod 600 %s", mode, path)
	}
	return nil
}
