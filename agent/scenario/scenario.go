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
	"github.com/idwatch/idwatch/agent/rules"
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
	added   *detections.Added // nil without rules
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
	var err error
	if s.added, err = loadRules(filepath.Join(dir, rulesFolder)); err != nil {
		return nil, err
	}
	if s.Expect, err = loadExpectation(filepath.Join(dir, expectFile), s.added); err != nil {
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

// loadRules reads the users' rules that a scenario is about, if there are any. A rule that is wrong would be looked for in vain.
func loadRules(dir string) (*detections.Added, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	set, err := rules.Load(dir)
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, p := range set.Faults() {
		wrong = append(wrong, errors.New(p.String()))
	}
	return set.Added(), errors.Join(wrong...)
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
