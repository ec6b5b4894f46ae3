package elastic

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeFile writes a file that its owner alone can read, and returns its path.
func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Everything wrong with settings and files is one line that says which key it is about and what to do.
func TestOpenErrors(t *testing.T) {
	url := []string{"https://es:9200"}
	key := writeFile(t, "key", "aWQ6a2V5\n")
	readable := writeFile(t, "readable", "aWQ6a2V5")
	if err := os.Chmod(readable, 0o644); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "missing")
	for name, test := range map[string]struct {
		settings Settings
		want     string
	}{
		"no url":              {Settings{}, "url is missing"},
		"no scheme":           {Settings{URLs: []string{"es:9200"}}, "url is not an address"},
		"password in url":     {Settings{URLs: []string{"https://a:geheim@es:9200"}}, "use username and password_file"},
		"query in url":        {Settings{URLs: []string{"https://es:9200/?geheim"}}, "after the path"},
		"missing key":         {Settings{URLs: url, APIKeyFile: missing}, "api_key_file " + missing + ": no such file"},
		"world-readable key":  {Settings{URLs: url, APIKeyFile: readable}, "can be read by others (mode 0644): chmod 600 " + readable},
		"world-readable pass": {Settings{URLs: url, Username: "a", PasswordFile: readable}, "password_file " + readable + ": can be read by others"},
		"key is a folder":     {Settings{URLs: url, APIKeyFile: t.TempDir()}, "is not a file"},
		"empty key":           {Settings{URLs: url, APIKeyFile: writeFile(t, "k", "\n")}, "holds no API key"},
		"key is no key":       {Settings{URLs: url, APIKeyFile: writeFile(t, "k", "geheim geheim")}, "holds no API key"},
		"key is too large":    {Settings{URLs: url, APIKeyFile: writeFile(t, "k", strings.Repeat("geheim", 4000))}, "is too large"},
		"empty password":      {Settings{URLs: url, Username: "a", PasswordFile: writeFile(t, "p", "\n")}, "is empty"},
		"user alone":          {Settings{URLs: url, Username: "a"}, "belong together"},
		"password alone":      {Settings{URLs: url, PasswordFile: key}, "belong together"},
		"both":                {Settings{URLs: url, APIKeyFile: key, Username: "a", PasswordFile: key}, "keep one"},
		"compression":         {Settings{URLs: url, Compression: "lz4"}, "gzip or none"},
		"missing CA":          {Settings{URLs: url, CAFile: missing}, "ca_file " + missing},
		"CA is none":          {Settings{URLs: url, CAFile: key}, "holds no certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(test.settings)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if text := err.Error(); strings.Contains(text, "geheim") || strings.Contains(text, "\n") || !strings.HasPrefix(text, "elasticsearch: ") {
				t.Errorf("got %q", text)
			}
		})
	}
}

// systemd shows the access list of a credential as permissions of the group.
func TestOpenTakesSystemdCredentials(t *testing.T) {
	key := writeFile(t, "key", "aWQ6a2V5")
	if err := os.Chmod(key, 0o440); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Settings{URLs: []string{"https://es:9200"}, APIKeyFile: key}); err == nil {
		t.Errorf("a key that the group can read was taken")
	}
	t.Setenv("CREDENTIALS_DIRECTORY", filepath.Dir(key))
	s, err := Open(Settings{URLs: []string{"https://es:9200"}, APIKeyFile: key})
	if err != nil {
		t.Fatal(err)
	}
	s.Close(t.Context())
}

func TestOpenWarnsOfPlainHTTP(t *testing.T) {
	for url, want := range map[string]bool{
		"http://es:9200": true, "https://es:9200": false, "http://127.0.0.1:9200": false, "http://[::1]:9200": false, "http://localhost:9200": false,
	} {
		var log bytes.Buffer
		s, err := Open(Settings{
			URLs: []string{url}, APIKeyFile: writeFile(t, "key", "aWQ6a2V5"), Log: slog.New(slog.NewTextHandler(&log, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), "unencrypted"); got != want {
			t.Errorf("%s: warned %v, want %v", url, got, want)
		}
		s.Close(t.Context())
	}
}
