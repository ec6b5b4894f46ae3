package detections_test

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/agent/geoip"
	"github.com/idwatch/idwatch/agent/scenario"
	"github.com/idwatch/idwatch/parsers/enrich"
)

var update = flag.Bool("update", false, "write the golden files and the documentation again")

const scenarios = "../testdata/scenarios"

// TestScenarios runs every scenario in order, shuffled, doubled and in batches.
func TestScenarios(t *testing.T) {
	dirs, err := scenario.Find(scenarios)
	if err != nil {
		t.Fatal(err)
	}
	places, err := geoip.Open("../testdata/geoip/City.mmdb", "../testdata/geoip/ASN.mmdb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { places.Close() })
	enricher := enrich.New(places)
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			checkScenario(t, dir, enricher)
		})
	}
}

func checkScenario(t *testing.T, dir string, enricher *enrich.Enricher) {
	s, err := scenario.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Check(scenario.Options{Enrich: enricher, Runs: orders(t)})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Wrong) > 0 {
		t.Errorf("%s\n%s", s.Expect.Name, strings.Join(r.Wrong, "\n"))
	}
	if r.Dead > 0 {
		t.Errorf("%d records could not be read", r.Dead)
	}
	golden(t, filepath.Join(dir, "alerts.golden.json"), r.Golden)
}

// orders is how many orders of arrival each scenario is run in: twenty, or what IDWATCH_RUNS says, as "make scenarios" does.
func orders(t *testing.T) int {
	t.Helper()
	text := os.Getenv("IDWATCH_RUNS")
	if text == "" {
		return scenario.DefaultRuns
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("IDWATCH_RUNS: got %q, want a number", text)
	}
	return n
}

// golden compares with a file, or writes it. No file is as good as an empty one.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		rewrite(t, path, got)
	}
	want, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (go test ./detections -run %s -update writes it again); got:\n%s", path, t.Name(), got)
	}
}

func rewrite(t *testing.T, path string, data []byte) {
	t.Helper()
	var err error
	if len(data) > 0 {
		err = os.WriteFile(path, data, 0o644)
	} else {
		err = os.Remove(path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}
