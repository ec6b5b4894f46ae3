package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/idwatch/idwatch/testdata/geoip/places"
)

func TestSameSeedSameBytes(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	for _, dir := range []string{a, b} {
		if err := generate(7).write(dir); err != nil {
			t.Fatal(err)
		}
	}
	err := filepath.WalkDir(a, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, _ := filepath.Rel(a, path)
		if !bytes.Equal(contents(t, path), contents(t, filepath.Join(b, name))) {
			t.Errorf("%s differs", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestHowMuch(t *testing.T) {
	w := generate(1)
	t.Log(w.summary())
	if n := len(w.records); n < 12000 || n > 20000 {
		t.Errorf("%d records, want 12000 to 20000", n)
	}
	count, ids := map[string]int{}, map[string]bool{}
	for _, r := range w.records {
		count[r.source]++
		if ids[r.source+r.id] {
			t.Errorf("%s: id %s twice", r.source, r.id)
		}
		ids[r.source+r.id] = true
		if r.at.Before(firstDay.AddDate(0, 0, -1)) || r.at.After(lastDay.AddDate(0, 0, 2)) {
			t.Errorf("%s: record at %s is outside the story", r.source, r.at)
		}
	}
	for _, source := range []string{okta, entra, cloudtrail, vault} {
		if count[source] < 2000 {
			t.Errorf("%s: only %d records", source, count[source])
		}
	}
}

// The abuse is in all four logs, and only in the last two days.
func TestAbuse(t *testing.T) {
	sources, steps := map[string]bool{}, map[string]bool{}
	for _, r := range generate(1).records {
		if r.truth == nil || r.truth.Truth != "abuse" {
			continue
		}
		sources[r.source], steps[r.step] = true, true
		if r.at.Before(utc("09-20 22:00:00")) || r.at.After(utc("09-21 04:00:00")) {
			t.Errorf("%s %s at %s", r.source, r.step, r.at)
		}
	}
	if len(sources) != 4 || len(steps) != 11 {
		t.Errorf("abuse in %v, steps %v", sources, steps)
	}
}

var addresses = regexp.MustCompile(`"(?:ipAddress|ip|callerIpAddress|sourceIPAddress|remote_address)":"([0-9a-f.:]+)"`)

// Every address is one that our GeoIP databases know, or private.
func TestAddressesAreKnown(t *testing.T) {
	for _, r := range generate(1).records {
		b, err := json.Marshal(r.body)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range addresses.FindAllSubmatch(b, -1) {
			addr, err := netip.ParseAddr(string(m[1]))
			if err != nil {
				t.Fatalf("%s: %s", r.source, m[0])
			}
			if _, known := places.Of(addr); !known && !netip.MustParsePrefix("10.0.0.0/8").Contains(addr) {
				t.Fatalf("%s: nobody knows %s", r.source, addr)
			}
		}
	}
}

func TestFilesAreReadable(t *testing.T) {
	dir := t.TempDir()
	w := generate(1)
	if err := w.write(dir); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range logFiles {
		n += jsonLines(t, filepath.Join(dir, name))
	}
	files, _ := filepath.Glob(filepath.Join(dir, "cloudtrail", "*.json.gz"))
	for _, f := range files {
		n += cloudTrailFile(t, f)
	}
	if n != len(w.records) {
		t.Errorf("%d records in the files, %d made", n, len(w.records))
	}
	var c contextFile
	if err := yaml.UnmarshalWithOptions(contents(t, filepath.Join(dir, "context.yaml")), &c, yaml.Strict()); err != nil || len(c.Identities) < 20 {
		t.Errorf("context: %v, %d identities", err, len(c.Identities))
	}
	if jsonLines(t, filepath.Join(dir, "truth.ndjson")) == 0 {
		t.Error("nothing is said about what is true")
	}
}

func jsonLines(t *testing.T, path string) (n int) {
	s := bufio.NewScanner(bytes.NewReader(contents(t, path)))
	s.Buffer(nil, 1<<20)
	for ; s.Scan(); n++ {
		if !json.Valid(s.Bytes()) {
			t.Errorf("%s: line %d is no JSON", path, n+1)
		}
	}
	return n
}

func cloudTrailFile(t *testing.T, path string) int {
	z, err := gzip.NewReader(bytes.NewReader(contents(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Records []json.RawMessage }
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	return len(file.Records)
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
