package sigma

import (
	"slices"
	"strings"
	"testing"
)

const smallRule = `title: Key made
id: 11111111-1111-4111-8111-111111111111
date: 2026-01-02
modified: "2026-02-03"
author: somebody
license: DRL 1.1
level: High
tags: [attack.t1098.001, attack.persistence]
references: [https://one.example, https://two.example]
x_team: cloud
logsource: {product: AWS, service: cloudtrail}
detection:
  selection:
    eventName: CreateAccessKey
  condition: selection
`

func TestParseRule(t *testing.T) {
	c := Parse([]File{{"one.yml", []byte(smallRule)}})
	if len(c.Problems) > 0 || len(c.Rules) != 1 {
		t.Fatalf("got %d rules and problems %v, want one rule", len(c.Rules), c.Problems)
	}
	r := c.Rules[0]
	if r.Title != "Key made" || r.Level != "high" || r.Source.Product != "aws" || len(r.Tags) != 2 || len(r.References) != 2 {
		t.Errorf("got %+v", r)
	}
	if r.Detection.Searches[0].Key != "selection" || r.Detection.Conditions[0] != (Ref{"selection", 15}) {
		t.Errorf("got %+v, want selection and its condition in line 15", r.Detection)
	}
	if !slices.ContainsFunc(r.Extra, func(p Pair) bool { return p.Key == "x_team" && p.Value.Text == "cloud" }) {
		t.Errorf("got %+v, want x_team kept", r.Extra)
	}
}

// TestParseSeveral: documents in one file stand for themselves, and a bad one stops no other.
func TestParseSeveral(t *testing.T) {
	text := "---\n" + smallRule + "---\ntitle: [broken\n---\ntitle: No id\nlogsource: {product: okta}\ndetection: {a: {eventType: x}, condition: a}\n---\n# nothing\n" +
		"---\ntitle: Many keys\ncorrelation:\n  type: event_count\n  rules: [11111111-1111-4111-8111-111111111111]\n  group-by: [userIdentity.arn]\n  timespan: 5m\n  condition: {gte: 3}\ngenerate: true\n" +
		"---\ntitle: Not the scanner\nlogsource: {product: aws}\nfilter:\n  rules: [No id]\n  selection: {userAgent: scanner}\n  condition: selection\n"
	c := Parse([]File{{"dir/several.yml", []byte(text)}})
	if len(c.Rules) != 2 || len(c.Correlations) != 1 || len(c.Filters) != 1 {
		t.Fatalf("got %d rules, %d correlations, %d filters, problems %v", len(c.Rules), len(c.Correlations), len(c.Filters), c.Problems)
	}
	if got, want := c.Rules[1].ID, "several#2"; got != want {
		t.Errorf("got id %s, want %s", got, want)
	}
	if len(c.Problems) != 1 || c.Problems[0].Line < 18 || c.Problems[0].Line > 19 {
		t.Errorf("got problems %v, want one near line 18", c.Problems)
	}
	d := c.Correlations[0]
	if d.Type.Text != "event_count" || d.Timespan.Text != "5m" || !d.Generate || d.Condition.Get("gte").Text != "3" || d.GroupBy[0].Text != "userIdentity.arn" {
		t.Errorf("got %+v", d)
	}
	if f := c.Filters[0]; f.Any || f.Rules[0].Text != "No id" || len(f.Detection.Searches) != 1 {
		t.Errorf("got %+v", f)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"no map":         {"- a\n", "x.yml:1: want a map with title, logsource and detection, got a list"},
		"nothing in it":  {"title: a\nlogsource: {product: aws}\n", "x.yml:1: a: has neither detection, correlation nor filter"},
		"key twice":      {"title: a\ntitle: b\n", "x.yml:2: title: stands there twice"},
		"level":          {"title: a\nlevel: huge\n", "x.yml:2: a: level: want one of informational, low, medium, high, critical"},
		"no log source":  {"title: a\ndetection: {a: {b: c}, condition: a}\n", "x.yml:1: a: logsource: want a map with product and service, got nothing"},
		"no condition":   {"title: a\nlogsource: {product: aws}\ndetection:\n  a: {b: c}\n", "x.yml:4: a: detection.condition: is missing"},
		"old parts":      {"title: a\naction: global\n", "x.yml:2: a: action: the notation of rules in parts ended with Sigma 2.0: write each rule in full"},
		"not UTF-8":      {"title: \xff\n", "x.yml:1: is not UTF-8"},
		"deep":           {"a: " + strings.Repeat("[", 40) + "\n", "x.yml:1: is nested too deeply"},
		"filter of none": {"title: a\nlogsource: {product: aws}\nfilter: {selection: {a: b}, condition: selection}\n", "x.yml:3: a: filter.rules: names no rule"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := Parse([]File{{"x.yml", []byte(test.text)}})
			if len(c.Problems) != 1 || c.Problems[0].String() != test.want {
				t.Errorf("got %v, want %s", c.Problems, test.want)
			}
		})
	}
}

func TestParseSameID(t *testing.T) {
	c := Parse([]File{{"a.yml", []byte(smallRule)}, {"b.yml", []byte(smallRule)}})
	want := "b.yml:1: Key made: has the id of another: 11111111-1111-4111-8111-111111111111 (a.yml:1)"
	if len(c.Rules) != 1 || len(c.Problems) != 1 || c.Problems[0].String() != want {
		t.Errorf("got %v, want %s", c.Problems, want)
	}
}

func TestParseLists(t *testing.T) {
	c := Parse([]File{{"lists.yml", []byte("Countries: [DE, FR]\n'%Office%': 192.0.2.*\n")}})
	if len(c.Lists["Countries"]) != 2 || len(c.Lists["Office"]) != 1 {
		t.Errorf("got %v with %v", c.Lists, c.Problems)
	}
}
