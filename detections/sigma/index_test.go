package sigma

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// ownFiles reads the rules of the scenarios.
func ownFiles(t testing.TB) []File {
	t.Helper()
	names, err := filepath.Glob("../../testdata/sigma/scenarios/*/rules/*.yml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	var files []File
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, File{name, text})
	}
	return files
}

// eachEvent calls do for the events of all test records.
func eachEvent(t testing.TB, do func(*ecs.Event)) {
	t.Helper()
	var names []string
	for _, pattern := range []string{"../../testdata/*/*.log", "../../testdata/*scenarios/*/events.ndjson", "../../testdata/sigma/scenarios/*/events.ndjson"} {
		some, _ := filepath.Glob(pattern)
		names = append(names, some...)
	}
	p, err := parsers.New(parsers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			p.Parse(line, eventFunc(do))
		}
	}
}

type eventFunc func(*ecs.Event)

func (do eventFunc) TakeEvent(ev *ecs.Event) { do(ev) }
func (do eventFunc) TakeDead(*parsers.Dead)  {}

// TestIndexLosesNothing: the rules that the index finds are those that hold, each once.
func TestIndexLosesNothing(t *testing.T) {
	s := Compile(Parse(slices.Concat(ownFiles(t), publicFiles(t))))
	m, hits := s.NewMatcher().(*matcher), 0
	eachEvent(t, func(ev *ecs.Event) {
		var a detections.Act
		m.Match(ev, &a)
		if m.scope == nil {
			return
		}
		var want []*detections.Sign
		for i := range m.scope.rules {
			if m.scope.rules[i].test.holds(m) {
				want = append(want, m.scope.rules[i].sign)
			}
		}
		hits += len(want)
		if len(a.Signs) != len(want) || slices.ContainsFunc(want, func(s *detections.Sign) bool { return !slices.Contains(a.Signs, s) }) {
			t.Errorf("got %d rules by the index, want %d", len(a.Signs), len(want))
		}
	})
	if hits == 0 {
		t.Error("nothing was met")
	}
}

// TestNoAllocation: a record without a hit costs no memory.
func TestNoAllocation(t *testing.T) {
	files := ownFiles(t)
	for i, more := range []string{"{userAgent|contains: nothing-has-this}", "{source.ip|startswith: 'x'}", "{a.b.c|re: 'never[0-9]'}", "[nowhere-at-all, 'no*where']"} {
		text := "title: More\nid: more-" + strconv.Itoa(i) + "\nlogsource: {product: ecs}\ndetection:\n  s: " + more + "\n  condition: s\n"
		files = append(files, File{"more.yml", []byte(text)})
	}
	s := compileText(t, files...)
	m := s.NewMatcher()
	var a detections.Act
	clean := 0
	eachEvent(t, func(ev *ecs.Event) {
		m.Match(ev, &a) // buffers grow
		if len(a.Signs) > 0 {
			a = detections.Act{}
			return
		}
		clean++
		if n := testing.AllocsPerRun(3, func() { m.Match(ev, &a) }); n > 0 {
			t.Errorf("%v allocations for a record of %s", n, ev.Dataset)
		}
	})
	if clean < 100 {
		t.Errorf("got %d records without a hit", clean)
	}
}

// FuzzCompile: whatever a file holds, it is compiled or refused, with lines that it has.
func FuzzCompile(f *testing.F) {
	f.Add(smallRule, `{"eventName":"CreateAccessKey"}`)
	f.Add(ruleWith("s:\n  a|windash|contains|all: ['*-x?', '\\*']\n  b.c|cidr: 10.0.0.0/8\n  d|re|i: '^x'\n  '|all': [k, l]\ncondition: s or not 1 of s*"), `{"a":"-xy","b":[{"c":"10.1.1.1"}],"d":null}`)
	f.Add("a: [b\n---\n"+ruleWith("s: {a|hour|gte: 5, b|fieldref: c, d|base64offset|contains: x}\ncondition: all of them"), `{"a":1}`)
	f.Fuzz(func(t *testing.T, rules, text string) {
		lines := bytes.Count([]byte(rules), []byte("\n")) + 1
		s := Compile(Parse([]File{{"r.yml", []byte(rules)}}))
		for _, p := range s.Problems {
			if p.Line < 1 || p.Line > lines+1 {
				t.Errorf("%s: there are %d lines", p, lines)
			}
		}
		var k keeper
		p, _ := parsers.New(parsers.Options{Source: "cloudtrail"})
		p.Parse([]byte(text), &k)
		for _, ev := range k.events {
			s.NewMatcher().Match(ev, &detections.Act{})
		}
	})
}
