// Package scenario checks detections against scenarios: folders of records that say what has to be found in them.
package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/idwatch/idwatch/agent/context"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
)

// What a scenario's folder holds.
const (
	eventsFile  = "events.ndjson"
	contextFile = "context.yaml"
	expectFile  = "expect.yaml"
	rulesFolder = "rules"
)

// Scenario is a folder of records with what has to be found in them.
type Scenario struct {
	Dir     string
	Expect  Expectation
	records [][]byte
	house   *detections.Context
}

// Find lists the folders of scenarios in a directory and below it, itself among them, in the order of their names.
func Find(dir string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() == expectFile {
			found = append(found, filepath.Dir(path))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find scenarios: %w", err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("find scenarios: no %s in %s", expectFile, dir)
	}
	slices.Sort(found)
	return found, nil
}

// Load reads a scenario. Its errors name files and lines.
func Load(dir string) (*Scenario, error) {
	s := &Scenario{Dir: dir}
	if _, err := os.Stat(filepath.Join(dir, rulesFolder)); err == nil {
		return nil, fmt.Errorf("%s: this version runs the built-in detections only, no Sigma rules", filepath.Join(dir, rulesFolder))
	}
	var err error
	if s.Expect, err = loadExpectation(filepath.Join(dir, expectFile)); err != nil {
		return nil, err
	}
	if s.house, err = loadHouse(filepath.Join(dir, contextFile)); err != nil {
		return nil, err
	}
	if s.records, err = loadRecords(filepath.Join(dir, eventsFile)); err != nil {
		return nil, err
	}
	return s, nil
}

// loadHouse reads the context file, which need not be there.
func loadHouse(path string) (*detections.Context, error) {
	c, err := context.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return detections.DefaultContext(), nil
	}
	return c, err
}

// loadRecords reads the texts of all records.
func loadRecords(path string) ([][]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var records [][]byte
	err = parsers.Split(file, func(text []byte, _ int64) error {
		records = append(records, bytes.Clone(text))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("%s: there are no records in it", path)
	}
	return records, nil
}
