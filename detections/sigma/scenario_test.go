package sigma_test

import (
	"strings"
	"testing"

	"github.com/idwatch/idwatch/agent/scenario"
)

// TestScenarios: rules go through the whole engine, in any order of records, and over snapshots.
func TestScenarios(t *testing.T) {
	dirs, err := scenario.Find("../../testdata/sigma/scenarios")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		s, err := scenario.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Check(scenario.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Wrong) > 0 || r.Dead > 0 {
			t.Errorf("%s, %d dead\n%s", s.Expect.Name, r.Dead, strings.Join(r.Wrong, "\n"))
		}
	}
}
