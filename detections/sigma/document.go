package sigma

import (
	"strings"
)

// Head is what every document says of itself.
type Head struct {
	File   string
	Line   int // of its first key
	Number int // of the document in its file, from 1

	ID          string // never empty after Parse: the document's own, else its name, else the file's
	Name        string
	Title       string
	Status      string
	Description string
	Author      string
	License     string
	Level       string // informational, low, medium, high, critical; "" when it says none
	References  []string
	Tags        []string
	Extra       []Pair // keys that the specification does not know, or that nothing here reads
}

// label names a document in messages.
func (h *Head) label() string {
	if h.Title != "" {
		return h.Title
	}
	if h.ID != "" {
		return h.ID
	}
	return h.Name
}

// LogSource says which records a rule is about. Empty parts mean any.
type LogSource struct {
	Product, Service, Category string
	Line                       int
}

// Detection is what to look for: search identifiers in the file's order, and conditions, of which one has to hold.
type Detection struct {
	Searches   []Pair // identifier and its map or list
	Conditions []Ref
	Timeframe  *Node // of the old notation
	Line       int
}

// Ref is a text with its line.
type Ref struct {
	Text string
	Line int
}

// RuleDoc is a rule on single records.
type RuleDoc struct {
	Head
	Source    LogSource
	Detection Detection
}

// CorrelationDoc is a correlation, as it is written. Conditions and timespans are not looked into here.
type CorrelationDoc struct {
	Head
	Body      *Node // all that stands below correlation:
	Type      Ref
	Rules     []Ref // ids, names or titles
	GroupBy   []Ref
	Timespan  Ref
	Condition *Node // nil when there is none; a text, or a map of comparisons
	Aliases   *Node // nil when there are none; alias to rule to field
	Generate  bool
}

// FilterDoc silences rules where it holds.
type FilterDoc struct {
	Head
	Source    LogSource
	Rules     []Ref // ids, names or titles
	Any       bool  // all rules of the log source
	Detection Detection
}

// levels are what a rule's level may be.
var levels = []string{"informational", "low", "medium", "high", "critical"}

// read takes what every document says of itself. What it does not know it keeps.
func (h *Head) read(root *Node) *lineError {
	texts := map[string]*string{
		"id": &h.ID, "name": &h.Name, "title": &h.Title, "status": &h.Status, "description": &h.Description,
		"author": &h.Author, "license": &h.License, "level": &h.Level,
	}
	lists := map[string]*[]string{"references": &h.References, "reference": &h.References, "tags": &h.Tags}
	for _, p := range root.Pairs {
		switch {
		case p.Value.Kind == Null:
		case texts[p.Key] != nil:
			if !p.Value.Scalar() {
				return faultAt(p.Value.Line, "%s: want text, got %s", p.Key, p.Value.what())
			}
			*texts[p.Key] = strings.TrimSpace(p.Value.Text)
		case lists[p.Key] != nil:
			all, err := refs(p.Key, p.Value)
			if err != nil {
				return err
			}
			for _, r := range all {
				*lists[p.Key] = append(*lists[p.Key], r.Text)
			}
		case p.Key != "detection" && p.Key != "correlation" && p.Key != "filter" && p.Key != "logsource":
			h.Extra = append(h.Extra, p)
		}
	}
	return h.check(root)
}

func (h *Head) check(root *Node) *lineError {
	h.Level = strings.ToLower(h.Level)
	known := h.Level == ""
	for _, l := range levels {
		known = known || l == h.Level
	}
	if !known {
		return faultAt(root.Get("level").Line, "level: want one of %s", strings.Join(levels, ", "))
	}
	return nil
}

// refs reads a list of texts, or one text.
func refs(key string, n *Node) ([]Ref, *lineError) {
	if n == nil || n.Kind == Null {
		return nil, nil
	}
	items := n.Items
	if n.Kind != List {
		items = []*Node{n}
	}
	var all []Ref
	for _, item := range items {
		if !item.Scalar() {
			return nil, faultAt(item.Line, "%s: want texts, got %s", key, item.what())
		}
		all = append(all, Ref{strings.TrimSpace(item.Text), item.Line})
	}
	return all, nil
}

func readRule(h Head, root *Node) (*RuleDoc, *lineError) {
	d := &RuleDoc{Head: h}
	var err *lineError
	if d.Source, err = readSource(h.Line, root); err != nil {
		return nil, err
	}
	d.Detection, err = readDetection("detection", root.Get("detection"))
	return d, err
}

func readSource(line int, root *Node) (LogSource, *lineError) {
	n := root.Get("logsource")
	if n == nil || n.Kind != Map {
		if n != nil {
			line = n.Line
		}
		return LogSource{}, faultAt(line, "logsource: want a map with product and service, got %s", n.what())
	}
	s := LogSource{Line: n.Line}
	parts := map[string]*string{"product": &s.Product, "service": &s.Service, "category": &s.Category}
	for _, p := range n.Pairs {
		if into := parts[p.Key]; into != nil && p.Value.Kind != Null {
			if !p.Value.Scalar() {
				return s, faultAt(p.Line, "logsource.%s: want text, got %s", p.Key, p.Value.what())
			}
			*into = strings.ToLower(strings.TrimSpace(p.Value.Text))
		}
	}
	return s, nil
}

func readDetection(key string, n *Node) (Detection, *lineError) {
	if n.Kind != Map {
		return Detection{}, faultAt(n.Line, "%s: want a map of search identifiers and a condition, got %s", key, n.what())
	}
	d := Detection{Line: n.Line}
	for _, p := range n.Pairs {
		switch p.Key {
		case "condition":
			all, err := refs(key+".condition", p.Value)
			if err != nil {
				return d, err
			}
			d.Conditions = all
		case "timeframe":
			d.Timeframe = p.Value
		default:
			d.Searches = append(d.Searches, p)
		}
	}
	if len(d.Conditions) == 0 {
		return d, faultAt(n.Line, "%s.condition: is missing", key)
	}
	return d, nil
}

func readFilter(h Head, root *Node) (*FilterDoc, *lineError) {
	d := &FilterDoc{Head: h}
	var err *lineError
	if d.Source, err = readSource(h.Line, root); err != nil {
		return nil, err
	}
	n := root.Get("filter")
	if n.Kind != Map {
		return nil, faultAt(n.Line, "filter: want a map with rules, selections and a condition, got %s", n.what())
	}
	if d.Rules, err = refs("filter.rules", n.Get("rules")); err != nil {
		return nil, err
	}
	switch {
	case len(d.Rules) == 0:
		return nil, faultAt(n.Line, "filter.rules: names no rule")
	case len(d.Rules) == 1 && strings.EqualFold(d.Rules[0].Text, "any"):
		d.Any = true
	}
	if d.Detection, err = readDetection("filter", n); err != nil {
		return nil, err
	}
	d.Detection.Searches = kept(d.Detection.Searches, func(p Pair) bool { return p.Key != "rules" })
	return d, nil
}

func readCorrelation(h Head, root *Node) (*CorrelationDoc, *lineError) {
	n := root.Get("correlation")
	if n.Kind != Map {
		return nil, faultAt(n.Line, "correlation: want a map with type and rules, got %s", n.what())
	}
	d := &CorrelationDoc{Head: h, Body: n, Condition: n.Get("condition"), Aliases: n.Get("aliases")}
	var err *lineError
	for key, into := range map[string]*Ref{"type": &d.Type, "timespan": &d.Timespan} {
		if v := n.Get(key); v != nil {
			if !v.Scalar() {
				return nil, faultAt(v.Line, "correlation.%s: want text, got %s", key, v.what())
			}
			*into = Ref{strings.TrimSpace(v.Text), v.Line}
		}
	}
	if d.Rules, err = refs("correlation.rules", n.Get("rules")); err != nil {
		return nil, err
	}
	if d.GroupBy, err = refs("correlation.group-by", n.Get("group-by")); err != nil {
		return nil, err
	}
	d.Generate, err = generateOf(n, root)
	return d, err
}

// generateOf reads whether the rules below a correlation alert on their own. The specification has it below correlation; its
// schema has it at the top as well.
func generateOf(body, root *Node) (bool, *lineError) {
	v := body.Get("generate")
	if v == nil {
		v = root.Get("generate")
	}
	if v == nil || v.Kind == Null {
		return false, nil
	}
	if v.Kind != Bool {
		return false, faultAt(v.Line, "generate: want true or false, got %s", v.what())
	}
	return v.Text == "true", nil
}
