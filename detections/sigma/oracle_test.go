package sigma_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/detections/sigma"
	"github.com/idwatch/idwatch/detections/sigma/oracletest"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// shared is where rules and records of others may stand, which are no part of this repository.
func shared(t testing.TB, path string) string {
	t.Helper()
	for _, up := range []string{"../../..", "../../../.."} {
		if _, err := os.Stat(filepath.Join(up, "shared", path)); err == nil {
			return filepath.Join(up, "shared", path)
		}
	}
	t.Skip("shared/" + path + " is not there")
	return ""
}

// both holds records against compiled rules and against the slow reading of the same rules.
type both struct {
	set     *sigma.Set
	matcher detections.Matcher
	slow    map[string]*oracletest.Rule // by id, of the rules in force
	record  record.Record
}

func newBoth(t testing.TB, files ...sigma.File) *both {
	t.Helper()
	b := &both{set: sigma.Compile(sigma.Parse(files)), slow: map[string]*oracletest.Rule{}}
	b.matcher = b.set.NewMatcher()
	places := builtinPlaces(t)
	for _, r := range b.set.Rules {
		file := files[slices.IndexFunc(files, func(f sigma.File) bool { return f.Name == r.Doc.File })]
		documents, err := oracletest.Documents(file.Text)
		if err != nil {
			t.Fatal(file.Name, err)
		}
		slow := &oracletest.Rule{Placeholders: lists, Places: places}
		if err := slow.Parse(documents[r.Doc.Number-1]); err != nil {
			t.Fatal(file.Name, err)
		}
		b.slow[r.Doc.ID] = slow
	}
	return b
}

// builtinPlaces are the aliases that are built in, read as the oracle does.
func builtinPlaces(t testing.TB) *oracletest.Places {
	t.Helper()
	if places, ok := readPlaces.Load().(*oracletest.Places); ok {
		return places
	}
	text, err := os.ReadFile("places.yml")
	if err != nil {
		t.Fatal(err)
	}
	places, err := oracletest.ParsePlaces(text)
	if err != nil {
		t.Fatal(err)
	}
	readPlaces.Store(places)
	return places
}

var readPlaces atomic.Value

// fast lists the rules that a record meets, as they are compiled.
func (b *both) fast(t testing.TB, dataset string, text []byte) []string {
	t.Helper()
	if err := b.record.Parse(text); err != nil {
		t.Fatal(err)
	}
	var a detections.Act
	b.matcher.Match(&ecs.Event{Dataset: dataset, Record: &b.record}, &a)
	var ids []string
	for _, s := range a.Signs {
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	return ids
}

// slowly lists the rules of a dataset that a record meets, as they are read slowly.
func (b *both) slowly(t testing.TB, dataset string, text []byte) []string {
	t.Helper()
	var ids []string
	for _, r := range b.set.Rules {
		if !slices.Contains(r.Datasets, dataset) {
			continue
		}
		met, err := b.slow[r.Doc.ID].Match(text)
		if err != nil {
			t.Fatal(err)
		}
		if met {
			ids = append(ids, r.Doc.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// compare reports in which rules the two differ about a record, and returns those that it meets.
func (b *both) compare(t testing.TB, dataset string, text []byte) []string {
	t.Helper()
	fast, slow := b.fast(t, dataset, text), b.slowly(t, dataset, text)
	for _, id := range fast {
		if !slices.Contains(slow, id) {
			t.Errorf("%s is met when compiled, not when read slowly:\n%s", id, cut(text))
		}
	}
	for _, id := range slow {
		if !slices.Contains(fast, id) {
			t.Errorf("%s is met when read slowly, not when compiled:\n%s", id, cut(text))
		}
	}
	return slow
}

func cut(text []byte) []byte { return text[:min(len(text), 1500)] }

// TestExamplesCompiled holds the compiled rules against the specification's examples.
func TestExamplesCompiled(t *testing.T) {
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			b := newBoth(t, sigma.File{Name: "rule.yml", Text: []byte(e.rule())}, listsFile())
			if len(b.set.Rules) != 1 {
				t.Fatal(b.set.Problems)
			}
			for want, records := range map[bool][]string{true: e.yes, false: e.no} {
				for _, text := range records {
					if got := len(b.fast(t, "okta.system", []byte(text))) == 1; got != want {
						t.Errorf("%s: got %v, want %v", text, got, want)
					}
				}
			}
		})
	}
}

// listsFile has the placeholders' values of lists in a user's form.
func listsFile() sigma.File {
	var b strings.Builder
	for name, values := range lists {
		fmt.Fprintf(&b, "%s: ['%s']\n", name, strings.Join(values, "', '"))
	}
	return sigma.File{Name: "lists.yml", Text: []byte(b.String())}
}

// publicFiles are Sigma's public rules.
func publicFiles(t testing.TB) []sigma.File {
	t.Helper()
	dir := shared(t, "sigma-rules")
	var files []sigma.File
	for _, pattern := range []string{"rules*/*/*.yml", "rules*/*/*/*.yml", "rules*/*/*/*/*.yml"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, sigma.File{Name: filepath.Base(path), Text: text})
		}
	}
	return files
}

// TestPublicRulesAgainstOracle makes records that meet each public rule, and such as nearly do, and compares both readings of all rules.
func TestPublicRulesAgainstOracle(t *testing.T) {
	b := newBoth(t, append(publicFiles(t), listsFile())...)
	met, records := 0, 0
	for _, r := range b.set.Rules {
		g, err := oracletest.NewGenerator(b.slow[r.Doc.ID], "{}", uint64(len(r.Doc.ID)+met))
		if err != nil {
			t.Fatal(err)
		}
		dataset := r.Datasets[0]
		text, ok := g.Matching()
		if !ok {
			t.Errorf("%s: no record was found that meets it", r.Doc.Title)
			continue
		}
		if !slices.Contains(b.compare(t, dataset, text), r.Doc.ID) {
			t.Errorf("%s does not meet %s", cut(text), r.Doc.Title)
		}
		met++
		missed := false
		for _, near := range append(g.Near(text), []byte("{}")) {
			missed = !slices.Contains(b.compare(t, dataset, near), r.Doc.ID) || missed
			records++
		}
		if !missed {
			t.Errorf("%s: no record was found that does not meet it", r.Doc.Title)
		}
		if t.Failed() {
			return // one rule is enough to look at
		}
	}
	t.Logf("%d rules, %d records beside those that meet them", met, records)
}

// TestAliasedRecordsAgainstOracle makes records that have what the public rules look for where aliases say, and compares both readings.
func TestAliasedRecordsAgainstOracle(t *testing.T) {
	b := newBoth(t, append(publicFiles(t), listsFile())...)
	asked, met := 0, 0
	for n, r := range b.set.Rules {
		if r.Doc.Source.Product != "azure" {
			continue
		}
		g, err := oracletest.NewGenerator(b.slow[r.Doc.ID], "{}", uint64(n))
		if err != nil {
			t.Fatal(err)
		}
		g.Aliased = true
		asked++
		text, ok := g.Matching()
		if !ok {
			t.Logf("%s: no record was found that meets it", r.Doc.Title)
			continue
		}
		met++
		for _, near := range append(g.Near(text), text) {
			if b.compare(t, r.Datasets[0], near); t.Failed() {
				t.Fatalf("%s", r.Doc.Title)
			}
		}
	}
	if met < asked*9/10 {
		t.Errorf("got records that meet %d of %d rules, want nine of ten", met, asked)
	}
}

// TestRealRecordsAgainstOracle compares both readings over real records and keeps the hits of each rule.
func TestRealRecordsAgainstOracle(t *testing.T) {
	if testing.Short() {
		t.Skip("takes its time")
	}
	b := newBoth(t, append(publicFiles(t), listsFile())...)
	hits := map[string]map[string]int{}
	var sets []string
	for _, set := range []string{"stratus", "invictus"} {
		for _, text := range realRecords(t, shared(t, "real/"+set)) {
			for _, id := range b.compare(t, "aws.cloudtrail", text) {
				if hits[id] == nil {
					hits[id] = map[string]int{}
				}
				hits[id][set]++
			}
		}
		sets = append(sets, set)
	}
	got := []byte(hitsTable(b.set, sets, hits))
	const path = "../../docs/sigma-hits.md"
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s differs (%v); -update writes it again; got:\n%s", path, err, got)
	}
}
