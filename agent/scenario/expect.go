package scenario

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/idwatch/idwatch/detections"
)

// Expectation says what has to be found in a scenario.
type Expectation struct {
	Name      string   `yaml:"name"`
	Alerts    []Wanted `yaml:"alerts"`
	None      []string `yaml:"none"`       // rows that must not alert
	MaxAlerts *int     `yaml:"max_alerts"` // in all
}

// Wanted is an alert that has to be there.
type Wanted struct {
	Covers   string `yaml:"covers"` // a row of the catalogue
	Rule     string `yaml:"rule"`   // or a rule's id
	Identity string `yaml:"identity"`
	MinScore int    `yaml:"min_score"`
}

// loadExpectation reads what is expected, strictly: what is misspelt would be expected in vain.
func loadExpectation(path string, added *detections.Added) (Expectation, error) {
	var e Expectation
	data, err := os.ReadFile(path)
	if err != nil {
		return e, err
	}
	if err := yaml.UnmarshalWithOptions(data, &e, yaml.Strict()); err != nil {
		return e, fmt.Errorf("%s: %s", path, yaml.FormatError(err, false, false))
	}
	if problem := e.check(added); problem != "" {
		return e, fmt.Errorf("%s: %s", path, problem)
	}
	return e, nil
}

// check says what no type can say.
func (e *Expectation) check(added *detections.Added) string {
	if e.Name == "" {
		return "name: is missing"
	}
	if len(e.Alerts) == 0 && len(e.None) == 0 && e.MaxAlerts == nil {
		return "expects nothing: say alerts, none or max_alerts"
	}
	for i, w := range e.Alerts {
		switch {
		case (w.Covers == "") == (w.Rule == ""):
			return fmt.Sprintf("alerts[%d]: want one of covers and rule", i)
		case w.Covers != "" && !isRow(w.Covers):
			return fmt.Sprintf("alerts[%d].covers: %s is no row of the catalogue", i, w.Covers)
		case w.Rule != "" && !isRule(w.Rule, added):
			return fmt.Sprintf("alerts[%d].rule: there is no rule %s", i, w.Rule)
		case w.MinScore < 0 || w.MinScore > 100:
			return fmt.Sprintf("alerts[%d].min_score: want 0 to 100", i)
		}
	}
	for i, row := range e.None {
		if !isRow(row) && !isRule(row, added) && !added.Has(row) {
			return fmt.Sprintf("none[%d]: %s is neither a row of the catalogue nor a rule", i, row)
		}
	}
	return ""
}

func isRow(id string) bool {
	return slices.ContainsFunc(detections.Catalogue, func(r detections.Row) bool { return r.ID == id })
}

// isRule reports whether a built-in rule or one of the scenario's own has an id.
func isRule(id string, added *detections.Added) bool {
	return slices.ContainsFunc(append(detections.Rules(), added.Rules()...), func(r *detections.Rule) bool { return r.ID == id })
}

// String says what is wanted, for a person.
func (w *Wanted) String() string {
	var b strings.Builder
	b.WriteString("an alert ")
	if w.Rule != "" {
		b.WriteString("of rule " + w.Rule)
	} else {
		b.WriteString("that covers " + w.Covers)
	}
	if w.Identity != "" {
		b.WriteString(" about " + w.Identity)
	}
	if w.MinScore > 0 {
		fmt.Fprintf(&b, " with %d points or more", w.MinScore)
	}
	return b.String()
}
