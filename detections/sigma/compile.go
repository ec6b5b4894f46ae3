package sigma

import (
	"slices"
	"sort"
	"strings"

	"github.com/idwatch/idwatch/detections"
)

// Set is a compiled collection. It never changes and serves any number of matchers.
type Set struct {
	Rules        []*Rule                 // those in force, in the order of the files
	Correlations []*detections.Detection // those in force
	Problems     []Problem
	scopes       map[string]*scope // by dataset
	lists        map[string][]*Node
	tables       []aliases
}

// Rule is a rule in force.
type Rule struct {
	Doc      *RuleDoc
	Sign     *detections.Sign
	Datasets []string // whose records it reads
	Unplaced []string // fields that no record of these has
	Filters  []*FilterDoc
}

// streamRule is a rule for one stream.
type streamRule struct {
	test   test
	sign   *detections.Sign
	view   view
	asked  bool // by a correlation
	wanted []wanted
}

// wanted is a field that correlations ask for.
type wanted struct {
	name  string
	field int
}

// Compile makes rules, filters and correlations ready. What is wrong with one stands among the problems and keeps no other from
// being compiled; a correlation needs all the rules that it names.
func Compile(c *Collection) *Set {
	s := &Set{scopes: map[string]*scope{}}
	b := &builder{set: s, docs: c}
	b.readTables()
	s.lists, s.tables = c.Lists, b.tables
	filters := b.assign()
	for _, d := range c.Rules {
		r, err := b.rule(d, filters[d])
		if err != nil {
			c.refuse(&d.Head, err)
			continue
		}
		s.Rules = append(s.Rules, r)
	}
	c.Rules = kept(c.Rules, func(d *RuleDoc) bool {
		return slices.ContainsFunc(s.Rules, func(r *Rule) bool { return r.Doc == d })
	})
	var needs map[string]*Need
	s.Correlations, needs = c.correlations(RuleOf)
	s.meet(needs)
	for _, scope := range s.scopes {
		scope.build()
	}
	s.Problems = slices.Clone(c.Problems)
	sort.SliceStable(s.Problems, func(i, j int) bool {
		a, b := &s.Problems[i], &s.Problems[j]
		return a.File < b.File || a.File == b.File && a.Line < b.Line
	})
	return s
}

// Only is a set of one rule of this one, with its filters.
func (s *Set) Only(r *Rule) *Set {
	one := &Set{scopes: map[string]*scope{}, lists: s.lists, tables: s.tables}
	b := &builder{set: one, docs: &Collection{Lists: s.lists}, tables: s.tables}
	if again, err := b.rule(r.Doc, r.Filters); err == nil {
		one.Rules = append(one.Rules, again)
	}
	for _, scope := range one.scopes {
		scope.build()
	}
	return one
}

// meet makes rules tell what correlations need of them.
func (s *Set) meet(needs map[string]*Need) {
	for _, scope := range s.scopes {
		for i := range scope.rules {
			r := &scope.rules[i]
			need := needs[r.sign.ID]
			if need == nil {
				continue
			}
			r.asked, r.sign.Quiet = true, need.Quiet
			for _, name := range need.Fields {
				r.wanted = append(r.wanted, wanted{name, scope.field(name, r.view)})
			}
		}
	}
}

// Added is the set as the engine takes it.
func (s *Set) Added() *detections.Added {
	return &detections.Added{Signs: s.Signs(), Detections: s.Correlations, NewMatcher: s.NewMatcher}
}

// Signs lists what the matchers of the set give.
func (s *Set) Signs() []*detections.Sign {
	var all []*detections.Sign
	for _, r := range s.Rules {
		all = append(all, r.Sign)
	}
	return all
}

// Faults lists the problems that keep something from being in force.
func (s *Set) Faults() []Problem {
	return kept(slices.Clone(s.Problems), func(p Problem) bool { return !p.Warning })
}

// builder compiles the documents of a collection.
type builder struct {
	set    *Set
	docs   *Collection
	tables []aliases
}

// readTables reads the tables of aliases, the user's before the built-in ones.
func (b *builder) readTables() {
	own, err := readPlaces(b.docs.Places)
	if err != nil {
		b.docs.refuse(&Head{File: PlacesName + ".yml"}, err)
	}
	root, _ := readNode(builtinPlaces)
	builtin, _ := readPlaces(root.Items)
	b.tables = slices.Concat(own, builtin)
}

// rule compiles a rule for all streams that it is about, with the filters that silence it.
func (b *builder) rule(d *RuleDoc, filters []*FilterDoc) (*Rule, *lineError) {
	if builtin(d.ID) {
		return nil, faultAt(d.Line, "id: %s is the id of a built-in detection", d.ID)
	}
	views, err := viewsOf(d.Source)
	if err != nil {
		return nil, err
	}
	sign := &detections.Sign{Rule: RuleOf(&d.Head), Failures: true}
	r := &Rule{Doc: d, Sign: sign, Filters: filters}
	var trees []streamRule
	for _, v := range views {
		scope := b.scope(v.stream.dataset)
		c := &compiler{scope, v, b.docs.Lists}
		t, err := b.tree(c, &d.Detection, filters)
		if err != nil {
			return nil, err
		}
		if v.dataset != "" {
			t = andTest{datasetTest(v.dataset), t}
		}
		trees = append(trees, streamRule{test: t, sign: sign, view: v})
		r.Datasets = append(r.Datasets, v.stream.dataset)
	}
	for _, tree := range trees {
		scope := b.scope(tree.view.stream.dataset)
		scope.rules = append(scope.rules, tree)
	}
	sign.Reads = r.Datasets
	r.Unplaced = b.unplaced(&d.Head, &d.Detection, views)
	return r, nil
}

func builtin(id string) bool {
	return slices.ContainsFunc(detections.Rules(), func(r *detections.Rule) bool { return r.ID == id })
}

func (b *builder) scope(dataset string) *scope {
	s := b.set.scopes[dataset]
	if s == nil {
		s = newScope(b.tables)
		b.set.scopes[dataset] = s
	}
	return s
}

// tree compiles a rule's detection and takes from it where a filter holds.
func (b *builder) tree(c *compiler, d *Detection, filters []*FilterDoc) (test, *lineError) {
	t, err := c.detection(d)
	if err != nil {
		return nil, err
	}
	every := andTest{t}
	for _, f := range filters {
		silent, err := c.detection(&f.Detection)
		if err != nil {
			continue // told when the filter was assigned
		}
		every = append(every, notTest{silent})
	}
	if len(every) == 1 {
		return t, nil
	}
	return every, nil
}

// detection compiles searches and joins them by the conditions, of which one has to hold.
func (c *compiler) detection(d *Detection) (test, *lineError) {
	if d.Timeframe != nil && !strings.Contains(d.Conditions[0].Text, "|") {
		return nil, faultAt(d.Timeframe.Line, "timeframe: ended with Sigma 2.0, a rule looks at one record; write a rule for each search "+
			"and a correlation: {type: temporal, rules: [their names], timespan: %s}", d.Timeframe.Text)
	}
	searches := map[string]test{}
	var names []string
	for _, p := range d.Searches {
		t, err := c.search(p)
		if err != nil {
			return nil, err
		}
		searches[p.Key] = t
		names = append(names, p.Key)
	}
	var any orTest
	for _, ref := range d.Conditions {
		parsed, err := readCondition(ref.Text, names)
		if err != nil {
			return nil, faultAt(ref.Line, "condition: %s%s", err, advice(ref.Text, d))
		}
		any = append(any, joined(parsed, searches))
	}
	if len(any) == 1 {
		return any[0], nil
	}
	return any, nil
}

// joined makes a test of a condition.
func joined(c *condition, searches map[string]test) test {
	if c.op == 'n' {
		return searches[c.name]
	}
	var terms []test
	for _, term := range c.terms {
		terms = append(terms, joined(term, searches))
	}
	switch {
	case c.op == '!':
		return notTest{terms[0]}
	case len(terms) == 1:
		return terms[0]
	case c.op == '&':
		return andTest(terms)
	}
	return orTest(terms)
}
