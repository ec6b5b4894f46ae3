package sigma

import (
	"slices"

	"github.com/idwatch/idwatch/detections"
)

// Need is what correlations want of a rule.
type Need struct {
	Fields []string // that they group or count by, as the rule's records have them
	Quiet  bool     // the rule raises no alert by itself
}

// member is a rule or a correlation that a correlation may name.
type member struct {
	head        *Head
	correlation *CorrelationDoc // nil for a rule
}

// correlations compiles what has to be compiled of correlations and tells what they want of rules, by the rules' ids. It is called when the
// rules that cannot be compiled are gone. describe says what alerts say of a document.
func (c *Collection) correlations(describe func(*Head) detections.Rule) (found []*detections.Detection, needs map[string]*Need) {
	x := &correlating{Collection: c, done: map[string]*compiled{}, needs: map[string]*Need{}}
	for _, d := range c.Rules {
		x.members = append(x.members, member{head: &d.Head})
	}
	for _, d := range c.Correlations {
		x.members = append(x.members, member{&d.Head, d})
	}
	for _, d := range c.Correlations {
		x.compile(d, nil)
	}
	for _, one := range x.order {
		x.want(one)
	}
	for _, one := range x.order {
		one.Quiet = x.quiet(one.doc.ID)
		found = append(found, &detections.Detection{Rule: describe(&one.doc.Head), Within: one.Span, Correlation: &one.Correlation})
	}
	return found, x.needs
}

// correlating is the work on all correlations of a collection.
type correlating struct {
	*Collection
	members []member
	done    map[string]*compiled // by id; nil for one that was refused
	order   []*compiled          // inner ones first
	needs   map[string]*Need
}

// compiled is a correlation that is ready.
type compiled struct {
	detections.Correlation
	doc    *CorrelationDoc
	listed []member
}

// longestChain bounds correlations over correlations.
const longestChain = 16

// compile compiles a correlation, after those that it lists. above are those that list it.
func (x *correlating) compile(d *CorrelationDoc, above []string) *compiled {
	if one, known := x.done[d.ID]; known {
		return one
	}
	one, err := x.read(d, append(slices.Clip(above), d.ID))
	if err != nil {
		x.refuse(&d.Head, err)
		one = nil
	} else {
		x.order = append(x.order, one)
	}
	x.done[d.ID] = one
	return one
}

func (x *correlating) read(d *CorrelationDoc, above []string) (*compiled, *lineError) {
	one := &compiled{doc: d}
	for _, part := range []func(*compiled) *lineError{kindOf, spanOf, x.rulesOf, x.aliasesOf, x.groupOf, limitsOf} {
		if err := part(one); err != nil {
			return nil, err
		}
	}
	return one, x.chainOf(one, above)
}

// rulesOf finds the rules that are listed: by id, by name, and as a last resort by title.
func (x *correlating) rulesOf(one *compiled) *lineError {
	d := one.doc
	if len(d.Rules) == 0 {
		return faultAt(d.Body.Line, "correlation.rules: lists no rule")
	}
	for _, ref := range d.Rules {
		m, err := x.member(d, ref)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(one.Of, func(of detections.CountedRule) bool { return of.Rule == m.head.ID }) {
			if one.Kind == detections.TemporalOrdered {
				return faultAt(ref.Line, "correlation.rules: %s is listed twice: one record would be both steps", ref.Text)
			}
			x.warn(&d.Head, ref.Line, "correlation.rules: "+ref.Text+" is listed twice")
			continue
		}
		one.listed = append(one.listed, m)
		one.Of = append(one.Of, detections.CountedRule{Rule: m.head.ID})
	}
	most := detections.CorrelationRules
	if one.Kind == detections.TemporalOrdered {
		most = detections.OrderedRules
	}
	if len(one.Of) > most {
		return faultAt(d.Rules[0].Line, "correlation.rules: lists %d rules, and at most %d can be", len(one.Of), most)
	}
	return nil
}

func (x *correlating) member(d *CorrelationDoc, ref Ref) (member, *lineError) {
	var found []member
	for _, by := range []func(*Head) string{
		func(h *Head) string { return h.ID }, func(h *Head) string { return h.Name }, func(h *Head) string { return h.Title },
	} {
		if len(found) == 0 {
			found = kept(x.members, func(m member) bool { return m.head != &d.Head && by(m.head) == ref.Text })
		}
	}
	switch {
	case ref.Text == "" || len(found) == 0:
		return member{}, faultAt(ref.Line, "correlation.rules: there is no rule %q, or it was refused", ref.Text)
	case len(found) > 1:
		return member{}, faultAt(ref.Line, "correlation.rules: %q may be %s or %s", ref.Text, found[0].head.ID, found[1].head.ID)
	}
	if h := found[0].head; h.ID != ref.Text && h.Name != ref.Text {
		x.warn(&d.Head, ref.Line, "correlation.rules: "+ref.Text+" is a title: name the rule by its id or name")
	}
	return found[0], nil
}

func (x *correlating) warn(h *Head, line int, reason string) {
	x.Problems = append(x.Problems, Problem{File: h.File, Line: line, Rule: h.label(), Reason: reason, Warning: true})
}

// chainOf compiles the correlations that are listed and says what cannot stand in a chain.
func (x *correlating) chainOf(one *compiled, above []string) *lineError {
	for i, m := range one.listed {
		line := one.doc.Rules[i].Line
		if m.correlation == nil {
			continue
		}
		if slices.Contains(above, m.head.ID) {
			return faultAt(line, "correlation.rules: %s leads back to this correlation", m.head.label())
		}
		if len(above) > longestChain {
			return faultAt(line, "correlation.rules: a chain of more than %d correlations", longestChain)
		}
		inner := x.compile(m.correlation, above)
		switch {
		case inner == nil:
			return faultAt(line, "correlation.rules: %s was refused", m.head.label())
		case inner.Ends():
			return faultAt(line, "correlation.rules: %s is judged when its window has passed (lt, lte, eq, neq): no correlation can be built on it", m.head.label())
		}
	}
	return nil
}

// want notes which fields a correlation needs of the rules below it, and which of them it silences.
func (x *correlating) want(one *compiled) {
	for i := range one.Of {
		of := &one.Of[i]
		x.wantFields(one.listed[i], append(slices.Clone(of.Group), of.Value...))
		h := one.listed[i].head
		if one.listed[i].correlation == nil && x.quiet(h.ID) {
			x.needs[h.ID].Quiet = true
			if h.File != one.doc.File {
				x.warn(&one.doc.Head, one.doc.Rules[0].Line, "generate is not set: "+h.label()+" ("+h.File+") no longer raises alerts by itself")
			}
		}
	}
}

// wantFields: what a correlation in a chain does not group by, it takes from its records.
func (x *correlating) wantFields(m member, fields []string) {
	if m.correlation != nil {
		inner := x.done[m.head.ID]
		fields = kept(fields, func(f string) bool { return !slices.Contains(inner.Group, f) })
		for _, below := range inner.listed {
			x.wantFields(below, fields)
		}
		return
	}
	need := x.needs[m.head.ID]
	if need == nil {
		need = &Need{}
		x.needs[m.head.ID] = need
	}
	for _, f := range fields {
		if f != detections.LinkedIdentity && !slices.Contains(need.Fields, f) {
			need.Fields = append(need.Fields, f)
		}
	}
}

// quiet reports whether a rule or correlation is listed by correlations of which none has it alert by itself.
func (x *correlating) quiet(id string) bool {
	listed := false
	for _, one := range x.order {
		for _, of := range one.Of {
			if of.Rule != id {
				continue
			}
			if one.doc.Generate {
				return false
			}
			listed = true
		}
	}
	return listed
}
