package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func testEnv(vars map[string]string) lookup {
	return func(name string) (string, bool) {
		value, ok := vars[name]
		return value, ok
	}
}

func mustParse(t *testing.T, text string) *Config {
	t.Helper()
	c, err := parse("idwatch.yaml", []byte(text), testEnv(map[string]string{"ES2": "es2", "EMPTY": "", "SIZE": "32MiB"}))
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return c
}

func TestEmptyFileGivesDefaults(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "{}", "inputs:\noutputs:\n"} {
		c := mustParse(t, text)
		want := Default()
		c.name, c.lines = "", want.lines
		if !reflect.DeepEqual(c, want) {
			t.Errorf("parse %q: got %+v, want %+v", text, c, want)
		}
	}
	c := Default()
	out, inUse := c.FileOutput()
	if !inUse || out.Path != "/var/lib/idwatch/out" || out.MaxBytes != 256<<20 {
		t.Errorf("file output: got %+v, %v", out, inUse)
	}
	if c.Lateness != 15*time.Minute || c.Queue.MaxBytes != 64<<20 || c.Spool.MaxBytes != 4<<30 {
		t.Errorf("defaults: got %v, %v, %v", c.Lateness, c.Queue.MaxBytes, c.Spool.MaxBytes)
	}
	if c.Source != "auto" || c.Namespace() != "default" || c.Cache.Identities != 100000 || c.ToElasticsearch() {
		t.Errorf("defaults: got %+v", c)
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	data, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := mustParse(t, string(data))
	want := &Config{
		DataDir: "/srv/idwatch", Source: "okta",
		Inputs: []Input{
			&FileInput{Path: []string{"/var/log/vault/audit.log"}, From: "end", Source: "vault"},
			&FileInput{Path: []string{"/var/log/okta/*.ndjson", "/var/log/okta/*.gz"}, From: "beginning"},
			&StdinInput{Source: "entra"},
			&HTTPInput{Server: Server{Listen: "0.0.0.0:8443", CertFile: "/etc/idwatch/cert.pem", KeyFile: "/etc/idwatch/key.pem", ClientCAFile: "/etc/idwatch/clients.pem",
				Clients: []string{"10.0.0.0/8", "192.0.2.7/32"}, MaxConnections: 9, Insecure: true}, Path: "/okta", TokenFile: "/etc/idwatch/token", Header: "X-Api-Key",
				MaxBody: 1 << 20, MaxInflated: 8 << 20, Timeout: 5 * time.Second, Source: "okta"},
			&ForwardInput{Server: Server{Listen: "127.0.0.1:24224", MaxConnections: 256}, SharedKeyFile: "/etc/idwatch/shared_key", Hostname: "idwatch",
				LogKey: "audit", MaxMessage: 1 << 20, MaxInflated: 2 << 20},
			&OktaInput{URL: "https://acme.okta.com", CAFile: "/etc/idwatch/ca.pem", ClientID: "0oa1", PrivateKeyFile: "/etc/idwatch/okta.pem", KeyID: "k1",
				Since: 7 * 24 * time.Hour, Interval: time.Minute, Limit: 100},
			&S3Input{QueueURL: "https://sqs.eu-central-1.amazonaws.com/123456789012/trail", Region: "eu-central-1", Endpoint: "https://s3.example",
				CredentialsFile: "/etc/idwatch/aws", Profile: "trail", Buckets: []string{"trail-1", "trail-2"}, Visibility: time.Minute, MaxReceives: 3,
				MaxInflated: 1 << 30, Parallel: 4, Source: "auto"},
			&KafkaInput{Brokers: []string{"k1:9093", "k2:9093"}, Topics: []string{"entra"}, Group: "g", From: "end", Session: 6 * time.Second, CAFile: "/etc/idwatch/ca.pem", Source: "entra"},
			&TCPInput{Server: Server{Listen: "[::1]:9090", MaxConnections: 256}},
			&UnixInput{Path: "/run/idwatch/vault.sock", Mode: "0600", MaxConnections: 3, Source: "vault"},
		},
		Outputs: Outputs{
			Elasticsearch: Elasticsearch{URL: []string{"https://es1:9200", "https://es2:9200"}, CAFile: "/etc/idwatch/ca.pem",
				APIKeyFile: "/etc/idwatch/api_key", Compression: "none", Namespace: "prod.eu_1", PreserveOriginal: true},
			File: File{Path: "/srv/out", MaxBytes: 10e6, MaxAge: 24 * time.Hour, Keep: 3, named: true},
		},
		Queue: Queue{8 << 20}, Spool: Spool{1 << 40}, DeadLetter: DeadLetter{2 << 30}, Lateness: 36 * time.Hour,
		Cache: Cache{5000, 128 << 20, 70_000, 2 << 30}, Rules: "/etc/idwatch/rules", Context: "/etc/idwatch/${literal}.yaml",
		GeoIP:   GeoIP{"/geo/city.mmdb", "/geo/asn.mmdb"},
		Console: Console{"[::1]:9000", []string{"edge-1.example"}, "/etc/idwatch/tls.pem", "/etc/idwatch/tls.key", "/etc/idwatch/token"},
		Store:   Store{Enabled: false, MaxBytes: 1 << 30, MaxAge: 7 * 24 * time.Hour, Alerts: 1000},
		Control: Control{false},
		Windows: Windows{[]string{"/etc/idwatch/ci.pub"}, "/srv/windows", 2 * time.Hour, 24 * time.Hour},
		Escalation: Escalation{[]string{"soc"}, []Target{
			{"soc", "slack", "", "/etc/idwatch/slack", "", "", 5 * time.Minute}, {"pager", "generic", "https://pager.example/hook", "", "/etc/idwatch/ca.pem", "/etc/idwatch/pager", 15 * time.Minute},
		}},
		name: c.name, lines: c.lines,
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
	if got := c.SourceOf(c.Inputs[1]); got != "okta" {
		t.Errorf("source of an input that names none: got %q, want okta", got)
	}
}

func TestOutputsInUse(t *testing.T) {
	const es = "elasticsearch: {url: 'http://es:9200'}"
	for _, c := range []struct {
		name, text string
		toES       bool
		dir        string
	}{
		{"none named", "data_dir: /d", false, "/d/out"},
		{"cluster alone", "outputs: {" + es + "}", true, ""},
		{"file alone", "outputs: {file: {path: /o}}", false, "/o"},
		{"file with its defaults", "data_dir: /d\noutputs:\n  file:\n", false, "/d/out"},
		{"both", "outputs: {" + es + ", file: {path: /o}}", true, "/o"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := mustParse(t, c.text)
			if got.ToElasticsearch() != c.toES {
				t.Errorf("to Elasticsearch: got %v, want %v", !c.toES, c.toES)
			}
			out, inUse := got.FileOutput()
			if inUse != (c.dir != "") || inUse && out.Path != c.dir {
				t.Errorf("file output: got %q, %v, want %q", out.Path, inUse, c.dir)
			}
		})
	}
}

func TestVariables(t *testing.T) {
	c := mustParse(t, "data_dir: /x/${EMPTY:-y}/${UNSET:-z}$\nqueue: {max_bytes: \"${SIZE}\"}\n")
	if c.DataDir != "/x/y/z$" || c.Queue.MaxBytes != 32<<20 {
		t.Errorf("got %q, %v", c.DataDir, c.Queue.MaxBytes)
	}
}

func TestLoadReportsMissingFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "idwatch.yaml")
	text := "outputs:\n  elasticsearch:\n    url: https://es:9200\n    ca_file: " + dir + "\n    api_key_file: " + dir + "/secret-name\nrules: " + path + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(path)
	want := path + ":4: outputs.elasticsearch.ca_file: want a file, got a directory\n" +
		path + ":5: outputs.elasticsearch.api_key_file: there is no such file\n" +
		path + ":6: rules: want a directory, got a file"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %v", err, want)
	}
	if _, err := Load(filepath.Join(dir, "none.yaml")); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("load of a file that is not there: got %v", err)
	}
}

func TestUnusedAndNamed(t *testing.T) {
	c := mustParse(t, "rules: /r\nspool: {max_bytes: 1GiB}\ndata_dir: /d\n")
	if got := c.Unused(); len(got) > 0 {
		t.Errorf("unused: got %q, want none", got)
	}
	if !c.Named("data_dir") || c.Named("console.listen") {
		t.Errorf("named: got %v, %v", c.Named("data_dir"), c.Named("console.listen"))
	}
}
