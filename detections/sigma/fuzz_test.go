package sigma_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/detections/sigma"
	"github.com/idwatch/idwatch/detections/sigma/oracletest"
)

// chaos makes rules and records at random.
type chaos struct{ *rand.Rand }

func (c chaos) oneOf(texts ...string) string { return texts[c.IntN(len(texts))] }

// fieldNames are few, so that rules and records meet.
func (c chaos) field() string {
	return c.oneOf("a", "b", "A", "a.b", "a.b.c", "c.d", "c.D", "t", "e f", "ü")
}

// text is a short text with all that patterns make something of.
func (c chaos) text() string {
	var b strings.Builder
	for range c.IntN(5) {
		b.WriteString(c.oneOf("a", "b", "A", "é", "É", "ß", "K", "K", "*", "?", `\`, `\*`, `\\`, "-", "/", "–", "%", "1", ".", " ", `"`, "{", "[", "ſ", "s", "😀"))
	}
	return b.String()
}

func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// entry is one line of a selection, in YAML.
func (c chaos) entry() string {
	field := c.field()
	switch c.IntN(12) {
	case 0:
		return fmt.Sprintf("%s|exists: %v", field, c.IntN(2) == 0)
	case 1:
		return fmt.Sprintf("%s|%s: %s", field, c.oneOf("lt", "lte", "gt", "gte", "gte|neq"), c.oneOf("0", "5", "-1", "1.5", "1e3"))
	case 2:
		return fmt.Sprintf("t|%s: %s", c.oneOf("minute", "hour", "day", "week", "month", "year", "hour|gte", "hour|lt", "month|neq"), c.oneOf("1", "10", "20", "23", "2026"))
	case 3:
		return fmt.Sprintf("%s|cidr: %s", field, c.oneOf("10.0.0.0/8", "'2001:db8::/32'", "192.0.2.0/24", "[10.1.0.0/16, 10.2.0.0/16]"))
	case 4:
		return fmt.Sprintf("%s|%s: %s", field, c.oneOf("re", "re|i", "re|m", "re|s", "re|i|s", "re|neq"), c.oneOf("'^a'", "'a.b'", "'[a-c]+$'", "'(?:x|é)+'", "'a{2}'", `'\d'`, "''"))
	case 5:
		return fmt.Sprintf("%s|%s: %s", field, c.oneOf("fieldref", "fieldref|neq", "fieldref|contains", "fieldref|startswith", "fieldref|endswith", "fieldref|cased"), quote(c.field()))
	case 6:
		return fmt.Sprintf("%s|%s: %s", field, c.oneOf("base64", "base64offset|contains", "wide|base64", "utf16be|base64offset|contains", "utf16|base64"), c.oneOf("abc", "'é a'", "x", "foobar"))
	case 7:
		return fmt.Sprintf("%s|%s: %s", field, c.oneOf("expand", "contains|expand", "expand|startswith"), c.oneOf("'%name%'", "'a%servers%b'", `'\%%name%'`, "'%servers%%name%'"))
	}
	mods := c.oneOf("", "", "", "|contains", "|startswith", "|endswith", "|cased", "|contains|cased", "|windash", "|contains|windash", "|neq", "|contains|neq", "|startswith|cased")
	if c.IntN(3) > 0 {
		return field + mods + ": " + c.value(mods)
	}
	if c.IntN(3) == 0 {
		mods += "|all"
	}
	values := []string{c.value(mods + "x"), c.value(mods + "x"), c.value(mods + "x"), c.value(mods + "x"), c.value(mods + "x"), c.value(mods + "x")}
	return field + mods + ": [" + strings.Join(values[:1+c.IntN(6)], ", ") + "]"
}

// value is one value in YAML; with modifiers it is a text.
func (c chaos) value(mods string) string {
	if mods == "" || mods == "x" || mods == "|neq" {
		switch c.IntN(8) {
		case 0:
			return c.oneOf("0", "5", "-1", "1.5", "1000", "50126")
		case 1:
			return c.oneOf("true", "false", "'true'", "'False'")
		case 2:
			return "null"
		}
	}
	return quote(c.text())
}

// search is what stands under an identifier: a map, a list of maps, or keywords.
func (c chaos) search() string {
	switch c.IntN(6) {
	case 0:
		return "[" + quote(c.text()+"a") + ", " + quote(c.text()+"b") + "]"
	case 1:
		return "{'|all': [" + quote(c.text()+"a") + ", " + quote(c.text()+"b") + "]}"
	case 2:
		return "\n    - " + c.entry() + "\n    - " + c.entry()
	}
	lines := []string{c.entry()}
	for range c.IntN(3) {
		more := c.entry()
		key, _, _ := strings.Cut(more, ":")
		used := false
		for _, l := range lines {
			have, _, _ := strings.Cut(l, ":")
			used = used || have == key
		}
		if !used {
			lines = append(lines, more)
		}
	}
	return "\n    " + strings.Join(lines, "\n    ")
}

// condition nests up to a depth.
func (c chaos) condition(ids []string, depth int) string {
	if depth == 0 || c.IntN(3) == 0 {
		if c.IntN(4) == 0 {
			return c.oneOf("1 of them", "all of them", "any of them", "1 of s*", "all of s*", "1 of *1", "all of s_*")
		}
		return ids[c.IntN(len(ids))]
	}
	a, b := c.condition(ids, depth-1), c.condition(ids, depth-1)
	return c.oneOf(a+" and "+b, a+" or "+b, "not "+a, "("+a+")", "not ("+a+" or "+b+")", "("+a+" and "+b+")", a+" and not "+b)
}

func (c chaos) rule() string {
	ids := []string{"s1", "s_2", "f1", "_g"}[:1+c.IntN(4)]
	var b strings.Builder
	b.WriteString("title: Random\nid: random\nlogsource: {product: okta, service: okta}\ndetection:\n")
	for _, id := range ids {
		b.WriteString("  " + id + ": " + c.search() + "\n")
	}
	if c.IntN(5) == 0 {
		fmt.Fprintf(&b, "  condition: ['%s', '%s']\n", c.condition(ids, 1), c.condition(ids, 1))
	} else {
		b.WriteString("  condition: '" + c.condition(ids, 3) + "'\n")
	}
	return b.String()
}

// json is a random value.
func (c chaos) json(depth int) string {
	if depth > 0 {
		switch c.IntN(4) {
		case 0:
			var all []string
			for range c.IntN(3) {
				all = append(all, c.json(depth-1))
			}
			return "[" + strings.Join(all, ", ") + "]"
		case 1:
			return c.object(depth - 1)
		}
	}
	switch c.IntN(8) {
	case 0:
		return c.oneOf("0", "5", "-1", "1.5", "1.50", "1e3", "50126", "5.0")
	case 1:
		return c.oneOf("true", "false", "null")
	case 2:
		return strconv.Quote(c.oneOf("10.1.2.3", "2001:db8::7", "192.0.2.9", "value", "srv1", "YWJj", "5", "1.5", "x YWJj x", "::ffff:10.1.2.3"))
	case 3:
		return strconv.Quote(c.oneOf("2026-10-01T20:10:00Z", "2026-01-23T23:01:00.123Z", "2026-02-01T10:20:00+02:00"))
	}
	return jsonText(c.text())
}

// jsonText quotes as JSON does.
func jsonText(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

func (c chaos) object(depth int) string {
	var members []string
	used := map[string]bool{}
	for range c.IntN(5) {
		key := c.oneOf("a", "b", "A", "B", "c", "d", "D", "a.b", "t", "e f", "ü", "Ü", "c.d")
		if folded := strings.ToLower(key); !used[key] && (!used[folded] || c.IntN(4) == 0) {
			used[key], used[folded] = true, true
			members = append(members, jsonText(key)+": "+c.json(depth))
		}
	}
	return "{" + strings.Join(members, ", ") + "}"
}

// together is how many rules are compiled at once.
const together = 16

// checkRandomRules holds compiled random rules against the slow reading over records at random, and such as are made for them. It returns how
// many of them are in force.
func checkRandomRules(t testing.TB, seed uint64) int {
	t.Helper()
	c := chaos{rand.New(rand.NewPCG(seed, 5))}
	files := []sigma.File{listsFile()}
	for i := range together {
		id := fmt.Sprintf("random%d", i)
		files = append(files, sigma.File{Name: id, Text: []byte(strings.Replace(c.rule(), "id: random", "id: "+id, 1))})
	}
	b := newBoth(t, files...)
	records := [][]byte{[]byte("{}")}
	for _, r := range b.set.Rules {
		g, err := oracletest.NewGenerator(b.slow[r.Doc.ID], "{}", seed)
		if err != nil {
			t.Fatal(err)
		}
		if record, ok := g.Matching(); ok {
			near := g.Near(record)
			c.Shuffle(len(near), func(i, j int) { near[i], near[j] = near[j], near[i] })
			records = append(append(records, record), near[:min(len(near), 12)]...)
		}
	}
	for range 40 {
		records = append(records, []byte(c.object(3)))
	}
	for _, record := range records {
		if b.compare(t, "okta.system", record); t.Failed() {
			var all strings.Builder
			for _, f := range files {
				all.Write(f.Text)
			}
			t.Fatalf("seed %d\n%s", seed, all.String())
		}
	}
	return len(b.set.Rules)
}

func TestRandomRulesAgainstOracle(t *testing.T) {
	inForce := 0
	for seed := range uint64(30) {
		inForce += checkRandomRules(t, seed)
	}
	if inForce < 30*together/2 {
		t.Errorf("got %d rules of %d in force, want half of them at least", inForce, 30*together)
	}
}

func FuzzRules(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { checkRandomRules(t, seed) })
}
