package enrich

import (
	"regexp"
	"strings"
)

// The three questions that uap-core's rules answer, each with its own list of rules, first match wins.
const (
	program = iota
	system
	device
	questions
)

// rules are uap-core's regular expressions with the means to leave most of them untried.
type rules struct {
	exprs  []expression // in the order of the definitions
	filter *filter      // of exprs
}

// expression is a regular expression of a rule, mostly the only one (see split).
type expression struct {
	rule     *rule
	compiled func() *regexp.Regexp // compiles when first called: few expressions are ever tried
}

// rule says what to make of the groups of a match.
type rule struct {
	question int
	name     string    // template of the name; empty for group 1
	parts    [4]string // parts of the version; where empty, groups 2 to 5
}

// answer is what a rule says: "Firefox" and "136.0".
type answer struct{ name, version string }

// find answers the three questions; an answer without a name says that no rule matched.
func (r *rules) find(text string) (found [questions]answer) {
	var answered [questions]bool
	open := r.filter.candidates(text)
	for len(open) > 0 {
		rule := r.exprs[open[0]].rule
		n := 1
		for n < len(open) && r.exprs[open[n]].rule == rule {
			n++
		}
		if q := rule.question; !answered[q] {
			found[q], answered[q] = rule.answer(text, r.leftmost(text, open[:n]))
		}
		open = open[n:]
	}
	return found
}

// leftmost returns where the leftmost match of some expressions and its groups are.
func (r *rules) leftmost(text string, exprs []uint16) (first []int) {
	for _, i := range exprs {
		at := r.exprs[i].compiled().FindStringSubmatchIndex(text)
		if at != nil && (first == nil || at[0] < first[0]) {
			first = at
		}
	}
	return first
}

// answer reads a match. As in Elasticsearch, a template knows only $1 and only in names ("vivo $2" is what its
// documents have), and a version ends before its first empty part.
func (r *rule) answer(text string, match []int) (answer, bool) {
	if match == nil {
		return answer{}, false
	}
	name, ok := group(text, match, 1)
	switch {
	case r.name != "" && ok:
		name = strings.Replace(r.name, "$1", name, 1)
	case r.name != "":
		name = r.name
	case !ok:
		return answer{}, false
	}
	return answer{name: name, version: r.version(text, match)}, true
}

func (r *rule) version(text string, match []int) string {
	var version []byte
	for i, part := range r.parts {
		if part == "" {
			part, _ = group(text, match, i+2)
		}
		if part == "" {
			break
		}
		if i > 0 {
			version = append(version, '.')
		}
		version = append(version, part...)
	}
	return string(version)
}

// group returns what the n-th group of a match holds, and whether it took part in the match.
func group(text string, match []int, n int) (string, bool) {
	if 2*n+1 >= len(match) || match[2*n] < 0 {
		return "", false
	}
	return text[match[2*n]:match[2*n+1]], true
}
