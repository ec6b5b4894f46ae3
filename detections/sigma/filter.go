package sigma

import "strings"

// assign says which filters silence which rules. A filter that names what is not there, or that is wrong in itself, is a fault.
func (b *builder) assign() map[*RuleDoc][]*FilterDoc {
	of := map[*RuleDoc][]*FilterDoc{}
	for _, f := range b.docs.Filters {
		if err := b.test(f); err != nil {
			b.docs.refuse(&f.Head, err)
			continue
		}
		for _, d := range b.named(f) {
			of[d] = append(of[d], f)
		}
	}
	return of
}

// test compiles a filter by itself.
func (b *builder) test(f *FilterDoc) *lineError {
	views, err := viewsOf(f.Source)
	if err != nil {
		return err
	}
	b.unplaced(&f.Head, &f.Detection, views)
	_, err = (&compiler{newScope(b.tables), views[0], b.docs.Lists}).detection(&f.Detection)
	return err
}

// named lists the rules that a filter names and whose log source it has.
func (b *builder) named(f *FilterDoc) []*RuleDoc {
	var all []*RuleDoc
	if f.Any {
		return kept(b.docs.Rules, func(d *RuleDoc) bool { return f.Source.covers(&d.Source) })
	}
	for _, ref := range f.Rules {
		d, byTitle := b.docs.Rule(ref.Text)
		switch {
		case d == nil:
			b.docs.refuse(&f.Head, faultAt(ref.Line, "filter.rules: there is no rule %s", ref.Text))
			continue
		case byTitle:
			b.docs.warn(&f.Head, ref.Line, "filter.rules: %s is a title: name the rule by its id or name", ref.Text)
		}
		if !f.Source.covers(&d.Source) {
			b.docs.refuse(&f.Head, faultAt(ref.Line, "filter.rules: %s has another log source", ref.Text))
			continue
		}
		all = append(all, d)
	}
	return all
}

// covers reports whether all records of another log source are of this one, too.
func (s *LogSource) covers(other *LogSource) bool {
	return (s.Product == "" || s.Product == other.Product) && (s.Service == "" || s.Service == other.Service) &&
		(s.Category == "" || s.Category == other.Category)
}

// Rule returns the rule with an id or a name or, when there is none, the first with a title.
func (c *Collection) Rule(ref string) (d *RuleDoc, byTitle bool) {
	for _, d := range c.Rules {
		if strings.EqualFold(d.ID, ref) || d.Name != "" && d.Name == ref {
			return d, false
		}
	}
	for _, d := range c.Rules {
		if d.Title == ref {
			return d, true
		}
	}
	return nil, false
}
