package service

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// sources are a record of each source and the data stream that it goes to.
var sources = []struct{ name, record, stream string }{
	{"okta", "okta/session-start", "logs-okta.system-default"},
	{"entra", "entra/signin-interactive", "logs-azure.signinlogs-default"},
	{"cloudtrail", "cloudtrail/console-login", "logs-aws.cloudtrail-default"},
	{"vault", "vault/secret-read", "logs-hashicorp_vault.audit-default"},
}

// inputs is a configuration that reads a file of each source.
func (h house) inputs() string {
	var lines strings.Builder
	lines.WriteString("inputs:\n")
	for _, s := range sources {
		lines.WriteString("- {type: file, path: " + h.path(s.name+"*.log") + ", source: " + s.name + "}\n")
	}
	return lines.String()
}

func TestFilesInFilesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		for _, s := range sources {
			h.add(s.name+".log", firstLine(t, s.record), "not JSON")
		}
		c := h.config(h.inputs())
		read := h.runFor(c, 10*time.Second, func() {
			for _, s := range sources {
				if s.name == "okta" {
					h.add("okta.log", oktaFrom("192.0.2.1", 1)) // while it runs
				}
			}
		})
		if read != 9 {
			t.Errorf("read %d records, want 9", read)
		}
		docs := h.documents()
		for _, s := range sources {
			if got := len(docs[s.stream]); got != 1 && s.name != "okta" || got == 0 {
				t.Errorf("%s: got %d documents", s.stream, got)
			}
		}
		if len(docs["logs-okta.system-default"]) != 2 || len(docs["logs-idwatch.deadletter-default"]) != 4 {
			t.Errorf("got %d sign-ins and %d dead letters, want 2 and 4", len(docs["logs-okta.system-default"]), len(docs["logs-idwatch.deadletter-default"]))
		}
	})
}

// What was delivered is not read again after a restart, and what came meanwhile is.
func TestRestartReadsNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		c := h.config(h.inputs())
		for n := range 100 {
			h.add("okta.log", oktaFrom("192.0.2.1", n))
		}
		if read := h.runFor(c, 10*time.Second, nil); read != 100 {
			t.Errorf("first run: read %d records, want 100", read)
		}
		if read := h.runFor(c, 10*time.Second, nil); read != 0 {
			t.Errorf("second run: read %d records, want none", read)
		}
		h.add("okta.log", oktaFrom("192.0.2.1", 100))
		if err := os.Rename(h.path("okta.log"), h.path("okta-1.log")); err != nil {
			t.Fatal(err)
		}
		h.add("okta.log", oktaFrom("192.0.2.1", 101))
		if read := h.runFor(c, 10*time.Second, nil); read != 2 {
			t.Errorf("third run, after a rotation: read %d records, want 2", read)
		}
		if got := len(h.documents()["logs-okta.system-default"]); got != 102 {
			t.Errorf("got %d documents, want 102", got)
		}
	})
}

// A service that cannot open leaves nothing behind that would keep the next one from opening.
func TestOpenGivesBack(t *testing.T) {
	h := newHouse(t)
	for name, line := range map[string]string{
		"context": "context: " + h.path("none.yaml"),
		"geoip":   "geoip: {city: " + h.path("none.mmdb") + "}",
		"server":  "outputs: {elasticsearch: {url: 'https://es.test:9200', ca_file: " + h.path("none.pem") + "}}",
		"output":  "outputs: {file: {path: " + h.write("file", "") + "/out}}",
	} {
		if s, err := Open(h.config(line), slog.New(slog.DiscardHandler)); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line", name, err)
			if err == nil {
				h.close(s)
			}
		}
	}
	h.close(h.open(h.config()))
}

func TestPutAfterClose(t *testing.T) {
	h := newHouse(t)
	s := h.open(h.config())
	h.put(s, oktaFrom("192.0.2.1", 1))
	h.close(s)
	if err := s.Put(context.Background(), [][]byte{[]byte("x")}, nil); err == nil {
		t.Error("a closed service takes records")
	}
	h.close(s) // a second time is nothing
}
