package elastic

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/idwatch/idwatch/agent/secret"
)

// authorization returns the value of the header that the settings ask for, read again when its file changes; nil without one.
func (s *Settings) authorization() (*secret.File[secret.Text], error) {
	var file *secret.File[secret.Text]
	switch {
	case s.APIKeyFile != "":
		file = &secret.File[secret.Text]{Key: "api_key_file", Path: s.APIKeyFile, Parse: parseAPIKey}
	case s.PasswordFile != "":
		file = &secret.File[secret.Text]{Key: "password_file", Path: s.PasswordFile, Parse: basicAuth(s.Username)}
	default:
		return nil, nil
	}
	return file, file.Open()
}

// parseAPIKey takes a key as Elasticsearch shows it: encoded, or as its two parts with a colon between them.
func parseAPIKey(content []byte) (secret.Text, error) {
	key := string(bytes.TrimSpace(content))
	if strings.Contains(key, ":") {
		key = base64.StdEncoding.EncodeToString([]byte(key))
	}
	if _, err := base64.StdEncoding.DecodeString(key); err != nil || key == "" {
		return secret.Text{}, errors.New("holds no API key: put the key's encoded form there, alone")
	}
	return secret.New("ApiKey " + key), nil
}

func basicAuth(username string) func([]byte) (secret.Text, error) {
	return func(content []byte) (secret.Text, error) {
		password := strings.TrimRight(string(content), "\r\n")
		if password == "" {
			return secret.Text{}, errors.New("is empty: put the password there, alone")
		}
		return secret.New("Basic " + base64.StdEncoding.EncodeToString([]byte(username+":"+password))), nil
	}
}
