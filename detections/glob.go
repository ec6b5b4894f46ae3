package detections

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Glob matches a pattern with * and ? against a whole name, without letter case.
func Glob(pattern, name string) bool { return matches(strings.ToLower(pattern), strings.ToLower(name)) }

// matches is Glob of what is in lower case. After a mismatch the latest * takes one more byte: no pattern costs more than the product of the lengths.
func matches(pattern, name string) bool {
	star, from, p, n := -1, 0, 0, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, n
			p++
		case p < len(pattern) && pattern[p] == '?':
			_, size := utf8.DecodeRuneInString(name[n:])
			p, n = p+1, n+size
		case p < len(pattern) && pattern[p] == name[n]:
			p, n = p+1, n+1
		case star >= 0:
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// globs finds identities by patterns among their names. Patterns are kept by what stands before their first wildcard, so that a look-up asks as often
// as there are lengths of that, and not as there are patterns.
type globs struct {
	byPrefix map[string][]glob
	lengths  []int // of prefixes, rising
}

type glob struct {
	pattern string
	known   *Known
	order   int
}

func (g *globs) add(pattern string, known *Known, order int) {
	if g.byPrefix == nil {
		g.byPrefix = map[string][]glob{}
	}
	pattern = strings.ToLower(pattern)
	prefix := pattern[:strings.IndexAny(pattern, "*?")]
	g.byPrefix[prefix] = append(g.byPrefix[prefix], glob{pattern, known, order})
	if at, found := slices.BinarySearch(g.lengths, len(prefix)); !found {
		g.lengths = slices.Insert(g.lengths, at, len(prefix))
	}
}

// find returns the identity of the first pattern, in the order of the file, that matches; nil when none does.
func (g *globs) find(name string) (known *Known) {
	if len(g.lengths) == 0 {
		return nil
	}
	name = strings.ToLower(name)
	first := -1
	for _, length := range g.lengths {
		if length > len(name) {
			break
		}
		for _, one := range g.byPrefix[name[:length]] {
			if (first < 0 || one.order < first) && matches(one.pattern, name) {
				known, first = one.known, one.order
			}
		}
	}
	return known
}
