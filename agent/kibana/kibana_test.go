package kibana

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// TestObjectsHoldTogether: each object is there once and whole, and all that it refers to is there too.
func TestObjectsHoldTogether(t *testing.T) {
	all, err := savedObjects()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, o := range all {
		key := o.Type + " " + o.ID
		if known[key] {
			t.Errorf("%s is there twice", key)
		}
		known[key] = true
		if !strings.HasPrefix(o.ID, "idwatch-") || o.Version == "" {
			t.Errorf("%s: want an id of ours and a version, got %q", key, o.Version)
		}
	}
	for _, o := range all {
		for _, r := range o.References {
			if !known[r.Type+" "+r.ID] {
				t.Errorf("%s refers to %s %s, which is not there", o.ID, r.Type, r.ID)
			}
		}
		if o.Type == "dashboard" {
			checkPanels(t, o)
		}
	}
	if len(all) != 19 {
		t.Errorf("got %d objects, want 7 views, 7 searches and 5 dashboards", len(all))
	}
}

// checkPanels: panels stand on the grid without covering each other, refer to their view as Kibana looks it up, and have all columns that
// they show.
func checkPanels(t *testing.T, o savedObject) {
	t.Helper()
	names := map[string]bool{}
	for _, r := range o.References {
		names[r.Name] = true
	}
	taken := map[[2]int64]string{}
	for _, p := range gjson.Parse(o.Attributes["panelsJSON"].(string)).Array() {
		title, number := p.Get("title").Str, p.Get("panelIndex").Str
		grid := p.Get("gridData")
		for x := grid.Get("x").Int(); x < grid.Get("x").Int()+grid.Get("w").Int(); x++ {
			for y := grid.Get("y").Int(); y < grid.Get("y").Int()+grid.Get("h").Int(); y++ {
				if other := taken[[2]int64{x, y}]; other != "" || x >= 48 {
					t.Fatalf("%s: %q stands on %q or outside of the grid", o.ID, title, other)
				}
				taken[[2]int64{x, y}] = title
			}
		}
		if p.Get("type").Str == "search" {
			if ref := number + ":" + p.Get("panelRefName").Str; !names[ref] {
				t.Errorf("%s: %q has no reference %s", o.ID, title, ref)
			}
			continue
		}
		if ref := number + ":" + p.Get("embeddableConfig.attributes.references.0.name").Str; !names[ref] {
			t.Errorf("%s: %q has no reference %s", o.ID, title, ref)
		}
		checkLens(t, o.ID+": "+title, p.Get("embeddableConfig.attributes.state"))
	}
}

func checkLens(t *testing.T, title string, state gjson.Result) {
	t.Helper()
	columns := state.Get("datasourceStates.formBased.layers.layer.columns")
	ordered := state.Get("datasourceStates.formBased.layers.layer.columnOrder").Array()
	if len(ordered) == 0 || len(ordered) != len(columns.Map()) {
		t.Errorf("%s: %d columns in order, %d there are", title, len(ordered), len(columns.Map()))
	}
	for _, id := range ordered {
		if !columns.Get(id.Str).Exists() {
			t.Errorf("%s: column %s is not there", title, id.Str)
		}
	}
	shown := []string{"visualization.metricAccessor", "visualization.layers.0.xAccessor", "visualization.layers.0.splitAccessor"}
	lists := []string{"visualization.columns.#.columnId", "visualization.layers.0.accessors", "visualization.layers.0.primaryGroups", "visualization.layers.0.metrics"}
	var ids []string
	for _, path := range shown {
		if v := state.Get(path); v.Exists() {
			ids = append(ids, v.Str)
		}
	}
	for _, path := range lists {
		for _, v := range state.Get(path).Array() {
			ids = append(ids, v.Str)
		}
	}
	if len(ids) == 0 {
		t.Errorf("%s shows no column", title)
	}
	for _, id := range ids {
		if !columns.Get(id).Exists() {
			t.Errorf("%s shows column %s, which is not there", title, id)
		}
	}
}

// TestRuleIsWhole: what Kibana Security asks of a rule is there, and the rule looks at the time of arrival.
func TestRuleIsWhole(t *testing.T) {
	text, err := Rules()
	if err != nil {
		t.Fatal(err)
	}
	var rule map[string]any
	if err := json.Unmarshal(text, &rule); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"rule_id", "name", "description", "type", "query", "language", "index", "severity", "risk_score", "from", "interval"} {
		if rule[key] == nil {
			t.Errorf("the rule has no %s", key)
		}
	}
	if rule["timestamp_override"] != "event.ingested" {
		t.Errorf("got timestamp_override %v, want event.ingested: late alerts would be missed", rule["timestamp_override"])
	}
}
