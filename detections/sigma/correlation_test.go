package sigma

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/detections"
)

// baseRules are two rules with names and one with a title alone.
const baseRules = `
title: Failed sign-in
id: 11111111-1111-4111-8111-111111111111
name: failed
logsource: {product: okta}
detection: {s: {eventType: user.session.start}, condition: s}
---
title: Good sign-in
id: 22222222-2222-4222-8222-222222222222
name: good
logsource: {product: okta}
detection: {s: {eventType: user.session.start}, condition: s}
---
title: Nameless one
id: 33333333-3333-4333-8333-333333333333
logsource: {product: aws}
detection: {s: {eventName: X}, condition: s}
`

// compileCorrelations reads the rules and correlations of files and lists them by id.
func compileCorrelations(texts ...string) (map[string]*detections.Detection, map[string]*Need, []Problem) {
	var files []File
	for i, text := range texts {
		files = append(files, File{fmt.Sprintf("%d.yml", i), []byte(text)})
	}
	c := Parse(files)
	all, needs := c.correlations(func(h *Head) detections.Rule { return detections.Rule{ID: h.ID, Name: h.Title} })
	byID := map[string]*detections.Detection{}
	for _, d := range all {
		byID[d.ID] = d
	}
	return byID, needs, c.Problems
}

func correlation(body string) string {
	return "\n---\ntitle: Under test\nid: test\ncorrelation:\n  " + strings.ReplaceAll(strings.TrimSpace(body), "\n", "\n  ") + "\n"
}

func TestCorrelationIsCompiled(t *testing.T) {
	all, needs, problems := compileCorrelations(baseRules + correlation(`
type: value_count
rules: [failed, 22222222-2222-4222-8222-222222222222]
group-by: [who, idwatch.identity.id]
timespan: 90m
aliases: {who: {failed: actor.id, good: target.id}}
condition: {field: [ip, who], gt: 3, lte: 200}`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got := all["test"].Correlation
	want := detections.Correlation{
		Kind: detections.ValueCount, Group: []string{"who", "idwatch.identity.id"}, Span: 90 * time.Minute, Value: []string{"ip", "who"},
		Limits: []detections.Limit{{Is: "gt", Number: 3}, {Is: "lte", Number: 200}},
		Of: []detections.CountedRule{
			{Rule: "11111111-1111-4111-8111-111111111111", Group: []string{"actor.id", "idwatch.identity.id"}, Value: []string{"ip", "actor.id"}},
			{Rule: "22222222-2222-4222-8222-222222222222", Group: []string{"target.id", "idwatch.identity.id"}, Value: []string{"ip", "target.id"}},
		},
	}
	if fmt.Sprintf("%+v", *got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got %+v\nwant %+v", *got, want)
	}
	if got := needs["22222222-2222-4222-8222-222222222222"]; !got.Quiet || !slices.Equal(got.Fields, []string{"target.id", "ip"}) {
		t.Errorf("got %+v, want a quiet rule with target.id and ip", got)
	}
}

func TestCorrelationChain(t *testing.T) {
	all, needs, problems := compileCorrelations(`
title: Outer
id: outer
correlation: {type: temporal_ordered, rules: [many, good], group-by: [user, ip], timespan: 1h, generate: true}
---
title: Many failed
id: inner
name: many
correlation: {type: event_count, rules: [failed], group-by: [user], timespan: 10m, condition: {gte: 10}}
---` + baseRules)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if all["inner"].Correlation.Quiet || all["outer"].Correlation.Quiet {
		t.Error("got a quiet correlation, want none: the outer one has it generated")
	}
	if got := needs["11111111-1111-4111-8111-111111111111"]; !got.Quiet || !slices.Equal(got.Fields, []string{"user", "ip"}) {
		t.Errorf("got %+v, want a quiet rule whose records are asked for user, and for ip that the outer correlation groups by", got)
	}
	if got := needs["22222222-2222-4222-8222-222222222222"]; got.Quiet {
		t.Error("got a quiet rule, want one that alerts: generate is true")
	}
}

func TestCorrelationFaults(t *testing.T) {
	const rest = "\ngroup-by: [u]\ntimespan: 5m\ncondition: {gte: 2}"
	for _, c := range []struct{ name, body, want string }{
		{"no type", "rules: [failed]" + rest, "correlation.type: is missing"},
		{"an unknown type", "type: sequence\nrules: [failed]" + rest, "correlation.type: sequence is not known"},
		{"percentile", "type: value_percentile\nrules: [failed]" + rest, "value_percentile is not supported"},
		{"median", "type: value_median\nrules: [failed]" + rest, "value_median is not supported"},
		{"no rules", "type: event_count" + rest, "correlation.rules: lists no rule"},
		{"a rule that there is not", "type: event_count\nrules: [nobody]" + rest, `there is no rule "nobody"`},
		{"itself", "type: event_count\nrules: [test]" + rest, `there is no rule "test"`},
		{"no timespan", "type: event_count\nrules: [failed]\ncondition: {gte: 2}", "correlation.timespan: is missing"},
		{"a timespan of months", "type: event_count\nrules: [failed]\ntimespan: 2M\ncondition: {gte: 2}", "want a number and s, m, h or d, got 2M"},
		{"a timespan of nothing", "type: event_count\nrules: [failed]\ntimespan: 0s\ncondition: {gte: 2}", "want a number and s, m, h or d, got 0s"},
		{"a timespan of years", "type: event_count\nrules: [failed]\ntimespan: 4000d\ncondition: {gte: 2}", "more than a year"},
		{"no condition", "type: event_count\nrules: [failed]\ntimespan: 5m", "correlation.condition: is missing"},
		{"an unknown comparison", "type: event_count\nrules: [failed]\ntimespan: 5m\ncondition: {min: 2}", "correlation.condition.min: is not known"},
		{"no number", "type: event_count\nrules: [failed]\ntimespan: 5m\ncondition: {gte: many}", "want a number, got text"},
		{"part of a record", "type: event_count\nrules: [failed]\ntimespan: 5m\ncondition: {gte: 1.5}", "want a whole number"},
		{"more than windows hold", "type: event_count\nrules: [failed]\ntimespan: 5m\ncondition: {gte: 100000}", "windows hold up to 8192 records"},
		{"an expression", "type: temporal\nrules: [failed, good]\ntimespan: 5m\ncondition: failed and not good", "an expression is not supported"},
		{"no field to count", "type: value_count\nrules: [failed]\ntimespan: 5m\ncondition: {gte: 2}", "correlation.condition.field: is missing"},
		{"a field for nothing", "type: event_count\nrules: [failed]\ntimespan: 5m\ncondition: {field: u, gte: 2}", "has no meaning for event_count"},
		{"sums of two fields", "type: value_sum\nrules: [failed]\ntimespan: 5m\ncondition: {field: [u, v], gte: 2}", "want one field"},
		{"an alias of another rule", "type: temporal\nrules: [failed]\ntimespan: 5m\naliases: {u: {good: x}}", "correlation.aliases.u: the rule good is not listed"},
		{"a step twice", "type: temporal_ordered\nrules: [failed, failed]\ntimespan: 5m", "is listed twice"},
		{"a field twice", "type: temporal\nrules: [failed]\ngroup-by: [u, u]\ntimespan: 5m", "want up to 16 different fields"},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, _, problems := compileCorrelations(baseRules + correlation(c.body))
			if len(problems) != 1 || problems[0].Warning || !strings.Contains(problems[0].Reason, c.want) || problems[0].Line == 0 {
				t.Errorf("got %v, want one with %q and a line", problems, c.want)
			}
			if all["test"] != nil {
				t.Error("got a correlation that was refused")
			}
		})
	}
}

func TestCorrelationsThatCannotChain(t *testing.T) {
	_, _, problems := compileCorrelations(baseRules+`
---
title: A
id: a
correlation: {type: temporal, rules: [b, failed], timespan: 5m}
---
title: B
id: b
correlation: {type: temporal, rules: [a], timespan: 5m}
`, `
title: Few
id: few
correlation: {type: event_count, rules: [failed], timespan: 5m, condition: {lt: 3}, generate: true}
---
title: On few
id: onfew
correlation: {type: temporal, rules: [few, good], timespan: 5m, generate: true}
`)
	var got []string
	for _, p := range problems {
		got = append(got, p.Rule+": "+p.Reason)
	}
	want := []string{
		"B: correlation.rules: A leads back to this correlation", "A: correlation.rules: B was refused",
		"On few: correlation.rules: Few is judged when its window has passed (lt, lte, eq, neq): no correlation can be built on it",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestCorrelationWarnings(t *testing.T) {
	all, _, problems := compileCorrelations(baseRules, correlation("type: temporal\nrules: [failed, Nameless one]\ntimespan: 5m"))
	if all["test"] == nil || len(problems) != 3 {
		t.Fatalf("got %v, want a correlation and three warnings", problems)
	}
	for i, want := range []string{"Nameless one is a title", "Failed sign-in (0.yml) no longer raises alerts", "Nameless one (0.yml) no longer"} {
		if !problems[i].Warning || !strings.Contains(problems[i].Reason, want) {
			t.Errorf("got %v, want a warning with %q", problems[i], want)
		}
	}
}
