package sigma

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/idwatch/idwatch/detections"
)

// kinds are the correlations that there are.
var kinds = []detections.CorrelationKind{
	detections.EventCount, detections.ValueCount, detections.Temporal, detections.TemporalOrdered, detections.ValueSum, detections.ValueAvg,
}

// refusedKinds are those of the specification, or of its next version, that there are not, and why.
var refusedKinds = map[string]string{
	"value_percentile": "value_percentile is not supported: the specification has no place for the percentile; count values with value_count",
	"value_median":     "value_median is not supported: take value_avg",
}

func kindOf(one *compiled) *lineError {
	d := one.doc
	one.Kind = detections.CorrelationKind(d.Type.Text)
	switch {
	case d.Type.Text == "":
		return faultAt(d.Body.Line, "correlation.type: is missing")
	case refusedKinds[d.Type.Text] != "":
		return faultAt(d.Type.Line, "correlation.type: %s", refusedKinds[d.Type.Text])
	case !slices.Contains(kinds, one.Kind):
		return faultAt(d.Type.Line, "correlation.type: %s is not known", d.Type.Text)
	}
	return nil
}

// spanUnits are the letters of a timespan.
var spanUnits = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}

// longestSpan bounds a window.
const longestSpan = 366 * 24 * time.Hour

func spanOf(one *compiled) *lineError {
	text, line := one.doc.Timespan.Text, one.doc.Timespan.Line
	if text == "" {
		return faultAt(one.doc.Body.Line, "correlation.timespan: is missing")
	}
	unit := spanUnits[text[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 32)
	if unit == 0 || err != nil || n == 0 {
		return faultAt(line, "correlation.timespan: want a number and s, m, h or d, got %s", text)
	}
	if n > uint64(longestSpan/unit) {
		return faultAt(line, "correlation.timespan: %s is more than a year", text)
	}
	one.Span = time.Duration(n) * unit
	return nil
}

// aliasesOf holds aliases against the rules that are listed.
func (x *correlating) aliasesOf(one *compiled) *lineError {
	n := one.doc.Aliases
	if n == nil || n.Kind == Null {
		return nil
	}
	if n.Kind != Map {
		return faultAt(n.Line, "correlation.aliases: want a map of aliases, got %s", n.what())
	}
	for _, alias := range n.Pairs {
		if alias.Value.Kind != Map {
			return faultAt(alias.Line, "correlation.aliases.%s: want a map of rules to fields, got %s", alias.Key, alias.Value.what())
		}
		for _, p := range alias.Value.Pairs {
			switch {
			case one.place(p.Key) < 0:
				return faultAt(p.Line, "correlation.aliases.%s: the rule %s is not listed", alias.Key, p.Key)
			case !p.Value.Scalar() || p.Value.Text == "":
				return faultAt(p.Line, "correlation.aliases.%s.%s: want the name of a field, got %s", alias.Key, p.Key, p.Value.what())
			case p.Value.Text == detections.LinkedIdentity:
				return faultAt(p.Line, "correlation.aliases.%s.%s: group by %s itself, it is the same in all rules", alias.Key, p.Key, p.Value.Text)
			}
		}
	}
	return nil
}

// place is where a rule is listed, by name or id; -1 when it is not.
func (one *compiled) place(rule string) int {
	return slices.IndexFunc(one.listed, func(m member) bool { return m.head.Name == rule || m.head.ID == rule })
}

// field is where the records of a listed rule have a field, or what an alias stands for.
func (one *compiled) field(name string, place int) string {
	if one.doc.Aliases == nil {
		return name
	}
	if alias := one.doc.Aliases.Get(name); alias != nil {
		for _, p := range alias.Pairs {
			if one.place(p.Key) == place {
				return p.Value.Text
			}
		}
	}
	return name
}

// groupMost bounds the fields that a correlation groups by.
const groupMost = 16

func (x *correlating) groupOf(one *compiled) *lineError {
	for _, g := range one.doc.GroupBy {
		if g.Text == "" || slices.Contains(one.Group, g.Text) || len(one.Group) == groupMost {
			return faultAt(g.Line, "correlation.group-by: want up to %d different fields", groupMost)
		}
		one.Group = append(one.Group, g.Text)
		for i := range one.Of {
			one.Of[i].Group = append(one.Of[i].Group, one.field(g.Text, i))
		}
	}
	return nil
}

// comparisons are the keys of a condition.
var comparisons = []detections.Comparison{detections.More, detections.MoreOrEqual, detections.Less, detections.LessOrEqual, detections.Equal, detections.NotEqual}

// counts reports whether a correlation counts, so that its limits are whole numbers.
func (one *compiled) counts() bool {
	return one.Kind != detections.ValueSum && one.Kind != detections.ValueAvg
}

func (one *compiled) temporal() bool {
	return one.Kind == detections.Temporal || one.Kind == detections.TemporalOrdered
}

func limitsOf(one *compiled) *lineError {
	n := one.doc.Condition
	switch {
	case n == nil || n.Kind == Null:
		if one.temporal() {
			return nil
		}
		return faultAt(one.doc.Body.Line, "correlation.condition: is missing")
	case n.Kind == Text:
		return faultAt(n.Line, "correlation.condition: an expression is not supported: list the rules, and count them with gte")
	case n.Kind != Map:
		return faultAt(n.Line, "correlation.condition: want a map of comparisons, got %s", n.what())
	}
	var fields *Node
	for _, p := range n.Pairs {
		is := detections.Comparison(p.Key)
		switch {
		case p.Key == "field":
			fields = p.Value
		case !slices.Contains(comparisons, is):
			return faultAt(p.Line, "correlation.condition.%s: is not known", p.Key)
		default:
			number, err := one.limit(p)
			if err != nil {
				return err
			}
			one.Limits = append(one.Limits, detections.Limit{Is: is, Number: number})
		}
	}
	if len(one.Limits) == 0 {
		return faultAt(n.Line, "correlation.condition: compares with nothing")
	}
	return one.valuesOf(n, fields)
}

func (one *compiled) limit(p Pair) (float64, *lineError) {
	number, err := strconv.ParseFloat(p.Value.Text, 64)
	switch {
	case !p.Value.Scalar() || err != nil || math.IsNaN(number) || math.IsInf(number, 0):
		return 0, faultAt(p.Line, "correlation.condition.%s: want a number, got %s", p.Key, p.Value.what())
	case one.counts() && (number != math.Trunc(number) || number < 0):
		return 0, faultAt(p.Line, "correlation.condition.%s: want a whole number", p.Key)
	case one.counts() && number >= detections.WindowMost:
		return 0, faultAt(p.Line, "correlation.condition.%s: windows hold up to %d records", p.Key, detections.WindowMost)
	}
	return number, nil
}

// valuesOf takes the fields whose values are counted or summed.
func (one *compiled) valuesOf(condition, fields *Node) *lineError {
	names, err := refs("correlation.condition.field", fields)
	if err != nil {
		return err
	}
	wants := one.Kind == detections.ValueCount || !one.counts()
	switch {
	case wants && len(names) == 0:
		return faultAt(condition.Line, "correlation.condition.field: is missing")
	case !wants && len(names) > 0:
		return faultAt(fields.Line, "correlation.condition.field: has no meaning for %s", one.Kind)
	case !one.counts() && len(names) > 1:
		return faultAt(fields.Line, "correlation.condition.field: want one field")
	}
	for _, name := range names {
		if name.Text == "" || name.Text == detections.LinkedIdentity {
			return faultAt(name.Line, "correlation.condition.field: want a field of the records")
		}
		one.Value = append(one.Value, name.Text)
		for i := range one.Of {
			one.Of[i].Value = append(one.Of[i].Value, one.field(name.Text, i))
		}
	}
	return nil
}
