package oracletest

import (
	"fmt"
	"slices"
	"strings"
)

// condition is what a rule's condition asks of its search identifiers.
type condition func(met func(id string) bool) bool

// parseCondition reads one condition by recursive descent: or, and, not, x of, parentheses.
func parseCondition(text string, ids []string) (condition, error) {
	text = strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text)
	p := &conditionParser{words: strings.Fields(text), ids: ids}
	c, err := p.or()
	if err == nil && len(p.words) > 0 {
		err = fmt.Errorf("condition: %q is left over", p.words[0])
	}
	return c, err
}

type conditionParser struct{ words, ids []string }

func (p *conditionParser) take(word string) bool {
	if len(p.words) == 0 || !strings.EqualFold(p.words[0], word) {
		return false
	}
	p.words = p.words[1:]
	return true
}

func (p *conditionParser) or() (condition, error) {
	a, err := p.and()
	for err == nil && p.take("or") {
		left := a
		var right condition
		right, err = p.and()
		a = func(met func(string) bool) bool { return left(met) || right(met) }
	}
	return a, err
}

func (p *conditionParser) and() (condition, error) {
	a, err := p.not()
	for err == nil && p.take("and") {
		left := a
		var right condition
		right, err = p.not()
		a = func(met func(string) bool) bool { return left(met) && right(met) }
	}
	return a, err
}

func (p *conditionParser) not() (condition, error) {
	if p.take("not") {
		a, err := p.not()
		return func(met func(string) bool) bool { return !a(met) }, err
	}
	return p.atom()
}

func (p *conditionParser) atom() (condition, error) {
	if p.take("(") {
		a, err := p.or()
		if err == nil && !p.take(")") {
			err = fmt.Errorf("condition: a parenthesis is not closed")
		}
		return a, err
	}
	if len(p.words) == 0 {
		return nil, fmt.Errorf("condition: ends too early")
	}
	if len(p.words) > 2 && strings.EqualFold(p.words[1], "of") {
		return p.of()
	}
	id := p.words[0]
	if !slices.Contains(p.ids, id) {
		return nil, fmt.Errorf("condition: there is no %q", id)
	}
	p.words = p.words[1:]
	return func(met func(string) bool) bool { return met(id) }, nil
}

// of reads "1 of …", "any of …" and "all of …".
func (p *conditionParser) of() (condition, error) {
	all := strings.EqualFold(p.words[0], "all")
	if !all && p.words[0] != "1" && !strings.EqualFold(p.words[0], "any") {
		return nil, fmt.Errorf("condition: %q of", p.words[0])
	}
	which := p.words[2]
	p.words = p.words[3:]
	var ids []string
	for _, id := range p.ids {
		if which == "them" && !strings.HasPrefix(id, "_") || which != "them" && globbed(which, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("condition: nothing is meant by %q", which)
	}
	if all {
		return func(met func(string) bool) bool {
			return !slices.ContainsFunc(ids, func(id string) bool { return !met(id) })
		}, nil
	}
	return func(met func(string) bool) bool { return slices.ContainsFunc(ids, met) }, nil
}

// globbed: * is the only wildcard in the names of search identifiers.
func globbed(glob, id string) bool {
	var p pattern
	for _, c := range glob {
		if c == '*' {
			p = append(p, sign{kind: run})
		} else {
			p = append(p, sign{plain, c})
		}
	}
	return p.match(id, true)
}
