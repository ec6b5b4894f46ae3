package enrich

import (
	"cmp"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/ua-parser/uap-go/uaparser"
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
	list   []rule
	end    [questions]int // where in list the rules of each question end
	filter *filter
}

// rule is a regular expression and what to make of its groups.
type rule struct {
	exprs []expression
	name  string    // template of the name; empty for group 1
	parts [4]string // parts of the version; where empty, groups 2 to 5
}

// expression is one regular expression of a rule (see split), compiled when it is first tried: few of them ever are.
type expression struct {
	id       int // in the filter
	compiled func() *regexp.Regexp
}

// answer is what a rule says: "Firefox" and "136.0".
type answer struct{ name, version string }

// defaultRules reads the rules that come with uap-go. That takes about 40 ms, so it happens when the first user agent
// is parsed and not at start-up. uap-go's own parser is not used: it tries every rule for every text, about 1 ms each
// time, and differs from Elasticsearch in the fourth part of a version, in replacements and in trimming.
var defaultRules = sync.OnceValue(func() *rules {
	r, err := readRules(uaparser.DefinitionYaml)
	if err != nil {
		panic(err) // the text is part of the program, and a test reads it
	}
	return r
})

// entry is an element of the three lists in uap-core's regexes.yaml.
type entry struct {
	Regex  string `yaml:"regex"`
	Flag   string `yaml:"regex_flag"`
	Name   string `yaml:"family_replacement"`
	V1     string `yaml:"v1_replacement"`
	V2     string `yaml:"v2_replacement"`
	V3     string `yaml:"v3_replacement"`
	V4     string `yaml:"v4_replacement"`
	OS     string `yaml:"os_replacement"`
	OSV1   string `yaml:"os_v1_replacement"`
	OSV2   string `yaml:"os_v2_replacement"`
	OSV3   string `yaml:"os_v3_replacement"`
	OSV4   string `yaml:"os_v4_replacement"`
	Device string `yaml:"device_replacement"`
}

func readRules(definitions []byte) (*rules, error) {
	var lists struct {
		Programs []entry `yaml:"user_agent_parsers"`
		Systems  []entry `yaml:"os_parsers"`
		Devices  []entry `yaml:"device_parsers"`
	}
	if err := yaml.Unmarshal(definitions, &lists); err != nil {
		return nil, fmt.Errorf("read user agent rules: %w", err)
	}
	r := &rules{}
	var needs [][]wordSet
	for question, entries := range [questions][]entry{lists.Programs, lists.Systems, lists.Devices} {
		for _, e := range entries {
			parsed, err := syntax.Parse(e.expr(), syntax.Perl)
			if err != nil {
				return nil, fmt.Errorf("read user agent rule: %w", err)
			}
			rule := e.rule()
			isTest := question == device && rule.name != "" && !strings.Contains(rule.name, "$1")
			for _, part := range split(parsed, isTest) {
				rule.exprs = append(rule.exprs, newExpression(len(needs), part))
				needs = append(needs, requiredWords(part))
			}
			r.list = append(r.list, rule)
		}
		r.end[question] = len(r.list)
	}
	r.filter = newFilter(needs)
	return r, nil
}

func (e *entry) expr() string {
	if e.Flag == "" {
		return e.Regex
	}
	return "(?" + e.Flag + ")" + e.Regex
}

func newExpression(id int, re *syntax.Regexp) expression {
	return expression{id, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(re.String()) })}
}

func (e *entry) rule() rule {
	return rule{
		name:  cmp.Or(e.Name, e.OS, e.Device),
		parts: [4]string{e.V1 + e.OSV1, e.V2 + e.OSV2, e.V3 + e.OSV3, e.V4 + e.OSV4},
	}
}

// find answers the three questions; an answer without a name says that no rule matched.
func (r *rules) find(text string) (found [questions]answer) {
	missing := r.filter.missing(text)
	from := 0
	for question, end := range r.end {
		for i := from; i < end; i++ {
			var ok bool
			if found[question], ok = r.list[i].match(text, missing); ok {
				break
			}
		}
		from = end
	}
	return found
}

// match applies the rule. As in Elasticsearch, a template knows only $1 and only in names ("vivo $2" is what its
// documents have), and a version ends before its first empty part.
func (r *rule) match(text string, missing []uint8) (answer, bool) {
	at := r.find(text, missing)
	if at == nil {
		return answer{}, false
	}
	name, ok := group(text, at, 1)
	switch {
	case r.name != "" && ok:
		name = strings.Replace(r.name, "$1", name, 1)
	case r.name != "":
		name = r.name
	case !ok:
		return answer{}, false
	}
	return answer{name: name, version: r.version(text, at)}, true
}

// find returns where the leftmost match and its groups are.
func (r *rule) find(text string, missing []uint8) (first []int) {
	for _, e := range r.exprs {
		if missing[e.id] != 0 {
			continue
		}
		if at := e.compiled().FindStringSubmatchIndex(text); at != nil && (first == nil || at[0] < first[0]) {
			first = at
		}
	}
	return first
}

func (r *rule) version(text string, at []int) string {
	var version []byte
	for i, part := range r.parts {
		if part == "" {
			part, _ = group(text, at, i+2)
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
func group(text string, at []int, n int) (string, bool) {
	if 2*n+1 >= len(at) || at[2*n] < 0 {
		return "", false
	}
	return text[at[2*n]:at[2*n+1]], true
}
