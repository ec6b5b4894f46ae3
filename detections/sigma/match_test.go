package sigma

import (
	"strings"
	"testing"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// ruleWith is a rule with a detection, indented by two.
func ruleWith(detection string) string {
	return "title: Test\nid: test\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  " + strings.ReplaceAll(strings.TrimSpace(detection), "\n", "\n  ") + "\n"
}

// compileText compiles files of rules, which have to be without a fault.
func compileText(t testing.TB, files ...File) *Set {
	t.Helper()
	s := Compile(Parse(files))
	if faults := s.Faults(); len(faults) > 0 {
		t.Fatal(faults)
	}
	return s
}

// hitsOf lists the ids of the rules that a record meets.
func hitsOf(t testing.TB, s *Set, dataset, text string) []string {
	t.Helper()
	var r record.Record
	if err := r.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	var a detections.Act
	s.NewMatcher().Match(&ecs.Event{Dataset: dataset, Record: &r}, &a)
	var ids []string
	for _, sign := range a.Signs {
		ids = append(ids, sign.ID)
	}
	return ids
}

// TestValues holds one entry of a map against records.
func TestValues(t *testing.T) {
	tests := []struct {
		entry   string
		yes, no []string
	}{
		{"a: Value", []string{`{"a":"value"}`, `{"a":"VALUE"}`, `{"a":["x","value"]}`}, []string{`{"a":"values"}`, `{"a":null}`, `{}`, `{"b":"value"}`}},
		{"a: ÄRGER", []string{`{"a":"ärger"}`}, []string{`{"a":"arger"}`}},
		{"a: [x, y]", []string{`{"a":"y"}`}, []string{`{"a":"z"}`}},
		{"a: 'x*z'", []string{`{"a":"xyz"}`, `{"a":"XZ"}`}, []string{`{"a":"xyza"}`}},
		{"a: 'x?z'", []string{`{"a":"xéz"}`}, []string{`{"a":"xz"}`}},
		{`a: 'x\*z'`, []string{`{"a":"x*z"}`}, []string{`{"a":"xyz"}`}},
		{`a: 'x\\*z'`, []string{`{"a":"x\\abcz"}`}, []string{`{"a":"x*z"}`}},
		{"a: '*'", []string{`{"a":"x"}`, `{"a":""}`, `{"a":{}}`, `{"a":0}`}, []string{`{"a":null}`, `{}`}},
		{"a|contains: '*'", []string{`{"a":"x"}`, `{"a":{"b":1}}`}, []string{`{"a":""}`, `{"a":null}`, `{}`}},
		{"a|contains: ell", []string{`{"a":"HELLO"}`, `{"a":{"b":"hello"}}`, `{"a":["x",["hello"]]}`}, []string{`{"a":"helo"}`}},
		{"a|contains: 'e?l'", []string{`{"a":"hello"}`}, []string{`{"a":"heo"}`}},
		{"a|startswith: he", []string{`{"a":"Hello"}`}, []string{`{"a":"ahello"}`}},
		{"a|endswith: [lo, ya]", []string{`{"a":"Hello"}`, `{"a":"heya"}`}, []string{`{"a":"loh"}`}},
		{"a|contains|all: [x, y]", []string{`{"a":"yx"}`, `{"a":["x","y"]}`}, []string{`{"a":"x"}`}},
		{"a|all: [x, y]", []string{`{"a":["x","y","z"]}`}, []string{`{"a":"x"}`}},
		{"a|cased: Value", []string{`{"a":"Value"}`}, []string{`{"a":"value"}`}},
		{"a|contains|cased: V", []string{`{"a":"xVx"}`}, []string{`{"a":"xvx"}`}},
		{"a|re: 'h[ae]llo\\d'", []string{`{"a":"xhallo1x"}`}, []string{`{"a":"HALLO1"}`}},
		{"a|re|i: '^hallo$'", []string{`{"a":"HALLO"}`}, []string{`{"a":"HALLO\nb"}`}},
		{"a|re|i|m: '^hallo$'", []string{`{"a":"HALLO\nb"}`}, []string{`{"a":"HALLOb"}`}},
		{"a|re|s: 'a.b'", []string{`{"a":"a\nb"}`}, []string{`{"a":"ab"}`}},
		{"a: 5", []string{`{"a":5}`, `{"a":"5"}`, `{"a":5.0}`, `{"a":0.5e1}`}, []string{`{"a":"5.0"}`, `{"a":55}`, `{"a":true}`}},
		{"a: '5'", []string{`{"a":5}`, `{"a":"5"}`}, []string{`{"a":50}`}},
		{"a: '5.0'", []string{`{"a":5.0}`, `{"a":"5.0"}`}, []string{`{"a":5}`}},
		{"a: 1.5", []string{`{"a":1.50}`, `{"a":"1.5"}`}, []string{`{"a":1}`}},
		{"a: true", []string{`{"a":true}`, `{"a":"True"}`}, []string{`{"a":false}`, `{"a":1}`}},
		{"a: 'false'", []string{`{"a":false}`, `{"a":"FALSE"}`}, []string{`{"a":true}`, `{"a":null}`}},
		{"a: null", []string{`{"a":null}`, `{}`, `{"b":1}`}, []string{`{"a":""}`, `{"a":[]}`, `{"a":0}`}},
		{"a: ''", []string{`{"a":""}`}, []string{`{"a":null}`, `{}`, `{"a":"x"}`}},
		{"a: [null, x]", []string{`{}`, `{"a":"x"}`}, []string{`{"a":"y"}`}},
		{"a|exists: true", []string{`{"a":null}`, `{"a":""}`, `{"a":[]}`}, []string{`{}`, `{"b":{"a":1}}`}},
		{"a|exists: false", []string{`{}`}, []string{`{"a":null}`}},
		{"a: '[]'", []string{`{"a":[]}`, `{"a": [ ]}`, `{"a":"[]"}`}, []string{`{"a":[1]}`}},
		{`a|contains: '"Allow"'`, []string{`{"a": {"Effect" : "Allow"}}`, `{"a":[{"Effect":"Allow"}]}`}, []string{`{"a":"Allow"}`, `{"a":{"p":"{\"Effect\":\"Allow\"}"}}`}},
		{`a: '{"b":1,"c":[1,"x y"]}'`, []string{`{"a": { "b" : 1, "c": [1, "x y"] }}`}, []string{`{"a":{"c":[1,"x y"],"b":1}}`}},
		{"a.b.c: x", []string{`{"a":{"b":{"c":"x"}}}`, `{"a":[{"b":1},{"b":[{"c":"y"},{"c":"x"}]}]}`, `{"a.b":{"c":"x"}}`, `{"a":{"b.c":"x"}}`, `{"a.b.c":"x"}`, `{"A":{"B":{"c":"x"}}}`}, []string{`{"a":{"b":"x"}}`}},
		{"a.b: x", []string{`{"a.b":"x","a":{"b":"y"}}`, `{"a":{"b":"x"},"A.b":"y"}`}, []string{`{"a.b":"y","a":{"b":"x"}}`}},
		{"a.b: y", []string{`{"A":{"x":1},"a":{"B":"y"}}`, `{"x":{"a":1},"A":[1,{"c":2}],"a":{"B":"y"}}`}, []string{`{"A":{"b":1},"a":{"B":"y"}}`}},
		{"A: x", []string{`{"a":"x"}`, `{"a":"y","A":"x"}`}, []string{`{"a":"x","A":"y"}`}},
		{"a|cidr: 192.0.2.0/24", []string{`{"a":"192.0.2.77"}`, `{"a":"::ffff:192.0.2.1"}`}, []string{`{"a":"192.0.3.1"}`, `{"a":"2001:db8::1"}`, `{"a":"host"}`}},
		{"a|cidr: ['2001:db8::/32', 10.0.0.1]", []string{`{"a":"2001:DB8:1::"}`, `{"a":"10.0.0.1"}`}, []string{`{"a":"10.0.0.2"}`}},
		{"a|gt: 5", []string{`{"a":6}`, `{"a":"5.5"}`}, []string{`{"a":5}`, `{"a":"x"}`, `{}`}},
		{"a|lte: 5", []string{`{"a":5}`, `{"a":-1e3}`}, []string{`{"a":5.1}`}},
		{"a|gte|neq: 5", []string{`{"a":4}`, `{}`}, []string{`{"a":5}`}},
		{"a|neq: x", []string{`{"a":"y"}`, `{}`}, []string{`{"a":"X"}`}},
		{"a|neq: [x, y]", []string{`{"a":"z"}`}, []string{`{"a":"x"}`, `{"a":"y"}`}},
		{"a|fieldref: b", []string{`{"a":"X","b":"x"}`, `{"a":5,"b":"5"}`, `{"a":["x","y"],"b":["z","y"]}`}, []string{`{"a":"x","b":"y"}`, `{"a":"x"}`, `{"a":null,"b":null}`}},
		{"a|fieldref|startswith: b", []string{`{"a":"xyz","b":"XY"}`}, []string{`{"a":"xyz","b":"yz"}`}},
		{"a|fieldref|neq: b", []string{`{"a":"x","b":"y"}`}, []string{`{"a":"x","b":"x"}`}},
		{"a|hour|gte: 20", []string{`{"a":"2026-03-01T20:59:00Z"}`, `{"a":"2026-03-01T22:30:00+01:00"}`, `{"a":1772398800}`}, []string{`{"a":"2026-03-01T19:59:00Z"}`, `{"a":"20"}`, `{"a":"x"}`}},
		{"a|minute: [5, 6]", []string{`{"a":"2026-03-01T20:06:00Z"}`}, []string{`{"a":"2026-03-01T20:07:00Z"}`}},
		{"a|week: 1", []string{`{"a":"2025-12-29T00:00:00Z"}`}, []string{`{"a":"2025-12-28T00:00:00Z"}`}},
		{"a|year|lt: 2026", []string{`{"a":"2025-12-28T00:00:00Z"}`}, []string{`{"a":"2026-12-28T00:00:00Z"}`}},
		{"a|windash|contains: ' -enc'", []string{`{"a":"x /enc y"}`, `{"a":"x –enc"}`, `{"a":"x -ENC"}`}, []string{`{"a":"x enc"}`}},
		{"a|base64: foobar", []string{`{"a":"Zm9vYmFy"}`}, []string{`{"a":"foobar"}`}},
		{"a|base64offset|contains: 'http://'", []string{`{"a":"xxaHR0cDovL3"}`, `{"a":"h0dHA6Ly"}`, `{"a":"odHRwOi8v"}`}, []string{`{"a":"http://"}`}},
		{"a|wide|base64: cmd", []string{`{"a":"YwBtAGQA"}`}, []string{`{"a":"cmd"}`}},
		{"a|utf16be|base64: cmd", []string{`{"a":"AGMAbQBk"}`}, []string{`{"a":"YwBtAGQA"}`}},
		{"a|utf16|base64: cmd", []string{`{"a":"//5jAG0AZAA="}`}, []string{`{"a":"YwBtAGQA"}`}},
	}
	for _, test := range tests {
		s := compileText(t, File{"r.yml", []byte(ruleWith("s:\n  " + test.entry + "\ncondition: s"))})
		for want, texts := range map[bool][]string{true: test.yes, false: test.no} {
			for _, text := range texts {
				if got := len(hitsOf(t, s, "aws.cloudtrail", text)) == 1; got != want {
					t.Errorf("%s over %s: got %v, want %v", test.entry, text, got, want)
				}
			}
		}
	}
}

// TestConditions holds conditions over searches against records that meet those that are named by a letter.
func TestConditions(t *testing.T) {
	tests := []struct{ condition, yes, no string }{
		{"a", "a ab", "b"},
		{"a and b", "ab", "a b"},
		{"a or b and c", "a bc ac", "b c"},
		{"(a or b) and c", "ac bc", "a c ab"},
		{"(a or b)and(c)", "ac bc", "a c ab"},
		{"not a", "b", "a"},
		{"not a and b", "b", "ab a"},
		{"a and not (b or c)", "a", "ab ac c"},
		{"not not a", "a", "b"},
		{"1 of them", "a b", "d x"},
		{"any of them", "a b", "d x"},
		{"all of them", "abc", "ab abd"},
		{"1 of sel_*", "y", "a"},
		{"all of _*", "dyz", "yz"},
		{"a and not 1 of sel_*", "a ab", "ay az"},
		{"not 1 of sel_* and a", "a", "ay"},
		{"a AND NOT b", "a", "ab"},
		{"[a and b, c]", "ab c", "a b"},
	}
	for _, test := range tests {
		s := compileText(t, File{"r.yml", []byte(conditionOver(test.condition))})
		for want, list := range map[bool]string{true: test.yes, false: test.no} {
			for _, x := range strings.Fields(list) {
				if got := len(hitsOf(t, s, "aws.cloudtrail", `{"x":"`+x+`"}`)) == 1; got != want {
					t.Errorf("%s over %s: got %v, want %v", test.condition, x, got, want)
				}
			}
		}
	}
}

func conditionOver(condition string) string {
	return ruleWith("a: {x|contains: a}\nb: {x|contains: b}\nc: {x|contains: c}\n_d: {x|contains: d}\n_sel_y: {x|contains: y}\n" +
		"_sel_z: {x|contains: z}\ncondition: " + strings.ReplaceAll(condition, "sel_*", "_sel_*"))
}

// TestRefused: what cannot be run is refused by name, with its line.
func TestRefused(t *testing.T) {
	tests := map[string]struct{ detection, want string }{
		"unknown modifier":     {"s:\n  a|near: x\ncondition: s", "r.yml:6: Test: a|near: modifier near is not supported"},
		"two places":           {"s: {a|contains|endswith: x}\ncondition: s", "r.yml:5: Test: a|contains|endswith: modifiers contains and endswith exclude each other"},
		"look-around":          {"s: {a|re: '(?=x)'}\ncondition: s", "r.yml:5: Test: a|re: regular expression is not one that is supported (RE2: without look-around and back references): error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
		"bytes in text":        {"s: {a|wide: x}\ncondition: s", "r.yml:5: Test: a|wide: modifier wide needs base64 or base64offset behind it: records are text"},
		"encoded wildcard":     {"s: {a|base64: 'x*'}\ncondition: s", "r.yml:5: Test: a|base64: a value with wildcards cannot be encoded"},
		"no network":           {"s: {a|cidr: 10.*}\ncondition: s", "r.yml:5: Test: a|cidr: want a network such as 192.0.2.0/24 or 2001:db8::/32"},
		"no number":            {"s: {a|gt: x}\ncondition: s", "r.yml:5: Test: a|gt: want a number"},
		"exists what":          {"s: {a|exists: 7}\ncondition: s", "r.yml:5: Test: a|exists: want a field and true or false"},
		"placeholder":          {"s: {a|expand: '%Office%'}\ncondition: s", "r.yml:5: Test: a|expand: placeholder %Office% has no values in lists.yml"},
		"no values":            {"s: {a: []}\ncondition: s", "r.yml:5: Test: a: has no values"},
		"map as value":         {"s: {a: {b: c}}\ncondition: s", "r.yml:5: Test: a: want values, got a map"},
		"empty search":         {"s: {}\ncondition: s", "r.yml:5: Test: s: is empty"},
		"unknown search":       {"s: {a: b}\ncondition: t", "r.yml:6: Test: condition: there is no search identifier t"},
		"nothing of a pattern": {"s: {a: b}\ncondition: 1 of t*", "r.yml:6: Test: condition: 1 of t*: no search identifier is called so"},
		"open parenthesis":     {"s: {a: b}\ncondition: (s", "r.yml:6: Test: condition: a parenthesis is not closed"},
		"cut short":            {"s: {a: b}\ncondition: s and", "r.yml:6: Test: condition: ends where a search identifier should stand"},
		"two of":               {"s: {a: b}\ncondition: 2 of s*", "r.yml:6: Test: condition: 2 of: want 1 of or all of"},
		"old count": {"s: {a: b}\ntimeframe: 10m\ncondition: s | count(x) by y > 5", "r.yml:7: Test: condition: aggregation behind | ended with Sigma 2.0; " +
			`keep "condition: s", give the rule a name and write a correlation: {type: value_count, rules: [that name], group-by: [y], timespan: 10m, condition: {field: x, gt: 5}}`},
		"old near": {"s: {a: b}\nt: {a: c}\ntimeframe: 10m\ncondition: s | near t", "r.yml:8: Test: condition: aggregation behind | ended with Sigma 2.0; " +
			"write a rule for each search and a correlation: {type: temporal, rules: [s, t], timespan: 10m}"},
		"old timeframe": {"s: {a: b}\nt: {a: c}\ntimeframe: 10m\ncondition: s and t", "r.yml:7: Test: timeframe: ended with Sigma 2.0, a rule looks at one record; " +
			"write a rule for each search and a correlation: {type: temporal, rules: [their names], timespan: 10m}"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := Compile(Parse([]File{{"r.yml", []byte(ruleWith(test.detection))}}))
			if len(s.Problems) != 1 || s.Problems[0].String() != test.want {
				t.Errorf("got %v, want %s", s.Problems, test.want)
			}
		})
	}
}
