package config

import (
	"slices"
	"strings"
	"testing"
)

func TestEveryKeyIsDocumented(t *testing.T) {
	keys := Keys()
	for _, k := range keys {
		if len(k.Doc) < 15 || !strings.HasSuffix(k.Doc, ".") {
			t.Errorf("%s: got doc %q, want a sentence", k.Path, k.Doc)
		}
		if k.Type == "" {
			t.Errorf("%s: has no type", k.Path)
		}
	}
	for _, path := range []string{"data_dir", "inputs[].type", "inputs[file].path", "outputs.elasticsearch.api_key_file",
		"outputs.file.max_bytes", "queue.max_bytes", "console.listen"} {
		if !slices.ContainsFunc(keys, func(k Key) bool { return k.Path == path }) {
			t.Errorf("keys: got none for %s", path)
		}
	}
}

// A default must be a value that the file may have, and one for each bound: setDefaults and bound panic otherwise.
func TestDefaultsAreValid(t *testing.T) {
	c := Default()
	if errs := c.check(); len(errs) > 0 {
		t.Errorf("check of the defaults: %v", errs)
	}
	if _, err := Parse("default", c.YAML()); err != nil {
		t.Errorf("parse of the defaults: %v\n%s", err, c.YAML())
	}
}

func TestOverride(t *testing.T) {
	c := mustParse(t, "outputs:\n  elasticsearch:\n    url: https://es:9200\n    username: joe\n    password_file: /p\n")
	key := t.TempDir() + "/key"
	writeFile(t, key)
	for _, kv := range [][2]string{{"data_dir", "/d"}, {"es_url", "http://other:9200"}, {"api_key_file", key},
		{"ca_file", key}, {"namespace", "prod"}, {"context", key}, {"source", "vault"}} {
		if err := c.Override(kv[0], kv[1]); err != nil {
			t.Fatalf("override %s: %v", kv[0], err)
		}
	}
	es := c.Outputs.Elasticsearch
	if c.DataDir != "/d" || es.URL[0] != "http://other:9200" || es.APIKeyFile != key || es.CAFile != key || es.Username != "" ||
		c.Namespace() != "prod" || c.Context != key || c.Source != "vault" {
		t.Errorf("got %+v", c)
	}
}

func TestBadOverride(t *testing.T) {
	for _, kv := range [][3]string{
		{"es_ulr", "x", "es_ulr: unknown key (did you mean es_url?)"},
		{"es_url", "es", "es_url: want an address such as https://host:9200"},
		{"source", "x", "source: unknown value (one of auto, okta, entra, cloudtrail, vault, ecs)"},
		{"data_dir", "", "data_dir: is empty"},
		{"api_key_file", "/none/hunter2", "api_key_file: there is no such file"},
		{"namespace", "A", "namespace: may have lower-case letters, digits, _ and . only"},
	} {
		c := Default()
		err := c.Override(kv[0], kv[1])
		if err == nil || err.Error() != kv[2] {
			t.Errorf("override %s: got %v, want %s", kv[0], err, kv[2])
		}
		if string(c.YAML()) != string(Default().YAML()) {
			t.Errorf("override %s: changed the configuration in spite of its error", kv[0])
		}
	}
}
