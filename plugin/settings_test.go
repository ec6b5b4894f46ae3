package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func get(keys map[string]string) func(string) string {
	return func(key string) string { return keys[key] }
}

func TestKeysStandAboveTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "idwatch.yaml")
	if err := os.WriteFile(file, []byte("data_dir: /from/file\nsource: okta\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := readSettings(get(map[string]string{"config": file, "data_dir": "/from/key", "namespace": "prod", "log_key": "payload"}))
	c, err := s.load()
	if err != nil {
		t.Fatal(err)
	}
	if c.DataDir != "/from/key" || c.Source != "okta" || c.Namespace() != "prod" || s.logKey != "payload" {
		t.Errorf("got data_dir %q, source %q, namespace %q, log_key %q", c.DataDir, c.Source, c.Namespace(), s.logKey)
	}
}

func TestEveryKeyIsTaken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		"data_dir": "/data", "es_url": "https://es.example:9200", "api_key_file": file, "ca_file": file,
		"namespace": "prod", "context": file, "source": "vault",
	}
	for _, key := range overrides {
		if values[key] == "" {
			t.Fatalf("key %s has no value here", key)
		}
	}
	c, err := readSettings(get(values)).load()
	if err != nil {
		t.Fatal(err)
	}
	if e := c.Outputs.Elasticsearch; !c.ToElasticsearch() || e.APIKeyFile != file || e.CAFile != file || c.Context != file {
		t.Errorf("got %+v", c)
	}
}

func TestBadKeysAreErrors(t *testing.T) {
	for key, value := range map[string]string{"config": "/no/such/file", "source": "sources", "ca_file": "/no/such/file"} {
		_, err := readSettings(get(map[string]string{key: value})).load()
		if err == nil || key != "config" && !strings.Contains(err.Error(), key) {
			t.Errorf("%s: got error %v", key, err)
		}
	}
}

// Fluent Bit opens no port of ours unless the file names it.
func TestConsoleIsOffUnlessNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "idwatch.yaml")
	for text, want := range map[string]string{"source: okta\n": "off", "console: {listen: '127.0.0.1:9000'}\n": "127.0.0.1:9000"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := readSettings(get(map[string]string{"config": file})).load()
		if err != nil {
			t.Fatal(err)
		}
		if c.Console.Listen != want {
			t.Errorf("%q: got %s, want %s", text, c.Console.Listen, want)
		}
	}
}
