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

// definition is an element of one of the three lists in uap-core's regexes.yaml.
type definition struct {
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

// readDefinitions returns the list of each question.
func readDefinitions(text []byte) (lists [questions][]definition, err error) {
	var file struct {
		Programs []definition `yaml:"user_agent_parsers"`
		Systems  []definition `yaml:"os_parsers"`
		Devices  []definition `yaml:"device_parsers"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return lists, fmt.Errorf("read user agent rules: %w", err)
	}
	return [questions][]definition{program: file.Programs, system: file.Systems, device: file.Devices}, nil
}

func readRules(text []byte) (*rules, error) {
	lists, err := readDefinitions(text)
	if err != nil {
		return nil, err
	}
	r := &rules{}
	var needs [][]wordSet
	for question, list := range lists {
		for _, d := range list {
			parts, err := d.expressions(question == device)
			if err != nil {
				return nil, fmt.Errorf("read user agent rule: %w", err)
			}
			rule := d.rule(question)
			for _, part := range parts {
				r.exprs = append(r.exprs, expression{rule, compileLater(part)})
				needs = append(needs, requiredWords(part))
			}
		}
	}
	r.filter = newFilter(needs)
	return r, nil
}

// regex is the regular expression with its flags.
func (d *definition) regex() string {
	if d.Flag == "" {
		return d.Regex
	}
	return "(?" + d.Flag + ")" + d.Regex
}

func (d *definition) expressions(isDevice bool) ([]*syntax.Regexp, error) {
	re, err := syntax.Parse(d.regex(), syntax.Perl)
	if err != nil {
		return nil, err
	}
	isTest := isDevice && d.Device != "" && !strings.Contains(d.Device, "$1") // a device has no version either
	return split(re, isTest), nil
}

func (d *definition) rule(question int) *rule {
	return &rule{
		question: question,
		name:     cmp.Or(d.Name, d.OS, d.Device),
		parts: [4]string{
			cmp.Or(d.V1, d.OSV1), cmp.Or(d.V2, d.OSV2), cmp.Or(d.V3, d.OSV3), cmp.Or(d.V4, d.OSV4),
		},
	}
}

func compileLater(re *syntax.Regexp) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(re.String()) })
}
