package enrich

import "regexp/syntax"

// splitFrom is how many branches an alternation needs to be worth splitting.
const splitFrom = 16

// split makes several expressions of one with a long list of names, (Aboundex|AdsBot|…)/(\d+), so that the filter can
// choose among the names: Go tries such a list at every byte, which costs milliseconds for a long text. The match of
// the whole is the leftmost match of the parts, that of the first part if several start there. This holds where
// nothing but the list decides where a match starts; when the groups do not matter (isTest), anything may stand
// before the list.
func split(re *syntax.Regexp, isTest bool) []*syntax.Regexp {
	switch re.Op {
	case syntax.OpAlternate:
		if len(re.Sub) >= splitFrom {
			return re.Sub
		}
	case syntax.OpCapture:
		return replaceSub(re, 0, split(re.Sub[0], isTest))
	case syntax.OpConcat:
		for i, sub := range re.Sub {
			if parts := split(sub, isTest); len(parts) > 1 {
				return replaceSub(re, i, parts)
			}
			if !isTest && !isEmptyWidth(sub.Op) {
				break
			}
		}
	}
	return []*syntax.Regexp{re}
}

// replaceSub returns a copy of re for each part, with the part in the place of the i-th sub-expression.
func replaceSub(re *syntax.Regexp, i int, parts []*syntax.Regexp) []*syntax.Regexp {
	copies := make([]*syntax.Regexp, len(parts))
	for n, part := range parts {
		c := *re
		c.Sub = append([]*syntax.Regexp(nil), re.Sub...)
		c.Sub[i] = part
		copies[n] = &c
	}
	return copies
}

func isEmptyWidth(op syntax.Op) bool {
	switch op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return false
}
