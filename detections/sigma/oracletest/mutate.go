package oracletest

import (
	"encoding/json"
	"regexp/syntax"
	"strings"
)

// Near makes records that differ from one in one place each: a member left out, another value, another case, wrapped in an array.
func (g *Generator) Near(record []byte) [][]byte {
	v, err := decode(record)
	if err != nil {
		return nil
	}
	var all [][]byte
	g.each(v, func() { all = append(all, []byte(compact(v))) })
	return all
}

// each changes one place after the other in v, tells of it, and takes it back.
func (g *Generator) each(v any, changed func()) {
	switch v := v.(type) {
	case object:
		for i := range v {
			m := v[i]
			if g.fixed(m.key) {
				continue
			}
			v[i].key = m.key + "_"
			changed()
			if upper := strings.ToUpper(m.key); first(v, upper) == nil { // equal keys are for the parsers to settle
				v[i].key = upper
				changed()
			}
			v[i] = m
			g.changeValue(&v[i].value, changed)
		}
	case []any:
		for i := range v {
			g.changeValue(&v[i], changed)
		}
	}
}

func (g *Generator) changeValue(at *any, changed func()) {
	had := *at
	others := []any{nil, "", []any{had}, []any{}, object{{"inner", had}}}
	switch had := had.(type) {
	case string:
		others = append(others, had+"~", "~"+had, strings.ToUpper(had), strings.Trim(had, "x "), json.Number("7"))
		if r := []rune(had); len(r) > 1 {
			others = append(others, string(r[1:]), string(r[:len(r)-1]))
		}
	case json.Number:
		others = append(others, had.String(), json.Number("99"), json.Number("-1"))
	case bool:
		others = append(others, !had, textOf(had), textOf(!had))
	}
	for _, other := range others {
		*at = other
		changed()
	}
	*at = had
	g.each(had, changed)
}

// fixed are the members without which a record is none of its source.
func (g *Generator) fixed(key string) bool { return isBase(g.base, key) }

// sampleExpression makes a text in which a regular expression is found.
func (g *Generator) sampleExpression(text string) string {
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	g.writeExpression(&b, re)
	return b.String()
}

func (g *Generator) writeExpression(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(re.Rune[2*g.IntN(len(re.Rune)/2)])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('k')
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			g.writeExpression(b, sub)
		}
	case syntax.OpAlternate:
		g.writeExpression(b, re.Sub[g.IntN(len(re.Sub))])
	case syntax.OpStar, syntax.OpQuest:
		if g.IntN(2) == 0 {
			g.writeExpression(b, re.Sub[0])
		}
	case syntax.OpPlus:
		g.writeExpression(b, re.Sub[0])
	case syntax.OpRepeat:
		for range re.Min {
			g.writeExpression(b, re.Sub[0])
		}
	}
}
