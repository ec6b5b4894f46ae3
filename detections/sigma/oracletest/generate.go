package oracletest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// Generator makes records for a rule: such as meet it, and such as nearly do.
type Generator struct {
	*rand.Rand
	// Aliased puts values where aliases say that records have them, not under the rule's own names.
	Aliased bool

	rule *Rule
	base object // what each record begins with
}

// NewGenerator makes records for a rule. base is a JSON object with what every record of the source has.
func NewGenerator(rule *Rule, base string, seed uint64) (*Generator, error) {
	v, err := decode([]byte(base))
	if err != nil {
		return nil, err
	}
	o, ok := v.(object)
	if !ok {
		return nil, fmt.Errorf("want an object")
	}
	return &Generator{Rand: rand.New(rand.NewPCG(seed, 3)), rule: rule, base: o}, nil
}

// tries is how many choices of search identifiers are tried for a record that meets the rule.
const tries = 300

// Matching makes a record that meets the rule; ok is false when none was found.
func (g *Generator) Matching() (record []byte, ok bool) {
	for try := range tries {
		var chosen []string
		for i, name := range g.rule.names {
			if try < len(g.rule.names) && try == i || try >= len(g.rule.names) && g.IntN(2) == 0 {
				chosen = append(chosen, name)
			}
		}
		o := g.satisfying(chosen)
		if g.rule.meets(o) {
			return []byte(compact(o)), true
		}
	}
	return nil, false
}

func (g *Generator) satisfying(names []string) object {
	o := clone(g.base).(object)
	detection, _ := at(g.rule.document, "detection").(yaml.MapSlice)
	for _, name := range names {
		o = g.satisfy(o, at(detection, name))
	}
	return o
}

func clone(v any) any {
	switch v := v.(type) {
	case object:
		c := object{}
		for _, m := range v {
			c = append(c, member{m.key, clone(m.value)})
		}
		return c
	case []any:
		c := []any{}
		for _, e := range v {
			c = append(c, clone(e))
		}
		return c
	}
	return v
}

// satisfy adds to a record what meets one search.
func (g *Generator) satisfy(o object, search any) object {
	switch s := search.(type) {
	case yaml.MapSlice:
		for _, m := range s {
			o = g.satisfyItem(o, fmt.Sprint(m.Key), m.Value)
		}
		return o
	case []any:
		if len(s) > 0 {
			return g.satisfy(o, s[g.IntN(len(s))])
		}
		return o
	}
	return g.satisfyItem(o, "", search)
}

func (g *Generator) satisfyItem(o object, key string, value any) object {
	i, err := g.rule.parseItem(key, value)
	if err != nil {
		return o
	}
	values, isList := value.([]any)
	if !isList {
		values = []any{value}
	}
	if !i.has("all") {
		values = []any{values[g.IntN(len(values))]}
	}
	path := strings.Split(i.field, ".")
	if i.field == "" {
		path = []string{"note"}
	}
	if i.has("fieldref") {
		name := fmt.Sprint(values[0])
		same := "same" + fmt.Sprint(g.IntN(100))
		return g.put(g.put(o, path, same), strings.Split(name, "."), same)
	}
	var all []string
	for _, v := range values {
		sample := g.sample(i, v)
		if i.has("neq") {
			sample = "other" + fmt.Sprint(g.IntN(100))
		}
		text, isText := sample.(string)
		if len(values) == 1 || !isText {
			return g.putAliased(o, i.field, path, sample)
		}
		all = append(all, text)
	}
	return g.putAliased(o, i.field, path, strings.Join(all, " "))
}

// absent says that a field is not to be there.
type absent struct{}

// put sets a value. Where there is another one already, an array holds both.
func (g *Generator) put(o object, path []string, v any) object {
	if _, none := v.(absent); none {
		return o
	}
	key := path[0]
	at := slices.IndexFunc(o, func(m member) bool { return m.key == key })
	if at < 0 {
		o = append(o, member{key, nil})
		at = len(o) - 1
		if len(path) > 1 {
			o[at].value = g.put(object{}, path[1:], v)
		} else {
			o[at].value = v
		}
		return o
	}
	have := o[at].value
	if inner, ok := have.(object); ok && len(path) > 1 {
		o[at].value = g.put(inner, path[1:], v)
		return o
	}
	if len(path) > 1 {
		v = g.put(object{}, path[1:], v)
	}
	if g.IntN(4) == 0 || isBase(g.base, key) {
		o[at].value = v
		return o
	}
	if list, ok := have.([]any); ok {
		o[at].value = append(list, v)
	} else {
		o[at].value = []any{have, v}
	}
	return o
}

func isBase(base object, key string) bool {
	return slices.ContainsFunc(base, func(m member) bool { return m.key == key })
}

// sample makes a value that meets one value of an item.
func (g *Generator) sample(i *item, value any) any {
	limit, isNumber := numberOf(value)
	for _, mod := range i.mods {
		switch {
		case mod == "exists":
			if value == true {
				return []any{nil, "", "there", json.Number("0")}[g.IntN(4)]
			}
			return absent{}
		case mod == "cidr":
			network, _ := netip.ParsePrefix(fmt.Sprint(value))
			return network.Addr().Next().String()
		case mod == "re":
			return g.sampleExpression(fmt.Sprint(value))
		case units[mod] != nil:
			return g.sampleMoment(mod, int(limit))
		case compares[mod] != nil && isNumber:
			return g.numberLike(limit + []float64{-1, 0, 1, 1000, -1000}[g.IntN(5)])
		}
	}
	return g.sampleText(i, value)
}

// sampleMoment is a date near one of which the unit has the value.
func (g *Generator) sampleMoment(unit string, n int) string { return momentOf(unit, n+g.IntN(3)-1) }

func momentOf(unit string, n int) string {
	year, month, day, hour, minute := 2026, 3, 4, 10, 20
	switch unit {
	case "year":
		year = n
	case "month":
		month = n
	case "week":
		month, day = 1+max(n-1, 0)/5, 1+(n*7)%28
	case "day":
		day = n
	case "hour":
		hour = n
	case "minute":
		minute = n
	}
	return fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:00Z", year, month, day, hour, minute)
}

func (g *Generator) numberLike(n float64) any {
	if g.IntN(2) == 0 {
		return json.Number(ruleText(n))
	}
	return ruleText(n)
}

func (g *Generator) sampleText(i *item, value any) any {
	switch v := value.(type) {
	case nil:
		if g.IntN(2) == 0 {
			return absent{}
		}
		return nil
	case bool:
		if len(i.mods) == 0 && g.IntN(2) == 0 {
			return v
		}
	case uint64, int64, float64:
		if len(i.mods) == 0 && g.IntN(2) == 0 {
			return json.Number(ruleText(v))
		}
	}
	text := ruleText(value)
	if i.has("expand") {
		if all, err := i.rule.expand(text); err == nil {
			text = fmt.Sprint(all[g.IntN(len(all))])
		}
	}
	if (text == "true" || text == "false") && len(i.mods) == 0 && g.IntN(2) == 0 {
		return text == "true"
	}
	patterns := i.encoded(text)
	return g.samplePattern(i.around(patterns[g.IntN(len(patterns))]), !i.has("cased"))
}

func (g *Generator) samplePattern(p pattern, anyCase bool) string {
	var b strings.Builder
	swap := g.IntN(3) == 0
	for _, s := range p {
		switch {
		case s.kind == run:
			b.WriteString([]string{"", "x", " y-", "ünd/"}[g.IntN(4)])
		case s.kind == one:
			b.WriteRune([]rune("q*?é")[g.IntN(4)])
		case s.kind == dash:
			b.WriteRune([]rune(dashes)[g.IntN(5)])
		case anyCase && swap:
			b.WriteString(strings.ToUpper(string(s.char)))
		default:
			b.WriteRune(s.char)
		}
	}
	return b.String()
}
