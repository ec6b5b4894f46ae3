package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func TestSetupIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "idwatch.yaml")
	write(t, path, []byte("outputs: {elasticsearch: {url: 'https://es:9200', pasword_file: x}}\n"))
	for _, c := range []struct{ name, args, want string }{
		{"nothing to set up", "", "idwatch: name a command"},
		{"no Kibana", "kibana", "name Kibana: --kibana-url ADDRESS, or a folder: --output DIR"},
		{"no cluster", "elasticsearch", "name the cluster: --config FILE or --es-url ADDRESS"},
		{"bad address", "elasticsearch --es-url es", "--es-url: want an address such as https://host:9200"},
		{"key that is not there", "elasticsearch --es-url http://es:9200 --api-key-file /none", "--api-key-file: there is no such file"},
		{"bad age", "elasticsearch --es-url http://es:9200 --retention 5m", "--retention: want an age of a day at least"},
		{"bad configuration", "elasticsearch --config " + path, path + ":1: outputs.elasticsearch.pasword_file: unknown key (did you mean password_file?)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, stdout, stderr := idwatch(t, "", append([]string{"setup"}, strings.Fields(c.args)...)...)
			if status != misused || stdout != "" || !strings.Contains(stderr, c.want) {
				t.Errorf("got %d, %q, %q, want %q", status, stdout, stderr, c.want)
			}
		})
	}
}

func TestSetupWritesFilesWithoutACluster(t *testing.T) {
	dir := t.TempDir()
	status, stdout, stderr := idwatch(t, "", "setup", "elasticsearch", "--output", dir)
	files, _ := filepath.Glob(dir + "/index-template/*.json")
	if status != done || stdout != "" || len(files) < 6 {
		t.Errorf("got %d, %q, %q and %d index templates", status, stdout, stderr, len(files))
	}
}

func TestSetupOfWhatIsNoElasticsearch(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	status, stdout, stderr := idwatch(t, "", "setup", "elasticsearch", "--es-url", other.URL)
	if status != wrong || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, other.URL) {
		t.Errorf("got %d, %q, %q, want one line that names the address", status, stdout, stderr)
	}
}
