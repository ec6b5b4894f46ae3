package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// oktaRecord is the smallest record of Okta that is one.
func oktaRecord(n int) string {
	return fmt.Sprintf(`{"uuid":"u%03d","published":"2026-03-01T10:00:00.000Z","eventType":"user.session.start","actor":{"id":"a"}}`, n)
}

// kinds parses each line as a document and returns event.id or, for a dead letter, event.kind.
func kinds(t *testing.T, ndjson string) []string {
	t.Helper()
	var found []string
	for line := range strings.Lines(ndjson) {
		var doc struct {
			Event struct{ ID, Kind, Original string }
		}
		if err := json.Unmarshal([]byte(line), &doc); err != nil {
			t.Fatalf("line is no document: %v\n%s", err, line)
		}
		if doc.Event.Kind == "pipeline_error" {
			doc.Event.ID = doc.Event.Kind
		}
		found = append(found, doc.Event.ID)
	}
	return found
}

func TestParseKeepsInputOrder(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second.gz")
	write(t, first, []byte(oktaRecord(1)+"\n\n"+oktaRecord(2)))
	write(t, second, zipped(t, "["+oktaRecord(4)+","+oktaRecord(5)+"]"))
	status, stdout, stderr := idwatch(t, oktaRecord(3)+"\nnot JSON\n", "parse", first, "-", second)
	got, want := strings.Join(kinds(t, stdout), " "), "u001 u002 u003 pipeline_error u004 u005"
	if status != done || got != want || stderr != "" {
		t.Errorf("got %d, %q, %q, want %q", status, got, stderr, want)
	}
}

func TestParseReadsStandardInput(t *testing.T) {
	status, stdout, _ := idwatch(t, oktaRecord(7), "parse", "--source", "okta", "--preserve-original")
	if got := strings.Join(kinds(t, stdout), " "); status != done || got != "u007" {
		t.Errorf("got %d, %q", status, got)
	}
	if !strings.Contains(stdout, `"original":"{\"uuid\":`) {
		t.Errorf("got %s, want event.original in it", stdout)
	}
	if status, stdout, _ := idwatch(t, "", "parse"); status != done || stdout != "" {
		t.Errorf("nothing in: got %d, %q", status, stdout)
	}
}

func TestParseStrict(t *testing.T) {
	status, stdout, stderr := idwatch(t, oktaRecord(1)+"\nhunter2\n", "parse", "--strict")
	if status != wrong || len(kinds(t, stdout)) != 2 || stderr != "idwatch: 1 of the records could not be read\n" {
		t.Errorf("got %d, %q, %q", status, stdout, stderr)
	}
	if status, _, stderr := idwatch(t, oktaRecord(1), "parse", "--strict"); status != done {
		t.Errorf("without a fault: got %d, %q", status, stderr)
	}
}

// A stream that breaks off is reported after what came before it, and the next file is read all the same.
func TestParseGoesOnAfterABrokenFile(t *testing.T) {
	dir := t.TempDir()
	cut, whole := filepath.Join(dir, "cut.gz"), filepath.Join(dir, "whole")
	data := zipped(t, oktaRecord(1)+"\n")
	write(t, cut, data[:len(data)-6])
	write(t, whole, []byte(oktaRecord(2)))
	status, stdout, stderr := idwatch(t, "", "parse", cut, whole)
	if got := kinds(t, stdout); status != wrong || len(got) == 0 || got[len(got)-1] != "u002" {
		t.Errorf("got %d, %q", status, got)
	}
	if !strings.HasPrefix(stderr, "idwatch: read "+cut+": ") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("stderr: got %q, want one line about the file", stderr)
	}
}

func TestParseReportsAFullDisk(t *testing.T) {
	var talk bytes.Buffer
	status := run([]string{"parse"}, strings.NewReader(oktaRecord(1)), fullDisk{}, &talk)
	if want := "idwatch: write documents: no space\n"; status != wrong || talk.String() != want {
		t.Errorf("got %d, %q, want %q", status, talk.String(), want)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestProgressLine(t *testing.T) {
	p := &progress{total: 4000}
	p.records.Store(500)
	p.read.Store(1000)
	if got, want := p.line(2*time.Second), "500 records, 250/s, 25%, 6s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.total = 0
	if got, want := p.line(2*time.Second), "500 records, 250/s"; got != want {
		t.Errorf("of unknown length: got %q, want %q", got, want)
	}
	if f, err := os.Open(os.DevNull); err != nil || isTerminal(f) {
		t.Errorf("the null device is a terminal, %v", err)
	}
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
