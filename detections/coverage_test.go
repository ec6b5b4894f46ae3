package detections

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// alertsOf are the ids of the rules that alert in a scenario, by its golden file.
func alertsOf(t *testing.T, scenario string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../testdata/scenarios", scenario, "alerts.golden.json"))
	if os.IsNotExist(err) {
		return nil
	}
	var alerts []struct {
		Rule struct{ ID string }
	}
	if err := json.Unmarshal(text, &alerts); err != nil {
		t.Fatalf("%s: %v", scenario, err)
	}
	var ids []string
	for _, a := range alerts {
		ids = append(ids, a.Rule.ID)
	}
	return ids
}

// expectsNone reports whether a scenario says that a rule, or a row it covers, must not alert.
func expectsNone(t *testing.T, scenario string, d *Detection) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../testdata/scenarios", scenario, "expect.yaml"))
	if err != nil {
		return false
	}
	var e struct{ None []string }
	if err := yaml.Unmarshal(text, &e); err != nil {
		t.Fatalf("%s: %v", scenario, err)
	}
	return slices.ContainsFunc(e.None, func(n string) bool { return n == d.ID || slices.Contains(d.Covers, n) })
}

// TestEveryDetectionHasScenarios: one that fires, one that just does not, one everyday lookalike.
func TestEveryDetectionHasScenarios(t *testing.T) {
	for _, d := range Detections() {
		if d == sourceLate {
			continue // a file does not say when records came: TestLateSource
		}
		if !slices.Contains(alertsOf(t, d.ID+"-fires"), d.ID) {
			t.Errorf("%s: no scenario %s-fires in which it alerts", d.ID, d.ID)
		}
		for _, kind := range []string{"-quiet", "-lookalike"} {
			if !expectsNone(t, d.ID+kind, d) {
				t.Errorf("%s: no scenario %s that says none of it", d.ID, d.ID+kind)
			}
			if slices.Contains(alertsOf(t, d.ID+kind), d.ID) {
				t.Errorf("%s: alerts in %s", d.ID, d.ID+kind)
			}
		}
	}
}

// shown are the signs that the tables of this package's tests have shown in a record.
var shown = map[string]bool{}

func show(a *Act) {
	for _, s := range a.Signs {
		shown[s.ID] = true
	}
}

// TestEverySignIsShown: each table entry stands in a record of the tables, which also have the records beside it.
func TestEverySignIsShown(t *testing.T) {
	t.Run("okta", TestOktaSigns)
	t.Run("entra", TestEntraSigns)
	t.Run("cloudtrail", TestCloudTrailSigns)
	t.Run("vault", TestVaultSigns)
	t.Run("ecs", TestECSSigns)
	var missing []string
	for _, s := range Signs() {
		if !shown[s.ID] {
			missing = append(missing, s.ID)
		}
	}
	if len(missing) > 0 {
		t.Errorf("%d signs stand in no record of the tables: %s", len(missing), strings.Join(missing, " "))
	}
}
