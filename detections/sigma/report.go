package sigma

import (
	"fmt"
	"slices"
	"strings"
)

// unplaced lists the fields of a rule or filter that no record of its streams can have, and warns of each.
func (b *builder) unplaced(h *Head, d *Detection, views []view) []string {
	var all, datasets []string
	for _, v := range views {
		datasets = append(datasets, v.stream.dataset)
	}
	for _, name := range fieldsOf(d) {
		if !slices.ContainsFunc(views, func(v view) bool { return v.placed(b.tables, name) }) {
			all = append(all, name)
			b.docs.warn(h, lineOfField(d, name), "no record of %s has a field %s", strings.Join(datasets, ", "), name)
		}
	}
	return all
}

// fieldsOf lists the names of fields that a detection reads, in its order, each once.
func fieldsOf(d *Detection) []string {
	var names []string
	for _, p := range d.Searches {
		eachItem(p.Value, func(p Pair) {
			name, m, err := readModifiers(p)
			if err != nil {
				return
			}
			names = append(names, name)
			if m.typ == "fieldref" {
				others, _ := refs(p.Key, p.Value)
				for _, other := range others {
					names = append(names, other.Text)
				}
			}
		})
	}
	var once []string
	for _, name := range names {
		if name != keywords && !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	return once
}

// eachItem calls do for each entry of the maps of a search.
func eachItem(n *Node, do func(Pair)) {
	for _, item := range n.Items {
		eachItem(item, do)
	}
	for _, p := range n.Pairs {
		do(p)
	}
}

func lineOfField(d *Detection, name string) int {
	line := d.Line
	for _, p := range d.Searches {
		eachItem(p.Value, func(p Pair) {
			if first, _, _ := strings.Cut(p.Key, "|"); first == name {
				line = p.Line
			}
		})
	}
	return line
}

// advice shows the correlation that says what a condition in the old notation meant.
func advice(text string, d *Detection) string {
	base, aggregation, piped := strings.Cut(text, "|")
	if !piped {
		return ""
	}
	span := "5m"
	if d.Timeframe.Scalar() {
		span = d.Timeframe.Text
	}
	w := strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(aggregation))
	if len(w) > 1 && strings.EqualFold(w[0], "near") {
		return fmt.Sprintf("; write a rule for each search and a correlation: {type: temporal, rules: [%s, %s], timespan: %s}",
			strings.TrimSpace(base), strings.Join(w[1:], " "), span)
	}
	typ, group, condition := "event_count", "", "gte: 1"
	var counted string
	for i, word := range w {
		switch {
		case word == "(" && i+1 < len(w) && w[i+1] != ")":
			typ, counted = "value_count", w[i+1]
		case strings.EqualFold(word, "by") && i+1 < len(w):
			group = fmt.Sprintf(", group-by: [%s]", w[i+1])
		case operators[word] != "" && i+1 < len(w):
			condition = operators[word] + ": " + w[i+1]
		}
	}
	if counted != "" {
		condition = "field: " + counted + ", " + condition
	}
	return fmt.Sprintf("; keep \"condition: %s\", give the rule a name and write a correlation: {type: %s, rules: [that name]%s, timespan: %s, condition: {%s}}",
		strings.TrimSpace(base), typ, group, span, condition)
}

var operators = map[string]string{">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "=": "eq", "==": "eq"}
