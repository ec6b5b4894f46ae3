package hosttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// These tests load the product: documents come out of it.

// documents are the NDJSON documents in a data directory by data stream.
func documents(t *testing.T, dir string) map[string][]map[string]any {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "out", "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	docs := map[string][]map[string]any{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			var doc map[string]any
			if err := json.Unmarshal(line, &doc); err != nil {
				t.Fatal(err)
			}
			stream := doc["data_stream"].(map[string]any)
			name := fmt.Sprint(stream["dataset"])
			docs[name] = append(docs[name], doc)
		}
	}
	return docs
}

func product(t *testing.T) *host {
	t.Helper()
	h := start(t, libraries(t).product)
	h.want("registered 0 0", "register 5")
	return h
}

// documentsOf runs one golden chunk through an instance of its own.
func documentsOf(t *testing.T, h *host, chunk string) map[string][]map[string]any {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	h.want("init "+chunk+" 1", "init %s 1 data_dir=%s", chunk, dir)
	h.do("flush %s %s", chunk, chunkFile(t, chunk+".msgpack"))
	h.do("wait")
	h.want("exit "+chunk+" 1 ", "exit %s", chunk)
	return documents(t, dir)
}

func TestDocuments(t *testing.T) {
	h := product(t)
	lines, maps := documentsOf(t, h, "lines"), documentsOf(t, h, "maps")
	for _, dataset := range []string{"okta.system", "aws.cloudtrail", "azure.signinlogs", "hashicorp_vault.audit"} {
		if len(lines[dataset]) != 1 {
			t.Fatalf("%s: got %d documents, want 1", dataset, len(lines[dataset]))
		}
		if got, want := maps[dataset][0], lines[dataset][0]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the map gives %v, the line %v", dataset, got, want)
		}
	}
	if len(lines) != 4 {
		t.Errorf("got %d data streams, want 4", len(lines))
	}
}

func TestBadBytesBecomeDeadLetters(t *testing.T) {
	h := product(t)
	for chunk, letters := range map[string]int{"truncated": 1, "damaged": 1, "text": 1, "unreadable": 9, "no_vendor": 5} {
		docs := documentsOf(t, h, chunk)
		if got := len(docs["idwatch.deadletter"]); got != letters {
			t.Errorf("%s: got %d dead letters, want %d", chunk, got, letters)
		}
		if chunk != "no_vendor" && len(docs["okta.system"]) != 1 {
			t.Errorf("%s: got %d good records, want 1", chunk, len(docs["okta.system"]))
		}
	}
	h.close()
	if log := h.log.String(); strings.Contains(log, "lena") || strings.Contains(log, "plain text") {
		t.Errorf("the log quotes records: %s", log)
	}
}

// An instance that ends takes its threads, files and lock with it.
func TestNothingLeftBehind(t *testing.T) {
	h, dir := product(t), filepath.Join(t.TempDir(), "data")
	var files, threads int
	for n := range 40 {
		h.want("init a 1", "init a 1 data_dir=%s", dir)
		h.do("flush a %s", chunkFile(t, "lines.msgpack"))
		h.do("wait")
		h.want("exit a 1 ", "exit a")
		if n == 4 {
			files, threads = h.count("fd"), h.count("task")
		}
	}
	if f, th := h.count("fd"), h.count("task"); f > files || th > threads+4 {
		t.Errorf("got %d files and %d threads, had %d and %d", f, th, files, threads)
	}
}

// With no server in reach chunks are taken all the same, into the spool, and the end is swift.
func TestServerOutOfReach(t *testing.T) {
	t.Parallel()
	h, dir := product(t), t.TempDir()
	h.want("init a 1", "init a 0 data_dir=%s es_url=http://127.0.0.1:%s", filepath.Join(dir, "data"), freePort(t))
	h.do("flush a %s 300", chunkFile(t, "lines.msgpack"))
	if got := h.answers(); got["1"] != 300 || len(got) != 1 {
		t.Errorf("got answers %v, want 300 times 1", got)
	}
	var answer, took int
	line := h.do("exit a")[0]
	if _, err := fmt.Sscanf(line, "exit a %d %d", &answer, &took); err != nil || answer != 1 || took > 10_000 {
		t.Errorf("got %q (%v)", line, err)
	}
	h.want("init a 1", "init a 1 data_dir=%s", filepath.Join(dir, "data")) // to files, from what is in the spool
	h.want("exit a 1 ", "exit a")
	docs := documents(t, filepath.Join(dir, "data"))
	for _, dataset := range []string{"okta.system", "aws.cloudtrail", "azure.signinlogs", "hashicorp_vault.audit"} {
		if len(docs[dataset]) != 1 {
			t.Errorf("%s: got %d documents, want 1: the others are the same record", dataset, len(docs[dataset]))
		}
	}
}
